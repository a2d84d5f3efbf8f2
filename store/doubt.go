package store

import (
	"context"
	"errors"
	"time"

	"fondaco/config"
)

// Work that was there before a state was restored may have been done, in part or whole, by the process whose state was lost.
// What a context says of that reaches all that the work does: Doubting has its calls found as begun.

type doubtKey struct{}

// doubt is what a context says: the state was restored so, and the work is in doubt or not.
type doubt struct {
	restored Restored
	doubted  bool
}

// WithRestored returns a context of work on a state that was restored so. The work is not in doubt yet.
func WithRestored(ctx context.Context, r Restored) context.Context {
	if !r.Doubtful {
		return ctx
	}
	return context.WithValue(ctx, doubtKey{}, doubt{restored: r})
}

// WithBegun returns a context of work that was there, or was due, at a moment: it is in doubt if that is before the restore.
func WithBegun(ctx context.Context, at time.Time) context.Context {
	d, known := ctx.Value(doubtKey{}).(doubt)
	if !known || d.doubted || !at.Before(d.restored.At) {
		return ctx
	}
	d.doubted = true
	return context.WithValue(ctx, doubtKey{}, d)
}

// WithCause returns a context of work that follows from other work, of which Cause said cause: it is in doubt if that was,
// since the same restore.
func WithCause(ctx context.Context, cause string) context.Context {
	d, known := ctx.Value(doubtKey{}).(doubt)
	if !known || d.doubted || cause == "" || cause != d.restored.ID {
		return ctx
	}
	d.doubted = true
	return context.WithValue(ctx, doubtKey{}, d)
}

// Cause returns what work that follows from this is to be told by: the restore since which this is in doubt, "" if it is
// not in doubt.
func Cause(ctx context.Context) string {
	if d, known := ctx.Value(doubtKey{}).(doubt); known && d.doubted {
		return d.restored.ID
	}
	return ""
}

// doubtedSince returns the moment after which calls of work that is in doubt may have been made.
func doubtedSince(ctx context.Context) (moment time.Time, doubted bool) {
	d, known := ctx.Value(doubtKey{}).(doubt)
	return d.restored.Moment, known && d.doubted
}

// Doubting returns intents that find those, too, which work in doubt may have had: calls that may have been begun between the
// moment of a backup and its restore. What is known is kept in i. doubtful reports whether the state is one of which work is
// in doubt; it is called concurrently. clock shows when calls were settled, nil for the machine's.
func Doubting(i Intents, doubtful func() bool, clock config.Clock) Intents {
	return doubting{i, doubtful, clock}
}

type doubting struct {
	Intents
	doubtful func() bool
	clock    config.Clock
}

// settled is the step under which it is kept that an operator has said of an exchange that its calls had no effect.
const settled = "\x00settled"

// Find returns the intent of a step of an exchange; for work in doubt there is one of every step, begun at the moment of the
// backup, unless it was released or the exchange was forgotten.
func (d doubting) Find(ctx context.Context, exchange, step string) (Intent, error) {
	i, err := d.Intents.Find(ctx, exchange, step)
	moment, doubted := doubtedSince(ctx)
	if !doubted || !errors.Is(err, ErrAbsent) {
		return i, err
	}
	for _, word := range []string{settled, settled + step} {
		if _, err = d.Intents.Find(ctx, exchange, word); err == nil {
			return Intent{}, ErrAbsent
		}
		if !errors.Is(err, ErrAbsent) {
			return Intent{}, err
		}
	}
	return Intent{Exchange: exchange, Step: step, At: moment}, nil
}

// Release forgets an intent whose call is known to have had no effect, also one that Find made up.
func (d doubting) Release(ctx context.Context, exchange, step string) error {
	if moment, doubted := doubtedSince(ctx); doubted {
		if err := d.Begin(ctx, Intent{Exchange: exchange, Step: settled + step, Operation: "settled", At: moment}); err != nil {
			return err
		}
	}
	return d.Intents.Release(ctx, exchange, step)
}

// Forget forgets all intents of exchanges, and that they are in doubt.
func (d doubting) Forget(ctx context.Context, exchanges ...string) error {
	if err := d.Intents.Forget(ctx, exchanges...); err != nil || !d.doubtful() {
		return err
	}
	for _, x := range exchanges {
		if err := d.Begin(ctx, Intent{Exchange: x, Step: settled, Operation: "settled", At: d.clock.Now()}); err != nil {
			return err
		}
	}
	return nil
}
