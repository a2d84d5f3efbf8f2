package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// progress is within how long of its readiness an engine must go on with each kind of work that waits for it.
const progress = 15 * time.Second

// idle names the legs of which told orders lack an effect and the run has made none, where nobody names a run since it began: it
// is silent about them. It is pure.
func idle(legs []leg, requests map[string]*request, effects []effect, run string, since time.Time) []string {
	done, by := map[[2]string]bool{}, map[string]bool{}
	for _, e := range effects {
		done[[2]string{e.Leg, e.ID}] = true
		by[e.Leg] = by[e.Leg] || e.Run == run || e.Run == "" && e.At.After(since)
	}
	silent := map[string]bool{}
	for id, r := range requests {
		if !r.Told || r.Refused || r.Doubtful {
			continue
		}
		for _, l := range legs {
			if !by[l.name] && l.expects(r) && !done[[2]string{l.name, id}] {
				silent[l.name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(silent))
}

// idle is the same of what is written so far.
func (l *ledger) idle(run string, since time.Time) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return idle(l.legs, l.requests, l.effects, run, since)
}

// lives waits until the process that runs has gone on with each kind of work that waits. An engine that serves, says that
// it is ready and leaves accepted work alone is silent: that is a broken promise, also if a later restart finds the work.
func (r *round) lives(ctx context.Context, e *engine) error { return r.livesBut(ctx, e) }

// livesBut is lives for all kinds of work but some, which have a reason to wait.
func (r *round) livesBut(ctx context.Context, e *engine, reasons ...string) error {
	if err := e.ready(ctx); err != nil {
		return err
	}
	run, begin := e.run(), time.Now()
	for {
		silent := slices.DeleteFunc(r.ledger.idle(run, begin), func(leg string) bool { return slices.Contains(reasons, leg) })
		if len(silent) == 0 {
			return nil
		}
		if time.Since(begin) > progress {
			return fmt.Errorf("silent: %s says that it is ready and did nothing of %s for %s, of which there is work; it said last:\n%s", run,
				strings.Join(silent, ", "), progress, e.output)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}
