package connectors

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"fondaco/connectors/network"
)

// Place is where something listens: what net.Dial takes, and what a protocol's own address has beside it. The zero Place
// is nowhere.
type Place struct {
	Network string // tcp or unix
	Address string // host:port, or the path of a socket
	Path    string // under which it answers, where the protocol has paths; "" for what the connector itself writes
	Scheme  string // that people write before the address, as http; "" for none
}

// String returns the address as people write it.
func (p Place) String() string {
	if p.Scheme == "" {
		return p.Address
	}
	return p.Scheme + "://" + p.Address + p.Path
}

// covers reports whether dialling an address reaches the place.
func (p Place) covers(network, address string) bool {
	return p.Address != "" && p.Address == address && strings.TrimRight(p.Network, "46") == strings.TrimRight(network, "46")
}

// Stray is an attempt of a simulated system to dial something else than its simulator. It is an error, and nothing was
// dialled.
type Stray struct {
	System           string
	Network, Address string // what was to be dialled
	Allowed          string // the simulator's address, "" while there is none
}

// Error names the system and both addresses.
func (e *Stray) Error() string {
	text := fmt.Sprintf("system %s is simulated and may not connect to %s", e.System, e.Address)
	if e.Allowed == "" {
		return text + ": its simulator is not running"
	}
	return text + ": its simulator is at " + e.Allowed
}

// confined is what a system is held to that may dial one place alone.
type confined struct {
	place  Place
	madeUp bool         // nothing of its parameters comes from outside
	stray  func(*Stray) // nil for nobody
}

// Simulate makes the system a simulated one, once and before it is opened. From here on it dials nothing but the place
// that At says, and nothing before that; its secrets are made up, and so is what the environment does not say or says
// in a form that a parameter cannot have. stray is told of each attempt to dial something else, also from several
// goroutines; nil for nobody.
func (s *System) Simulate(stray func(*Stray)) { s.confined = &confined{madeUp: true, stray: stray} }

// At says the one place that the system dials, whatever its parameters say. Call it before the system is opened.
func (s *System) At(p Place) {
	if s.confined == nil {
		s.confined = &confined{}
	}
	s.confined.place = p
}

// Place returns the place that stands for every address of the system; false if its parameters say where it is.
func (s *System) Place() (Place, bool) {
	if s.confined == nil {
		return Place{}, false
	}
	return s.confined.place, true
}

// Simulated reports whether the system is a simulated one: what proves who we are is made up, and files of keys and
// certificates are not to be read.
func (s *System) Simulated() bool { return s.confined != nil && s.confined.madeUp }

// dialler connects to simulators.
var dialler = &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}

// Guard says what makes the system's connections. Call it before the system is opened; without it the rules hold that no
// project can change.
func (s *System) Guard(g *network.Guard) {
	s.guard = g
	s.uses.note("network", g.String())
}

// Proxy returns the proxy by which a request to the system goes, nil for none; a simulated system has none.
func (s *System) Proxy(r *http.Request) (*url.URL, error) {
	if s.confined != nil {
		return nil, nil //nolint:nilnil // as http.Transport has it
	}
	return s.guard.Proxy(r)
}

// Dial connects to an address of the system. Protocols, and what they are made of, connect by it alone: a simulated
// system that would reach something else gets a *Stray, and addresses where no system may be are refused (network.Guard). Safe for
// concurrent use.
func (s *System) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	if c := s.confined; c != nil && !c.place.covers(network, address) {
		stray := &Stray{System: s.Name, Network: network, Address: address, Allowed: c.place.Address}
		if c.stray != nil {
			c.stray(stray)
		}
		return nil, stray
	}
	if s.confined == nil {
		return s.guard.Dial(ctx, network, address)
	}
	return dialler.DialContext(ctx, network, address)
}
