package store

import (
	"context"
	"time"
)

// Idempotency keeps what was answered under an idempotency key: reserve, do the work, record. The key of a reservation
// is written before the work begins, so that the work is begun once, whatever ends in between.
type Idempotency interface {
	// Reserve takes the key, or returns how the request that took it stands. Of any number of callers at the same time
	// exactly one gets Reserved.
	Reserve(ctx context.Context, c Claim, now time.Time) (Reservation, error)
	// Record keeps the answer for the claim's Keep from now on. ErrFenced if the token's reservation is gone or has its
	// answer: the first answer stays.
	Record(ctx context.Context, token int64, a Answer, now time.Time) error
	// Release frees the key, for a request that had no effect or an unknown one that was found to have had none.
	// ErrFenced as Record.
	Release(ctx context.Context, token int64) error
}

// Claim asks for an idempotency key.
type Claim struct {
	Scope string        // whose key it is: tenant, route and caller; keys of different scopes never meet
	Key   string        // what the client sent
	Marks Marks         // who asks, for Subjects
	Body  [32]byte      // the hash of what the client sent besides
	Lease time.Duration // how long the work may take; afterwards its outcome is unknown
	Keep  time.Duration // how long key and answer are kept, longer than Lease: the time in which clients repeat
}

// Reservation is the state of a key.
type Reservation struct {
	State  Reserve
	Token  int64     // for Record and Release: of Reserved and of Unknown, and of Running where this store knows it; else 0
	Since  time.Time // when it was reserved
	Answer Answer    // of Answered
}

// Reserve is how a key stands.
type Reserve string

// How a key can stand.
const (
	Reserved Reserve = "reserved" // the key is the caller's: do the work
	Running  Reserve = "running"  // another does the work: answer 409
	Unknown  Reserve = "unknown"  // the work was begun and never ended: inquire, then Record or Release; never repeat blindly
	Answered Reserve = "answered" // here is the answer
	Mismatch Reserve = "mismatch" // the key came with another body: answer 422
)
