package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"fondaco/connectors"
)

// Simulators are the systems of a project, played on their real protocols on this machine. Safe for concurrent use.
type Simulators struct {
	Stray  func(*connectors.Stray)     // told what a system dials beside its simulator; nil for nobody
	Places map[string]connectors.Place // of the systems to simulate, the zero Place for any; nil for all systems

	mu  sync.Mutex
	All []*simulator
}

// simulator plays one system. It keeps its place when it is stopped, so that it can be started again.
type simulator struct {
	connectors.Simulator
	Name    string
	Title   string
	Place   connectors.Place
	stopped bool
}

// put has a system played by a simulator that was not started, and returns where. A system that is played already stays
// where it is, and answers as the new one does. close ends it.
func (s *Simulators) put(name, title string, made connectors.Simulator) (connectors.Place, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.find(name)
	if one != nil && one.Follow(made) {
		one.Title = title
		return one.Place, nil
	}
	place, err := made.Start(s.Places[name])
	if err != nil {
		return place, err
	}
	if one != nil { // it speaks another protocol now
		one.Stop()
		s.All = slices.DeleteFunc(s.All, func(x *simulator) bool { return x == one })
	}
	s.All = append(s.All, &simulator{Simulator: made, Name: name, Title: title, Place: place})
	slices.SortFunc(s.All, func(a, b *simulator) int { return strings.Compare(a.Name, b.Name) })
	return place, nil
}

// find returns the simulator of a system, nil if there is none. The caller holds mu.
func (s *Simulators) find(name string) *simulator {
	for _, one := range s.All {
		if one.Name == name {
			return one
		}
	}
	return nil
}

// Close stops them all.
func (s *Simulators) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.All {
		one.Stop()
	}
}

var errNoSimulator = errors.New("no such simulated system")

// ServeHTTP is the console's door to the simulators: GET /simulators lists them, POST /simulators/NAME/stop and
// /simulators/NAME/start do what they say.
func (s *Simulators) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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

func (s *Simulators) act(name, action string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.find(name)
	if one == nil {
		return fmt.Errorf("%w: %q", errNoSimulator, name)
	}
	if stop := action == "stop"; stop == one.stopped {
		return nil
	}
	if action == "stop" {
		one.Stop()
		one.stopped = true
		return nil
	}
	if _, err := one.Start(one.Place); err != nil {
		return fmt.Errorf("simulator of %s: %w", name, err)
	}
	one.stopped = false
	return nil
}

func (s *Simulators) list(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	for _, one := range s.All {
		state := "running"
		if one.stopped {
			state = "stopped"
		}
		fmt.Fprintf(w, "%-20s %-8s %s\n", one.Name, state, one.Place.Address)
	}
}

// Wait ends when ctx does, and stops them all.
func (s *Simulators) Wait(ctx context.Context) {
	<-ctx.Done()
	s.Close()
}
