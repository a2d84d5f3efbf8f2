package s3

import (
	"net"
	"net/http"
	"strings"
	"time"
)

// link is a connection over which the store may be silent for a time, and no longer.
type link struct {
	net.Conn
	idle time.Duration
}

func (l *link) Read(b []byte) (int, error) {
	_ = l.SetReadDeadline(time.Now().Add(l.idle))
	return l.Conn.Read(b)
}

// Write sets the deadline of reading too: who is still being sent to has no reason to answer.
func (l *link) Write(b []byte) (int, error) {
	_ = l.SetDeadline(time.Now().Add(l.idle))
	return l.Conn.Write(b)
}

// listings refuses what is no listing: the library would read any document as an empty one.
type listings struct{ http.RoundTripper }

func (l listings) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := l.RoundTripper.RoundTrip(r)
	if err != nil || answer.StatusCode != http.StatusOK || !r.URL.Query().Has("list-type") {
		return answer, err
	}
	if t := answer.Header.Get("Content-Type"); t != "" && !strings.Contains(t, "xml") {
		_ = answer.Body.Close()
		return nil, errNoStore
	}
	return answer, nil
}
