package messaging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"fondaco/config"
)

// Guarded is something that works by itself and could stand still without an error.
type Guarded struct {
	Kind, Name string // what it is and which one: "consumer", "report-damage"

	// Progress returns a number that changes with every step forward.
	Progress func() int64
	// Work reports whether something waits that could be done now. An error means that nobody can tell, as while the
	// cluster is away: the time without progress then begins anew.
	Work func(ctx context.Context) (bool, error)
	// Restart begins anew what stands still. It is called again if that does not help.
	Restart func(ctx context.Context)
}

// Stall says how often what is guarded stood still.
type Stall struct {
	Kind, Name string
	Times      int64     // since the process began
	Last       time.Time // when it was restarted last
	Standing   bool      // it has made no progress since
}

// Watchdog restarts what has work and makes no progress, and reports it in the log, in Health and in Stalls. Its methods
// may be called concurrently, and on nil, which watches nothing.
type Watchdog struct {
	limit   time.Duration
	log     *slog.Logger
	clock   config.Clock
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool
	stalls map[[2]string]*Stall
}

const (
	looks    = 12 // in the time that something may stand still
	reported = 5  // times that limit, for which Health speaks of what was restarted and goes on
)

// NewWatchdog makes a watchdog that restarts what has had work for limit without making progress. Close it. Without a
// log it is silent. clock shows when something was restarted, nil for the machine's.
func NewWatchdog(limit time.Duration, log *slog.Logger, clock config.Clock) *Watchdog {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	d := &Watchdog{limit: limit, log: log, clock: clock, stalls: map[[2]string]*Stall{}}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// Watch watches until stop is called or the watchdog is closed. stop waits for a Restart that is running.
func (d *Watchdog) Watch(w Guarded) (stop func()) {
	if d == nil {
		return func() {}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return func() {}
	}
	ctx, cancel := context.WithCancel(d.ctx)
	done := make(chan struct{})
	d.running.Go(func() {
		defer close(done)
		d.watch(ctx, w)
	})
	return func() {
		cancel()
		<-done
	}
}

// Close ends all watching and waits for it.
func (d *Watchdog) Close() {
	if d == nil {
		return
	}
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.cancel()
	d.running.Wait()
}

func (d *Watchdog) watch(ctx context.Context, w Guarded) {
	tick := time.NewTicker(d.limit / looks)
	defer tick.Stop()
	last, idle := w.Progress(), true
	var since time.Time // when it was first seen to have work, without progress from then on
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if now := w.Progress(); now != last {
			last, idle = now, true
			d.moves(w)
			continue
		}
		work, err := w.Work(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil || w.Progress() != last:
			idle = true
		case !work:
			idle = true
			d.moves(w)
		case idle:
			idle, since = false, time.Now()
		case time.Since(since) >= d.limit:
			d.stalled(w, time.Since(since))
			w.Restart(ctx)
			last, idle = w.Progress(), true
		}
	}
}

func (d *Watchdog) stalled(w Guarded, stood time.Duration) {
	d.mu.Lock()
	k := [2]string{w.Kind, w.Name}
	s := d.stalls[k]
	if s == nil {
		s = &Stall{Kind: w.Kind, Name: w.Name}
		d.stalls[k] = s
	}
	s.Times++
	s.Last, s.Standing = d.clock.Now(), true
	times := s.Times
	d.mu.Unlock()
	d.log.Error("work waits and nothing of it is done: it is started again", "kind", w.Kind, "name", w.Name, "stood",
		stood.Round(time.Millisecond), "times", times)
}

// moves notes that progress was made, or that no work is left.
func (d *Watchdog) moves(w Guarded) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.stalls[[2]string{w.Kind, w.Name}]; s != nil && s.Standing {
		s.Standing = false
		d.log.Info("work goes on after it was started again", "kind", w.Kind, "name", w.Name)
	}
}

// Stalls returns what has stood still, in the order of kinds and names.
func (d *Watchdog) Stalls() []Stall {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]Stall, 0, len(d.stalls))
	for _, s := range d.stalls {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b Stall) int {
		return strings.Compare(a.Kind+" "+a.Name, b.Kind+" "+b.Name)
	})
	return list
}

// Health returns an error that names what stands still and what was restarted lately, nil if there is nothing of it.
func (d *Watchdog) Health() error {
	var problems []error
	for _, s := range d.Stalls() {
		switch at := s.Last.UTC().Format(time.RFC3339); {
		case s.Standing:
			problems = append(problems, fmt.Errorf("the %s %s has work and stands still: it was started again at %s, %d times in all, and has "+
				"done nothing since", s.Kind, s.Name, at, s.Times))
		case d.clock.Now().Sub(s.Last) < reported*d.limit:
			problems = append(problems, fmt.Errorf("the %s %s stood still for %v with work waiting; it was started again at %s, %d times in all, "+
				"and goes on", s.Kind, s.Name, d.limit, at, s.Times))
		}
	}
	return errors.Join(problems...)
}
