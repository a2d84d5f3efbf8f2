package driver

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Driver speaks with one kind of place where files are.
type Driver struct {
	Name    string   // as people know it
	Schemes []string // of the addresses that it takes
	Port    string   // of servers, where the address says none; "" for this machine
	// Open makes a Store. It connects to nothing yet.
	Open func(o Options) (Store, error)
}

// Options say how a place is reached.
type Options struct {
	Folder string // in which everything is: absolute on this machine, what the server calls it elsewhere
	Dial   func(ctx context.Context, network, address string) (net.Conn, error)
	Proxy  func(*http.Request) (*url.URL, error) // of what is reached by HTTP, nil for none

	Scheme string        // of the address
	Host   string        // host:port of a server, or a bucket; "" for this machine
	Entry  Entry         // of a server
	Most   int           // how many connections there are at once
	Idle   time.Duration // how long a server may be silent when it is asked something
}

// Entry says who we are to a server, and how we know that it is the one that is meant.
type Entry struct {
	User, Password string // of a store of S3 its two keys
	Key            []byte // a private key in PEM or OpenSSH's form, nil for none
	Passphrase     string // of the key
	KnownHosts     []byte // lines of OpenSSH's known_hosts
	HostKeys       string // fingerprints of host keys, as SHA256:…, with blanks between them
	Endpoint       string // of a store of S3, "" for that of Amazon in Region
	Region         string // of such a store
	CA             []byte // certificates in PEM by which the server is known, nil for those that this machine trusts
}

// File is what is known of a file.
type File struct {
	Name     string // the last element of its path
	Size     int64
	Modified time.Time
	Regular  bool // a file, no folder, link, device or pipe
	Folder   bool
}

// Reader is a file that is read. Whoever asked for it closes it.
type Reader interface {
	io.ReadCloser
	// File is what was known of it when it was opened.
	File() File
}

// Store is a place where files are. Paths are relative to Options.Folder, with slashes, and ValidPath: nothing outside is reached,
// by links neither, but for FTP, which does not know of them. Safe for concurrent use. Its errors are *Error. All of it honours ctx, as far
// as the system does.
type Store interface {
	// List calls each with everything in a folder, in no order; "." is Options.Folder. An error of each ends it and is returned.
	List(ctx context.Context, folder string, each func(File) error) error
	// Stat returns what is known of a file, not following a link.
	Stat(ctx context.Context, path string) (File, error)
	// Read opens a regular file at an octet. ctx bounds reading too.
	Read(ctx context.Context, path string, from int64) (Reader, error)
	// Write writes a file under a temporary name, and renames it once it is whole and durable: nobody sees half of it. Unless it
	// replaces, a file that is there is an error of the kind Exists. Missing folders are created. An error of from is returned as it is.
	// A place that shows files only once they are whole needs no temporary name.
	Write(ctx context.Context, path string, from io.Reader, replace bool) error
	// Append writes octets to the end of a file, which is created if it is missing. It is Unsupported by S3.
	Append(ctx context.Context, path string, octets []byte) error
	// Move changes the path of a file, atomically but in S3, where it is copied and removed; replacing and missing folders are as for Write.
	Move(ctx context.Context, from, to string, replace bool) error
	// Remove removes a file.
	Remove(ctx context.Context, path string) error
	// Close ends the connections; nothing may be under way.
	Close() error
}
