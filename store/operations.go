package store

import (
	"context"
	"time"
)

// Operations keeps the states of requests that were accepted to be done later.
type Operations interface {
	// Create keeps a new operation. ErrExists if its id is taken.
	Create(ctx context.Context, o Operation) error
	// Set moves the operation to a state, with its answer if it has one. end is the number of the end that a state which has
	// ended is, 0 with other states; the operation keeps the highest. An operation that is done or cancelled stays as it
	// is, and that is no error, for a message may come twice; a failed one may go on, when an operator has it done again.
	// ErrAbsent if there is no such operation.
	Set(ctx context.Context, id string, s OperationState, end int, a Answer, now time.Time) error
	// Cancel moves an accepted operation to the state Cancelled, with its answer, which is its first end; one that is
	// cancelled already stays as it is. ErrBegun if it has any other state, ErrAbsent if there is no such operation.
	Cancel(ctx context.Context, id string, a Answer, now time.Time) error
	// Get returns the operation, ErrAbsent if there is none.
	Get(ctx context.Context, id string) (Operation, error)
	// State returns how the operation stands, and nothing else of it. ErrAbsent if there is none.
	State(ctx context.Context, id string) (OperationState, error)
	// List returns up to limit operations in a state, the oldest change first, without bodies; after is the Cursor of the
	// last one seen, empty at the start.
	List(ctx context.Context, s OperationState, limit int, after string) ([]Operation, error)
	// Counts returns how many operations there are in each of these states, by route and state. It reads an entry of an index and a row for
	// each of them: what is asked often is kept by whoever asks.
	Counts(ctx context.Context, states ...OperationState) ([]OperationCount, error)
}

// Handled is what Operations may be besides, where a question to the state goes to another machine: what is asked of a message whose work
// is an operation costs one question, and none once this process has done it.
type Handled interface {
	// Standing returns how an operation stands, "" if there is none, and whether Done of the Inbox was called for the id: Operations.State
	// and Inbox.Seen, at one moment.
	Standing(ctx context.Context, operation, topic, group, id string) (OperationState, bool, error)
	// TakeDone reports whether this process has moved the operation to Done, durably, since it was asked last: Done is for good.
	// False says nothing: State is to be asked.
	TakeDone(operation string) bool
}

// Operation is a request that was accepted to be done later.
type Operation struct {
	ID, Route        string
	Owner            string // the hash of who may ask for it, empty for anybody who knows the id
	State            OperationState
	Created, Updated time.Time
	Answer           Answer // the result or the problem; of states that have ended. Status is 0 where a Retention let it go
	End              int    // of its ends the number of the latest: 1 for the first, one more for each replay; 0 before any
	Marks            Marks  // of whom it speaks; Get and List do not return them
	ReplyTo          string // where the end is told, empty for nowhere
	Cursor           string // its place in a List; not kept
}

// OperationCount counts the operations of a route in a state.
type OperationCount struct {
	Route      string
	State      OperationState
	Operations int64
}

// OperationState is how an operation stands.
type OperationState string

// The states of an operation (ModI, NONBLOCK_PULL).
const (
	Accepted  OperationState = "accepted"
	Working   OperationState = "working"
	Waiting   OperationState = "waiting"
	Done      OperationState = "done"
	Failed    OperationState = "failed"
	Cancelled OperationState = "cancelled" // by its caller, before work on it began
)

// Ended reports whether the operation has a result.
func (s OperationState) Ended() bool { return s == Done || s == Failed || s == Cancelled }

// UnfinishedStates are those of operations that have not ended.
var UnfinishedStates = []OperationState{Accepted, Waiting, Working}
