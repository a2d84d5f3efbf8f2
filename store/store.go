package store

import (
	"context"
	"time"
)

// Store is the state of one project in one place.
type Store interface {
	// Inbox returns the ids of finished messages.
	Inbox() Inbox
	// Idempotency returns the answers under idempotency keys.
	Idempotency() Idempotency
	// Operations returns the states of accepted requests.
	Operations() Operations
	// DeadLetters returns the messages that could not be handled.
	DeadLetters() DeadLetters
	// Schedules returns the owners and last runs of what may run once only.
	Schedules() Schedules
	// Collections returns the messages being collected.
	Collections() Collections
	// Sequences returns the durable rising numbers.
	Sequences() Sequences
	// Replays returns what may come once.
	Replays() Replays
	// Intents returns the calls that were begun and may not be made again.
	Intents() Intents
	// Subjects returns what is kept of persons.
	Subjects() Subjects
	// Audit returns what operators did with citizens' data.
	Audit() Audit
	// Restores returns whether the state was restored from a backup.
	Restores() Restores
	// Secret returns 32 random bytes of the project that stay the same as long as the state is kept. They are made when
	// first asked for.
	Secret(ctx context.Context) ([]byte, error)
	// Sweep removes what Limits let go at that time, in small transactions so that nobody waits for it, and returns how
	// much that was. It is meant to be called every few minutes; called twice it does no harm. keep says of routes how
	// long they keep theirs; no route comes twice in it.
	Sweep(ctx context.Context, now time.Time, keep ...Retention) (Swept, error)
	// Rewrap wraps all data keys by the first of the keys that the store was opened with, and encrypts records that are stored
	// as they were given; an error if there is no key. It goes in small transactions, and what it did before an error stays
	// done: doing it again does the rest. The store can be used meanwhile.
	Rewrap(ctx context.Context) (Rewrapped, error)
	// Health reports why the store cannot write, in words for an operator; nil if it can. It heals by itself.
	Health() error
	// Close finishes what is being written and releases the place. Nothing can be used afterwards.
	Close() error
}

// Limits say how long and how much is kept. Zero fields take the value of DefaultLimits.
type Limits struct {
	Inbox       time.Duration // how long a finished id is known: longer than a message can be delivered again
	Operations  time.Duration // how long a finished operation can be asked for
	Letters     time.Duration // how long a dead letter is kept
	LetterBytes int64         // how much all dead letters hold; the oldest go first
	BodyBytes   int64         // how large one body may be; a larger one returns ErrTooLarge
}

// DefaultLimits are a week of ids, thirty days of operations, ninety days and 1 GiB of dead letters, 64 MiB a body.
func DefaultLimits() Limits {
	const day = 24 * time.Hour
	return Limits{Inbox: 7 * day, Operations: 30 * day, Letters: 90 * day, LetterBytes: 1 << 30, BodyBytes: 64 << 20}
}

// Filled returns the limits with zero fields replaced by the default.
func (l Limits) Filled() Limits {
	d := DefaultLimits()
	for _, f := range []struct{ to, from *time.Duration }{{&l.Inbox, &d.Inbox}, {&l.Operations, &d.Operations}, {&l.Letters, &d.Letters}} {
		if *f.to == 0 {
			*f.to = *f.from
		}
	}
	if l.LetterBytes == 0 {
		l.LetterBytes = d.LetterBytes
	}
	if l.BodyBytes == 0 {
		l.BodyBytes = d.BodyBytes
	}
	return l
}

// Swept is what a Sweep removed.
type Swept struct {
	Ids        int64 // finished ids
	Keys       int64 // idempotency keys
	Operations int64
	Results    int64 // what operations that are kept had answered
	Replays    int64 // keys of what may come once
	Letters    int64 // dead letters, by age or by size: an operator wants to know
	Intents    int64 // of calls whose work never came again
	Draws      int64 // purposes for which numbers of sequences were drawn; the sequences go on where they are
}

// Rewrapped is what a Rewrap did.
type Rewrapped struct {
	Keys    int64 // data keys that another key had wrapped
	Records int64 // records that were not encrypted
	Damaged int64 // records that cannot be read, and stay as they are
}

// Answer is what an HTTP request was answered with.
type Answer struct {
	Status int
	Header [][2]string // in its order; names may come again
	Body   []byte
}
