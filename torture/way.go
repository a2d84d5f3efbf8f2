package main

import (
	"fmt"
	"net"
	"os"
	"strings"
)

// way is how a node reaches a server, and can be cut off from it.
type way struct {
	addr string // the server's address for the node
	to   string // the address at which the server listens
	cuts []loss // how it can be cut; one at a time
	heal func() error
}

// loss is one of the ways to lose what is sent.
type loss struct {
	what string
	does func() error
}

// ways connect nodes to servers.
type ways interface {
	// lay creates a way from a node to a server that listens, or is to listen, at a port.
	lay(node int, server, port string) (*way, error)
	// house places a node where its ways begin, before its first start.
	house(node int, e *engine, s *stub) error
	kind() string
	close()
}

// newWays separates nodes by network namespaces where this machine permits that, and by proxies elsewhere.
func newWays() (ways, error) {
	s, err := newSpaces()
	if err == nil {
		return s, nil
	}
	if os.Getenv("CI") == "true" && os.Geteuid() == 0 {
		return nil, fmt.Errorf("in CI nodes need network namespaces: %w", err)
	}
	return &proxies{why: err}, nil
}

// proxies are wires on the loopback.
type proxies struct {
	why   error // why there are no namespaces
	wires []*wire
}

func (p *proxies) lay(_ int, _, port string) (*way, error) {
	w, err := newWire("127.0.0.1:"+port, "127.0.0.1:0", nil)
	if err != nil {
		return nil, err
	}
	p.wires = append(p.wires, w)
	does := func(hole bool) func() error {
		return func() error { w.cut(hole); return nil }
	}
	return &way{addr: w.addr(), to: w.to, cuts: []loss{{"with a proxy as a black hole", does(true)}}, heal: does(false)}, nil
}

func (p *proxies) house(int, *engine, *stub) error { return nil }

func (p *proxies) kind() string {
	return fmt.Sprintf("proxies, as there are no network namespaces: %v", p.why)
}

func (p *proxies) close() {
	for _, w := range p.wires {
		w.close()
	}
}

// spaces are network namespaces, one for each node, with a link to each server.
type spaces struct {
	first net.IP // of their addresses
	all   []*namespace
	links int
	doors []*wire // by which clients come to the nodes
	lists []net.Listener
}

func newSpaces() (_ *spaces, err error) {
	s := &spaces{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.first, err = freeBlock(); err != nil {
		return nil, err
	}
	for range nodes {
		n, err := newNamespace()
		if err != nil {
			return nil, err
		}
		s.all = append(s.all, n)
	}
	// Whether links can be created is found out before anything depends on it.
	probe, err := newLink(s.all[0], fmt.Sprintf("fd%d-x", os.Getpid()), "probe", block(s.first, 14), block(s.first, 15))
	if err != nil {
		return nil, err
	}
	return s, probe.remove()
}

func (s *spaces) lay(node int, server, port string) (*way, error) {
	l, err := newLink(s.all[node], fmt.Sprintf("fd%d-%d", os.Getpid(), s.links), server, block(s.first, 2*s.links), block(s.first, 2*s.links+1))
	if err != nil {
		return nil, err
	}
	s.links++
	at := net.JoinHostPort(l.server, port)
	return &way{addr: at, to: at, cuts: []loss{{"by packets lost", l.lose}, {"by a black hole of routes", l.blackhole}}, heal: l.heal}, nil
}

// house runs a node's processes in its namespace. They listen on its loopback, to which a door leads from this machine's own at the same
// ports; the stub listens there as well.
func (s *spaces) house(node int, e *engine, of *stub) error {
	n := s.all[node]
	e.within = n
	l, err := n.listen(strings.TrimPrefix(of.origin, "http://"))
	if err != nil {
		return err
	}
	s.lists = append(s.lists, l)
	of.serve(l)
	for _, at := range []string{e.api, e.console} {
		at = strings.TrimPrefix(at, "http://")
		door, err := newWire(at, at, n.dial)
		if err != nil {
			return err
		}
		s.doors = append(s.doors, door)
	}
	return nil
}

func (s *spaces) kind() string { return "network namespaces" }

func (s *spaces) close() {
	for _, w := range s.doors {
		w.close()
	}
	for _, l := range s.lists {
		_ = l.Close()
	}
	for _, n := range s.all {
		n.close()
	}
}
