package work

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"slices"
	"time"

	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/server/metrics"
)

// watches look for what is new in systems, as the program in service says.
type watches struct {
	owned[watchKey, *watching]
	topics Topics
	log    *slog.Logger
	owner  string
	dog    *messaging.Watchdog
}

// watchKey identifies a watch: watches that differ in it are different ones.
type watchKey struct {
	name, kept, target string
	definition         [sha256.Size]byte
}

// Watch says how looking for what is new in a system stands, as this process sees it.
type Watch struct {
	Route  string
	Target string    // system.watch
	Looked time.Time // when the system last answered; zero if it never did, or while another process looks

	// Since is when looking began to fail, zero while it does not. Cause is the latest error, without values of what is watched.
	Since time.Time
	Cause string
}

type watching struct {
	*task
	poller *poller
}

func newWatches(t Topics, log *slog.Logger, dog *messaging.Watchdog) *watches {
	return &watches{topics: t, log: log, owner: rand.Text(), dog: dog}
}

// take starts the watches of a project that are not running, and stops those that it no longer has.
func (s *watches) take(list []*routes.Watched) {
	if s.topics.Broker == nil || s.topics.Schedules == nil {
		return
	}
	if s.topics.restored().Held {
		list = nil // they begin when an operator says so
	}
	wanted := map[watchKey]func() *watching{}
	for _, w := range list {
		wanted[watchKey{w.Name, w.Kept, w.Target, w.Definition()}] = func() *watching { return s.start(w) }
	}
	s.owned.take(wanted)
}

func (s *watches) start(w *routes.Watched) *watching {
	p := &poller{of: w, topics: s.topics, log: s.log.With("route", w.Name, "watch", w.Target), owner: s.owner + "/" + rand.Text()}
	return &watching{begin(s.dog, messaging.Guarded{Kind: "watch", Name: w.Name, Progress: p.turns.Load, Work: p.due}, p.run), p}
}

var (
	watchFound = metrics.Total("fondaco_watch_found_total",
		"What was found to be new in systems and kept as messages by this process, repetitions included.", "route")
	watchRefused = metrics.Total("fondaco_watch_refused_total",
		"What was found to be new in systems by this process, did not fit its schema and was refused.", "route")
	watchPolled = metrics.Level("fondaco_watch_last_poll_timestamp_seconds",
		"When this process last looked for something new and was answered, in seconds since 1970; 0 while another process looks.", "route")
	watchFailing = metrics.Level("fondaco_watch_failing", "1 while looking for something new fails.", "route")
)

// fenced reports how often the owner of each watch was refused.
func (s *watches) fenced(tell metrics.Tell) {
	for k, x := range s.each() {
		tell(fencedTotal, float64(x.poller.fenced.Load()), "watch", k.name)
	}
}

// doubled reports how often each watch had two owners.
func (s *watches) doubled(tell metrics.Tell) {
	for k, x := range s.each() {
		tell(duplicateOwner, float64(x.poller.doubled.Load()), "watch", k.name)
	}
}

// list returns how each watch stands, by route.
func (s *watches) list() []Watch {
	var all []Watch
	for k, x := range s.each() {
		w := Watch{Route: k.name, Target: k.target}
		if at := x.poller.polled.Load(); at != 0 {
			w.Looked = time.Unix(at, 0)
		}
		if f := x.poller.failing.Load(); f != nil {
			w.Since, w.Cause = f.since, f.cause
		}
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b Watch) int { return cmp.Or(cmp.Compare(a.Route, b.Route), cmp.Compare(a.Target, b.Target)) })
	return all
}

// tell reports how each watch stands.
func (s *watches) tell(tell metrics.Tell) {
	for k, x := range s.each() {
		tell(watchFound, float64(x.poller.found.Load()), k.name)
		tell(watchRefused, float64(x.poller.unfit.Load()), k.name)
		tell(watchPolled, float64(x.poller.polled.Load()), k.name)
		tell(watchFailing, metrics.Truth(x.poller.failing.Load() != nil), k.name)
	}
}
