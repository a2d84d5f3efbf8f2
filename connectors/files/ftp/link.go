package ftp

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// How many octets an answer of the server may have, and a listing.
const (
	mostAnswer = 256 << 10
	mostList   = 256 << 20
)

// errFlood is the error of an answer that has no end.
var errFlood = errors.New("the server's answer is too long")

// link is a connection over which the server may be silent for a time, and no longer.
type link struct {
	net.Conn
	idle    time.Duration
	silent  *atomic.Bool
	bound   bool  // no more may come than left
	left    int64 // octets that may still come
	control bool  // each command has an answer of its own
}

func (l *link) Read(b []byte) (int, error) {
	if l.bound && l.left <= 0 {
		return 0, errFlood
	}
	_ = l.SetReadDeadline(time.Now().Add(l.idle))
	n, err := l.Conn.Read(b)
	l.left -= int64(n)
	return n, l.told(err)
}

func (l *link) Write(b []byte) (int, error) {
	if l.control {
		l.left = mostAnswer
	}
	_ = l.SetWriteDeadline(time.Now().Add(l.idle))
	n, err := l.Conn.Write(b)
	return n, l.told(err)
}

func (l *link) told(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		l.silent.Store(true)
	}
	return err
}

// data is a connection over which a file or a listing goes. It counts what a listing has.
type data struct {
	net.Conn
	lines  int // of files, folders and links in a listing
	amid   bool
	listed bool // it is a listing of LIST: MLSD has no such signs
	link   *link
	wrote  bool
}

func (d *data) Write(b []byte) (int, error) {
	d.wrote = true
	return d.Conn.Write(b)
}

// Close ends what was written so that the server sees its end: what TLS 1.3 has sent us and nobody has read would break the connection off.
func (d *data) Close() error {
	if d.wrote {
		if secure, is := d.Conn.(*tls.Conn); is {
			_ = secure.CloseWrite()
		}
		if half, is := d.link.Conn.(interface{ CloseWrite() error }); is && half.CloseWrite() == nil {
			d.link.bound, d.link.left = true, mostAnswer
			_, _ = io.Copy(io.Discard, d.link)
		}
		return d.link.Close()
	}
	return d.Conn.Close()
}

func (d *data) Read(b []byte) (int, error) {
	n, err := d.Conn.Read(b)
	for left := b[:n]; d.listed && len(left) > 0; {
		if !d.amid && (strings.IndexByte("-dl", left[0]) >= 0 || left[0] >= '0' && left[0] <= '9') {
			d.lines++
		}
		end := bytes.IndexByte(left, '\n')
		if d.amid = end < 0; d.amid {
			break
		}
		left = left[end+1:]
	}
	return n, err
}

// Handshake begins TLS, which an empty file does not.
func (d *data) Handshake() error {
	if secure, is := d.Conn.(*tls.Conn); is {
		d.wrote = true
		return secure.Handshake()
	}
	return nil
}

// silence is the error of a server that did not answer for a time. It is a deadline that has passed.
type silence time.Duration

// Error says how long was waited.
func (s silence) Error() string {
	return fmt.Sprintf("the server was silent for %s (idle_timeout)", time.Duration(s))
}
