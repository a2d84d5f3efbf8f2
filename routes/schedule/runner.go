package schedule

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/store"
)

// Misfire says what becomes of due times that nobody was there for, as while the process was stopped.
type Misfire string

// The kinds of Misfire.
const (
	Once Misfire = "once" // the last of them runs
	Skip Misfire = "skip" // none runs
	All  Misfire = "all"  // each runs, the newest MostMissed at most
)

// Bounds of a runner.
const (
	MostMissed = 1000             // due times of a Misfire All that are made good
	late       = time.Minute      // beyond it a due time counts as missed
	look       = 30 * time.Second // between two looks at the clock, which may jump
	hold       = 5 * time.Second  // of the right to run, should its owner vanish: silence that a crash costs
	again      = 5 * time.Second  // after a failure
	refusedFor = time.Second      // between two looks while another has the right to run
)

// Entry is a schedule that a Runner sees to.
type Entry struct {
	Name    string   // its route's
	Former  []string // names that it had before: what ran under them does not run again
	Plan    *Plan
	Misfire Misfire
}

// Deps are what a Runner works with.
type Deps struct {
	Schedules store.Schedules
	Owner     string     // unique to this start of a process
	Wake      store.Wake // notifies that another has released a schedule; nil: the runner polls
	// Publish makes it durable that a route is to run for a due time, before it returns nil. A route and a due time that it
	// was given before it passes over, now or when the message is handled: that is what makes twice once.
	Publish func(ctx context.Context, name string, due time.Time) error
	Log     *slog.Logger
	Now     func() time.Time // the wall clock; time.Now if nil
}

// State is how a schedule stands.
type State struct {
	Last, Next time.Time // zero if unknown
	Missed     int64     // due times that did not run, since the process began

	// Runs that were refused when they had been published, or could not be, as their owner had slept past its hold and another had the
	// right since.
	Fenced int64
	// Runs that were kept although another owner had kept one since this one had the right: nothing is to lead there.
	Doubled int64
}

// Runner sees to one schedule. State may be called concurrently with Run.
type Runner struct {
	entry Entry
	deps  Deps

	turns   atomic.Int64
	refused atomic.Bool // another has the right to run it; of Run

	look, refusedFor time.Duration // the constants, but in tests

	mu     sync.Mutex
	state  State
	failed bool // the last turn, and the log has it
}

// NewRunner prepares; nothing happens before Run.
func NewRunner(e Entry, d Deps) *Runner {
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Runner{entry: e, deps: d, look: look, refusedFor: refusedFor}
}

// State reports how the schedule stands.
func (r *Runner) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// Turns returns how often it looked at the clock and did what was due, if anything was, without an error.
func (r *Runner) Turns() int64 { return r.turns.Load() }

// Run publishes what comes due until ctx ends. Only the wall clock counts, and it is looked at every half minute: a
// process that slept goes on as one that was stopped. A schedule that is seen for the first time begins now.
func (r *Runner) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	freed, stop := r.deps.Wake.On(store.ScheduleFree)
	defer stop()
	for {
		free := freed
		if !r.refused.Load() {
			free = nil // the clock alone says when there is something to do
		}
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-free:
		}
		wait, err := r.turn(ctx)
		if ctx.Err() != nil {
			return
		}
		r.told(err)
		if err != nil {
			wait = again
		} else {
			r.turns.Add(1)
		}
		timer.Reset(min(wait, r.look))
	}
}

// told logs the first of failures in a row, and their end.
func (r *Runner) told(err error) {
	r.mu.Lock()
	before := r.failed
	r.failed = err != nil
	r.mu.Unlock()
	switch {
	case err != nil && !before:
		r.deps.Log.Error("a schedule cannot run: what is due waits, and is tried again", "route", r.entry.Name, "error", err)
	case err == nil && before:
		r.deps.Log.Info("a schedule runs again", "route", r.entry.Name)
	}
}

// turn does what is due, and returns how long nothing will be due.
func (r *Runner) turn(ctx context.Context) (wait time.Duration, err error) {
	r.refused.Store(false)
	now := r.deps.Now().Round(0) // the wall clock: a machine that sleeps does not count
	last, err := r.last(ctx)
	if err != nil {
		return 0, err
	}
	if _, due := r.entry.Plan.Latest(last, now); !due && !begins(last, now) {
		return r.until(last, now), nil
	}
	epoch, held, err := r.deps.Schedules.Acquire(ctx, r.entry.Name, r.deps.Owner, now, hold)
	if err != nil {
		return 0, err
	}
	if !held {
		r.refused.Store(true)
		return r.refusedFor, nil // its owner runs it now
	}
	defer func() {
		if e := r.deps.Schedules.Release(context.WithoutCancel(ctx), r.entry.Name, epoch); err == nil {
			err = e
		}
	}()
	if last, err = r.last(ctx); err != nil { // another may have run it since
		return 0, err
	}
	if begins(last, now) {
		if !last.IsZero() {
			r.deps.Log.Warn("the clock went back: a schedule goes on from now", "route", r.entry.Name, "last", last, "now", now)
		}
		return r.until(now, now), r.deps.Schedules.SetLastRun(ctx, r.entry.Name, epoch, now)
	}
	if last, err = r.catchUp(ctx, epoch, last, now); err != nil {
		return 0, err
	}
	return r.until(last, now), nil
}

// last returns the time of the last run under any of its names.
func (r *Runner) last(ctx context.Context) (time.Time, error) {
	last, err := r.deps.Schedules.LastRun(ctx, r.entry.Name)
	for _, name := range r.entry.Former {
		if err != nil {
			break
		}
		var former time.Time
		if former, err = r.deps.Schedules.LastRun(ctx, name); former.After(last) {
			last = former
		}
	}
	return last, err
}

// begins reports whether a schedule begins now: it was never seen, or the clock went back since its last run. What comes
// due again was run under the same due time, and does nothing twice.
func begins(last, now time.Time) bool { return last.IsZero() || last.Sub(now) > late }

// catchUp publishes what is due of the due times after last, by the rule for those that were missed.
func (r *Runner) catchUp(ctx context.Context, epoch int64, last, now time.Time) (time.Time, error) {
	due, missed := r.due(last, now)
	for _, t := range due {
		if err := r.deps.Publish(ctx, r.entry.Name, t); err != nil {
			if r.lost(ctx, epoch, last, t) { // it slept while it published
				return last, nil
			}
			return last, err
		}
		fenced, err := r.keep(ctx, epoch, last, t)
		if err != nil || fenced { // it slept, and another has run it: under the same due time, so once
			return last, err
		}
		last = t
	}
	if missed == 0 {
		return last, nil
	}
	r.mu.Lock()
	r.state.Missed += missed
	r.mu.Unlock()
	r.deps.Log.Warn("runs of a schedule were missed", "route", r.entry.Name, "missed", missed, "made_good", len(due), "misfire",
		string(r.entry.Misfire))
	if len(due) > 0 {
		return last, nil
	}
	newest, _ := r.entry.Plan.Latest(last, now)
	return newest, r.deps.Schedules.SetLastRun(ctx, r.entry.Name, epoch, newest)
}

// keep keeps the time of a run that was published, after the last that this owner knows of, and reports whether that was refused, for
// another has the right by now. Whether another owner has run in between is also seen without the epochs that are to prevent it.
func (r *Runner) keep(ctx context.Context, epoch int64, last, run time.Time) (fenced bool, err error) {
	kept, err := r.deps.Schedules.LastRun(ctx, r.entry.Name)
	if err != nil {
		return false, err
	}
	err = r.deps.Schedules.SetLastRun(ctx, r.entry.Name, epoch, run)
	fenced = errors.Is(err, store.ErrFenced)
	if fenced {
		r.fenced(run)
		return true, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && kept.After(last) {
		r.state.Doubled++
		r.deps.Log.Error("a schedule had two owners at the same time: its due times are handled once each", "route", r.entry.Name, "due", run,
			"kept", kept)
	}
	return false, err
}

// lost reports whether another has had the right to run it since, when a run could not be published. The last run is kept as it was.
func (r *Runner) lost(ctx context.Context, epoch int64, last, run time.Time) bool {
	if !errors.Is(r.deps.Schedules.SetLastRun(ctx, r.entry.Name, epoch, last), store.ErrFenced) {
		return false
	}
	r.fenced(run)
	return true
}

// fenced counts a run that was refused.
func (r *Runner) fenced(run time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Fenced++
	r.deps.Log.Warn("the owner of a schedule had slept past its hold, and it is another's: the due time is handled once", "route",
		r.entry.Name, "due", run)
}

// due returns the due times that run now, the oldest first, and how many do not, counted up to MostMissed.
func (r *Runner) due(last, now time.Time) (run []time.Time, missed int64) {
	newest, some := r.entry.Plan.Latest(last, now)
	if !some {
		return nil, 0
	}
	var all []time.Time
	dropped := int64(0)
	for t := r.entry.Plan.Next(last); !t.IsZero() && !t.After(now); t = r.entry.Plan.Next(t) {
		if all = append(all, t); len(all) > MostMissed {
			all = all[1:]
			if dropped++; r.entry.Misfire != All && dropped > MostMissed {
				break // enough is known
			}
		}
	}
	switch {
	case r.entry.Misfire == All:
		return all, dropped
	case r.entry.Misfire == Skip && now.Sub(newest) > late:
		return nil, dropped + int64(len(all))
	}
	return []time.Time{newest}, dropped + int64(len(all)) - 1
}

// until notes how the schedule stands, and returns how long nothing is due.
func (r *Runner) until(last, now time.Time) time.Duration {
	next := r.entry.Plan.Next(now)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Last, r.state.Next = last, next
	return next.Sub(now)
}
