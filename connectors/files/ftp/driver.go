package ftp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"fondaco/connectors/files/driver"
)

// Driver is the driver of servers of FTP, and of FTP over TLS.
var Driver = &driver.Driver{Name: "FTP", Schemes: []string{"ftp", "ftps"}, Port: "21", Open: open}

// What holds where nothing is said.
const (
	defaultMost = 4
	defaultIdle = 30 * time.Second
)

// implicitPort is the port of servers that begin with TLS at once (RFC 7151 calls it ftps); others are asked for it by AUTH TLS.
const implicitPort = "990"

// store is a folder of a server. Each call, and each file that is read, has a connection of its own while it lasts.
type store struct {
	o        driver.Options
	secure   *tls.Config // nil of plain FTP
	implicit bool

	slots   chan struct{} // one for each connection that there may be
	running sync.WaitGroup
	life    context.Context //nolint:containedctx // of what goes on after a call: files are closed, temporary ones removed
	end     context.CancelFunc

	mu     sync.Mutex
	free   []*conn // the one that was used last is the last
	all    map[*conn]bool
	closed bool
}

// open reads certificates, and connects to nothing.
func open(o driver.Options) (driver.Store, error) {
	host, port, err := net.SplitHostPort(o.Host)
	if err != nil || host == "" || o.Folder == "" {
		return nil, errors.New("found no host and folder, expected for example ftp://ftp.agenzia.example/scambio")
	}
	if o.Entry.User == "" {
		return nil, errors.New("the connector says no user for the server: write user: below files, and anonymous where anybody is let in")
	}
	if o.Most <= 0 {
		o.Most = defaultMost
	}
	if o.Idle <= 0 {
		o.Idle = defaultIdle
	}
	s := &store{o: o, slots: make(chan struct{}, o.Most), all: map[*conn]bool{}}
	if o.Scheme == "ftps" {
		s.implicit = port == implicitPort
		s.secure = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
		if len(o.Entry.CA) > 0 {
			if s.secure.RootCAs, err = Authorities(o.Entry.CA); err != nil {
				return nil, fmt.Errorf("ca: %w", err)
			}
		}
	}
	s.life, s.end = context.WithCancel(context.Background())
	return s, nil
}

// Authorities reads certificates in PEM.
func Authorities(text []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("found no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----")
	}
	return pool, nil
}

// Close ends the connections, and waits for what goes on after calls.
func (s *store) Close() error {
	s.end()
	s.mu.Lock()
	s.closed, s.free = true, nil
	for c := range s.all {
		c.kill()
	}
	s.mu.Unlock()
	s.running.Wait()
	return nil
}
