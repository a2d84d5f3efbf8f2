package work

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"fondaco/connectors"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/store"
)

// Times of a poller.
const (
	pollHold  = 10 * time.Second // of the right to poll, if its owner crashes: nobody polls for that long
	pollRenew = 2 * time.Second  // between two renewals
	pollMost  = 20 * time.Second // of one poll and of keeping what it found
	pollAgain = 5 * time.Second  // after a failure
	pollTurn  = time.Second      // between two attempts to acquire the right while another process has it
	pollFreed = pollTurn / 2     // the same where another process has notified that it released one
	pollLeave = 2 * time.Second  // for releasing the right at the end
)

// errNoPseudonyms: without them what is kept could not be found by its person.
var errNoPseudonyms = errors.New("the key of the pseudonyms of persons is not known yet")

// poller polls one place of a system for what is new, while it has the right to: one process of several has. What it finds becomes
// messages of the route's topic before its position is kept, so nothing is lost by a crash; what is found again has the id that it
// had, and is recognised as handled by it. A poller that slept while another took over cannot keep anything.
type poller struct {
	of     *routes.Watched
	topics Topics
	log    *slog.Logger
	owner  string

	turns, found, polled atomic.Int64
	unfit                atomic.Int64            // what was found, and was not as its connector says
	fenced               atomic.Int64            // how often it went on after its right had expired and another process had acquired it
	doubled              atomic.Int64            // how often it kept a position although another had kept one meanwhile: must be 0
	failing              atomic.Pointer[failure] // nil while looking works
	next                 atomic.Int64            // when it is to poll again, in nanoseconds since 1970
}

// failure is why nothing new can be looked for.
type failure struct {
	since time.Time // the first time in a row
	cause string    // the latest error
}

// due reports whether a poll is overdue.
func (p *poller) due(context.Context) (bool, error) {
	return time.Now().UnixNano() > p.next.Load(), nil
}

// name is the name under which the right to poll and the position are kept.
func (p *poller) name() string { return "watch " + p.of.Kept }

// run polls until ctx ends.
func (p *poller) run(ctx context.Context) {
	var open connectors.Watching
	defer func() {
		if open != nil {
			_ = open.Close()
		}
		p.polled.Store(0)
	}()
	freed, stop := p.topics.Wake.On(store.ScheduleFree)
	defer stop()
	for ctx.Err() == nil {
		var err error
		if open == nil {
			open, err = p.of.Open(ctx)
		}
		wait := pollAgain
		if err == nil {
			wait, err = p.session(ctx, open)
		}
		if ctx.Err() != nil {
			return
		}
		p.told(err)
		hears := freed
		if wait != pollTurn { // it does not wait for another
			hears = nil
		}
		p.pause(ctx, wait, hears)
	}
}

// pause waits, for less where it hears that a right was given up, and says when it ends to whoever watches.
func (p *poller) pause(ctx context.Context, d time.Duration, freed <-chan struct{}) {
	p.next.Store(time.Now().Add(d + pollMost).UnixNano())
	timer := time.NewTimer(d)
	defer timer.Stop()
	least := time.NewTimer(min(d, pollFreed)) // schedules are given up each time that they run
	defer least.Stop()
	select {
	case <-ctx.Done():
		return
	case <-least.C:
	}
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-freed:
	}
}

// told notes the failure of a look, or that one succeeded, and logs the first of failures in a row, and their end.
func (p *poller) told(err error) {
	before := p.failing.Load()
	if err == nil {
		if p.failing.Store(nil); before != nil {
			p.log.Info("what is new in a system is looked for again")
		}
		return
	}
	now := &failure{since: p.topics.Clock.Now(), cause: err.Error()}
	if before != nil {
		now.since = before.since
	}
	if p.failing.Store(now); before == nil {
		p.log.Error("what is new in a system cannot be looked for; it is tried again", "error", err)
	}
}

// session polls for as long as it has the right to. It returns how long to wait before the next session.
func (p *poller) session(ctx context.Context, open connectors.Watching) (wait time.Duration, err error) {
	epoch, held, err := p.hold(ctx)
	if err != nil {
		return pollAgain, err
	}
	if !held {
		p.polled.Store(0)
		p.turns.Add(1)
		return pollTurn, nil
	}
	defer func() {
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), pollLeave)
		defer cancel()
		if e := p.topics.Schedules.Release(late, p.name(), epoch); err == nil {
			err = e
		}
	}()
	renewed := time.Now()
	for ctx.Err() == nil {
		more, err := p.turn(ctx, open, epoch)
		if err != nil {
			if errors.Is(err, store.ErrFenced) || p.lost(ctx, epoch) {
				return pollTurn, nil
			}
			return pollAgain, err
		}
		p.told(nil)
		p.turns.Add(1)
		for until := time.Now().Add(p.of.Every); !more && ctx.Err() == nil; {
			part := min(time.Until(until), pollRenew)
			p.next.Store(time.Now().Add(part + pollMost).UnixNano())
			begun := time.Now()
			open.Wait(ctx, part)
			if time.Since(begun) < part || !time.Now().Before(until) { // woken, or it is time
				break
			}
			p.turns.Add(1)
			if !p.still(ctx, epoch, &renewed, &err) {
				return pollTurn, err
			}
		}
		if !p.still(ctx, epoch, &renewed, &err) {
			return pollTurn, err
		}
	}
	return 0, nil
}

// hold acquires the right to poll, or renews it.
func (p *poller) hold(ctx context.Context) (epoch int64, held bool, err error) {
	return p.topics.Schedules.Acquire(ctx, p.name(), p.owner, p.topics.Clock.Now(), pollHold)
}

// still renews the right to poll where it is time for that, and reports whether it is still the same one.
func (p *poller) still(ctx context.Context, epoch int64, renewed *time.Time, failed *error) bool {
	if time.Since(*renewed) < pollRenew {
		return true
	}
	*renewed = time.Now()
	mine, _, err := p.holds(ctx, epoch)
	*failed = err
	return mine
}

// lost reports whether a poll failed because this process slept, and another has had the right to poll since.
func (p *poller) lost(ctx context.Context, epoch int64) bool {
	_, others, _ := p.holds(ctx, epoch)
	return others
}

// holds renews a right to poll, and reports whether it is still the same one, and if not, whether another has had it since.
func (p *poller) holds(ctx context.Context, epoch int64) (mine, others bool, err error) {
	again, held, err := p.hold(ctx)
	if err != nil || held && again == epoch {
		return err == nil, false, err
	}
	if held { // a new one, which nobody is to use: the session ends with that of before
		err = p.topics.Schedules.Release(ctx, p.name(), again)
	}
	if others = !held || again > epoch+1; others { // what ended with nobody to take it has the next epoch
		p.refused()
	}
	return false, others, err
}

// refused counts a refusal, because another process has the right.
func (p *poller) refused() {
	p.fenced.Add(1)
	p.log.Warn("who looks for what is new in a system had slept past its right to, and another has it: what was found twice is handled once")
}

// turn polls once, and keeps what it found. It reports whether there may be more.
func (p *poller) turn(ctx context.Context, open connectors.Watching, epoch int64) (more bool, err error) {
	p.next.Store(time.Now().Add(pollMost).UnixNano())
	ctx, cancel := context.WithTimeout(ctx, pollMost)
	defer cancel()
	place, err := p.topics.Schedules.Place(ctx, p.name())
	if err != nil {
		return false, err
	}
	found, err := open.Poll(ctx, place)
	if err != nil {
		return false, err
	}
	p.polled.Store(p.topics.Clock.Now().Unix())
	kept := false
	if found.Done != nil {
		defer func() {
			late, cancel := context.WithTimeout(context.WithoutCancel(ctx), pollLeave)
			defer cancel()
			if e := found.Done(late, kept); err == nil {
				err = e
			}
		}()
	}
	if len(found.Items) > 0 {
		now := p.topics.Clock.Now()
		var key []byte
		if p.of.OfPersons() {
			if key = p.topics.pseudonyms(); len(key) == 0 {
				return false, errNoPseudonyms
			}
		}
		messages := make([]messaging.Message, len(found.Items))
		for i, item := range found.Items {
			messages[i] = p.of.Message(item, now, key)
		}
		if err := messaging.Publish(ctx, p.topics.Broker, p.of.Topic, messages...); err != nil {
			return false, err
		}
		p.found.Add(int64(len(messages)))
	}
	if found.Place != place {
		if err := p.keep(ctx, epoch, place, found.Place); err != nil {
			return false, err
		}
	}
	kept = true
	p.unfit.Add(int64(found.Refused))
	return found.More, nil
}

// keep keeps the position after a poll that began at from. Whether another has kept a position in between is also found out without the
// epochs that are to prevent it.
func (p *poller) keep(ctx context.Context, epoch int64, from, to string) error {
	kept, err := p.topics.Schedules.Place(ctx, p.name())
	if err != nil {
		return err
	}
	err = p.topics.Schedules.SetPlace(ctx, p.name(), epoch, to)
	switch {
	case errors.Is(err, store.ErrFenced):
		p.refused()
	case err == nil && kept != from:
		p.doubled.Add(1)
		p.log.Error("what is new in a system was looked for by two processes at the same time: what was found twice is handled once")
	}
	return err
}
