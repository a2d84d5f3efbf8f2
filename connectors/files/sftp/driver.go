package sftp

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"fondaco/connectors/files/driver"
)

// Driver is the driver of servers of SFTP.
var Driver = &driver.Driver{Name: "SFTP", Schemes: []string{"sftp"}, Port: "22", Open: open}

// What holds where nothing is said.
const (
	defaultMost = 4
	defaultIdle = 30 * time.Second
)

// store is a folder of a server. Each call, and each file that is read, has a connection of its own while it lasts: what ends one ends no
// other.
type store struct {
	o      driver.Options
	keys   *hostKeys
	auth   []ssh.AuthMethod
	chosen atomic.Pointer[string] // the type of host key that was pinned and found

	slots   chan struct{} // one for each connection that there may be
	running sync.WaitGroup
	life    context.Context //nolint:containedctx // of what goes on after a call: files are closed, temporary ones removed
	end     context.CancelFunc

	mu     sync.Mutex
	free   []*conn // the one that was used last is the last
	all    map[*conn]bool
	closed bool
}

// open reads keys and fingerprints, and connects to nothing.
func open(o driver.Options) (driver.Store, error) {
	if o.Host == "" || o.Folder == "" {
		return nil, errors.New("found no host and folder, expected for example sftp://sftp.agenzia.example/scambio")
	}
	if o.Entry.User == "" {
		return nil, errors.New("the connector says no user for the server: write user: below files")
	}
	keys, err := readHostKeys(o.Host, o.Entry.KnownHosts, o.Entry.HostKeys)
	if err != nil {
		return nil, err
	}
	auth, err := methods(o.Entry)
	if err != nil {
		return nil, err
	}
	if o.Most <= 0 {
		o.Most = defaultMost
	}
	if o.Idle <= 0 {
		o.Idle = defaultIdle
	}
	s := &store{o: o, keys: keys, auth: auth, slots: make(chan struct{}, o.Most), all: map[*conn]bool{}}
	s.life, s.end = context.WithCancel(context.Background())
	return s, nil
}

// Close ends the connections, and waits for what goes on after calls.
func (s *store) Close() error {
	s.end()
	s.mu.Lock()
	s.closed = true
	for c := range s.all {
		c.kill()
	}
	s.mu.Unlock()
	s.running.Wait()
	return nil
}

// Check reports what is wrong with lines of known_hosts or with fingerprints, as far as that can be told without the server.
func Check(knownHosts []byte, fingerprints string) error {
	if _, err := parseLines(knownHosts); err != nil {
		return err
	}
	_, err := parsePins(fingerprints)
	return err
}
