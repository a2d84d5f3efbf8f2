package store

import (
	"context"
	"time"
)

// Intents knows the calls that have an effect each time they are made and were begun for work that may come again: a call's
// intent is kept before it is made, so that nothing is called twice, whatever ends in between. Its methods may be called
// concurrently.
type Intents interface {
	// Begin keeps an intent, durably before it returns nil. One that is kept already stays as it is. ErrBegun if another process
	// has begun the call: this one may not make it, and the intent counts as begun.
	Begin(ctx context.Context, i Intent) error
	// Find returns the intent of a step of an exchange: its call was begun, and nobody knows how it ended. ErrAbsent if there
	// is none.
	Find(ctx context.Context, exchange, step string) (Intent, error)
	// Any reports whether an exchange has an intent.
	Any(ctx context.Context, exchange string) (bool, error)
	// Release forgets an intent whose call is known to have had no effect. Without one it does nothing.
	Release(ctx context.Context, exchange, step string) error
	// End lets go of all intents of exchanges whose work has ended, and which do not come again here. Those that have none cost
	// nothing.
	End(ctx context.Context, exchanges ...string) error
	// Forget forgets all intents of exchanges whose calls may be made again when their work is.
	Forget(ctx context.Context, exchanges ...string) error
}

// LocalExchange begins the names of exchanges whose work comes again in the same process alone, as those of requests under an
// Idempotency-Key: processes do not share what is noted of them. No other exchange's name begins so.
const LocalExchange = "="

// Intent is one call that was begun.
type Intent struct {
	Exchange  string    // whose call it is: the same when its work comes again
	Step      string    // which of its calls
	Operation string    // system.operation, for people
	At        time.Time // when it was begun
}
