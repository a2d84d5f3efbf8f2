package main

import (
	"bytes"
	"io"
	"log"
	"strconv"
)

// libraryLog takes what libraries write with package log, which they cannot be told to leave: net/http quotes bytes that
// came on a connection, and those may be a citizen's. It writes a line of fixed words in the place of each.
type libraryLog struct{ to io.Writer }

// quietLibraries has package log write fixed words to stderr.
func quietLibraries(to io.Writer) {
	log.SetFlags(0)
	log.SetOutput(libraryLog{to})
}

// knownWords are beginnings of what net/http writes, with what is said in their place.
var knownWords = []struct{ begins, said string }{
	{
		"Unsolicited response received on idle HTTP channel",
		"a system sent bytes on a connection on which nothing was asked; the connection was closed",
	},
	{"http: TLS handshake error", "a TLS handshake failed"},
}

// Write never fails: whoever logs cannot help it.
func (l libraryLog) Write(b []byte) (int, error) {
	said := "a library has written a message, which is left out: it may hold what a system sent"
	for _, k := range knownWords {
		if bytes.HasPrefix(b, []byte(k.begins)) {
			said = k.said
		}
	}
	_, _ = io.WriteString(l.to, `{"level":"WARN","msg":`+strconv.Quote(said)+`,"bytes":`+strconv.Itoa(len(b))+"}\n")
	return len(b), nil
}
