package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// simulators are the systems of a project, played on their real protocols over real sockets of this machine. Safe for
// concurrent use.
type simulators struct {
	mu  sync.Mutex
	all []*simulator
}

// simulator plays one system. It keeps its address when it is stopped, so that it can be started again.
type simulator struct {
	name    string
	title   string
	addr    string
	handler atomic.Pointer[http.Handler]
	server  *http.Server // nil while it is stopped
	done    chan struct{}
}

// add starts a simulator on a free port of the loopback interface, or on addr if one is given, and tells its address.
// The handler may be replaced later; close ends it.
func (s *simulators) add(name, title, addr string, handler http.Handler) (string, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	one := &simulator{name: name, title: title, addr: addr}
	one.handler.Store(&handler)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := one.start(); err != nil {
		return "", err
	}
	s.all = append(s.all, one)
	slices.SortFunc(s.all, func(a, b *simulator) int { return strings.Compare(a.name, b.name) })
	return one.addr, nil
}

// find gives the simulator of a system, nil if there is none. The caller holds mu.
func (s *simulators) find(name string) *simulator {
	for _, one := range s.all {
		if one.name == name {
			return one
		}
	}
	return nil
}

// replace gives a system's simulator new answers; those under way end on the old ones. It tells whether there is one.
func (s *simulators) replace(name string, handler http.Handler) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.find(name)
	if one == nil {
		return false
	}
	one.handler.Store(&handler)
	return true
}

// close stops them all.
func (s *simulators) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.all {
		one.stop()
	}
}

func (one *simulator) start() error {
	if one.server != nil {
		return nil
	}
	listener, err := net.Listen("tcp", one.addr)
	if err != nil {
		return fmt.Errorf("simulator of %s: %w", one.name, err)
	}
	one.addr = listener.Addr().String()
	one.server = &http.Server{Handler: one, ReadHeaderTimeout: 5 * time.Second}
	one.done = make(chan struct{})
	go func(server *http.Server, done chan struct{}) {
		defer close(done)
		_ = server.Serve(listener) // it always ends with an error, ErrServerClosed after stop
	}(one.server, one.done)
	return nil
}

// stop closes the listener and every connection, as a system does that goes down.
func (one *simulator) stop() {
	if one.server == nil {
		return
	}
	_ = one.server.Close()
	<-one.done
	one.server = nil
}

var errNoSimulator = errors.New("no such simulated system")

// ServeHTTP is the console's door to the simulators: GET /simulators lists them, POST /simulators/NAME/stop and
// /simulators/NAME/start do what they say.
func (s *simulators) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest := strings.Trim(strings.TrimPrefix(r.URL.Path, "/simulators"), "/")
	if rest == "" && r.Method == http.MethodGet {
		s.list(w)
		return
	}
	name, action, _ := strings.Cut(rest, "/")
	if action != "start" && action != "stop" {
		http.Error(w, "expected GET /simulators, POST /simulators/NAME/stop or POST /simulators/NAME/start", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "expected POST", http.StatusMethodNotAllowed)
		return
	}
	if err := s.act(name, action); err != nil {
		status := http.StatusInternalServerError
		if errors.Is(err, errNoSimulator) {
			status = http.StatusNotFound
		}
		http.Error(w, err.Error(), status)
		return
	}
	s.list(w)
}

func (s *simulators) act(name, action string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.find(name)
	if one == nil {
		return fmt.Errorf("%w: %q", errNoSimulator, name)
	}
	if action == "stop" {
		one.stop()
		return nil
	}
	return one.start()
}

func (s *simulators) list(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	for _, one := range s.all {
		state := "running"
		if one.server == nil {
			state = "stopped"
		}
		fmt.Fprintf(w, "%-20s %-8s %s\n", one.name, state, one.addr)
	}
}

// wait ends when ctx does, and stops them all.
func (s *simulators) wait(ctx context.Context) {
	<-ctx.Done()
	s.close()
}

// ServeHTTP answers as the system does.
func (one *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*one.handler.Load()).ServeHTTP(w, r)
}
