package work

import (
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"sync"

	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/server/metrics"
)

// watches look for what is new in systems, as the program in service says. One whose watch did not change outlives the program that it
// began with.
type watches struct {
	topics Topics
	log    *slog.Logger
	owner  string
	dog    *messaging.Watchdog

	leaving sync.WaitGroup // those that the program in service no longer has

	mu      sync.Mutex
	running map[watchKey]*watching
	ended   bool
}

// watchKey tells watches apart: what differs in it is another one.
type watchKey struct {
	name, kept, target string
	definition         [sha256.Size]byte
}

type watching struct {
	poller *poller
	task   *task
}

func newWatches(t Topics, log *slog.Logger, dog *messaging.Watchdog) *watches {
	return &watches{topics: t, log: log, owner: rand.Text(), dog: dog, running: map[watchKey]*watching{}}
}

// take starts the watches of a project that did not run, and stops those that it no longer has.
func (s *watches) take(list []*routes.Watched) {
	if s.topics.Broker == nil || s.topics.Schedules == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	if s.topics.restored().Held {
		list = nil // they begin when an operator says so
	}
	wanted := map[watchKey]bool{}
	for _, w := range list {
		k := watchKey{w.Name, w.Kept, w.Target, w.Definition()}
		wanted[k] = true
		if s.running[k] == nil {
			s.running[k] = s.start(w)
		}
	}
	for k, old := range s.running {
		if !wanted[k] {
			delete(s.running, k)
			s.leaving.Go(old.task.end)
		}
	}
}

func (s *watches) start(w *routes.Watched) *watching {
	p := &poller{of: w, topics: s.topics, log: s.log.With("route", w.Name, "watch", w.Target), owner: s.owner + "/" + rand.Text()}
	return &watching{p, begin(s.dog, messaging.Watch{Kind: "watch", Name: w.Name, Progress: p.turns.Load, Work: p.due}, p.run)}
}

// stop ends all of them: nothing new is looked for any more.
func (s *watches) stop() {
	s.mu.Lock()
	s.ended = true
	all := s.running
	s.running = nil
	s.mu.Unlock()
	var ending sync.WaitGroup
	for _, x := range all {
		ending.Go(x.task.end)
	}
	ending.Wait()
	s.leaving.Wait()
}

var (
	watchFound = metrics.Total("fondaco_watch_found_total",
		"What was found to be new in systems and kept as messages by this process, repetitions included.", "route")
	watchPolled = metrics.Level("fondaco_watch_last_poll_timestamp_seconds",
		"When this process last looked for something new and was answered, in seconds since 1970; 0 while another process looks.", "route")
	watchFailing = metrics.Level("fondaco_watch_failing", "1 while looking for something new fails.", "route")
)

// tell tells how each watch stands.
func (s *watches) tell(tell metrics.Tell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, x := range s.running {
		tell(watchFound, float64(x.poller.found.Load()), k.name)
		tell(watchPolled, float64(x.poller.polled.Load()), k.name)
		tell(watchFailing, metrics.Truth(x.poller.failing.Load()), k.name)
	}
}
