package store

import (
	"context"
	"time"
)

// DeadLetters keeps messages that could not be handled, with their original bytes, until an operator replays or
// discards them. Limits bound them by age and size: the oldest go first, and whoever keeps or sweeps is told.
type DeadLetters interface {
	// Keep stores the letter. A letter of the same topic, group and message id is the same letter: it gets the new
	// reason, detail, trace and attempts, waits again, and keeps its ID and place.
	Keep(ctx context.Context, l DeadLetter) (Kept, error)
	// Get gives a letter whole. ErrAbsent if there is none.
	Get(ctx context.Context, id string) (DeadLetter, error)
	// List gives up to limit letters, the oldest first, without headers and body; after is the Cursor of the last one
	// seen, empty at the start.
	List(ctx context.Context, f LetterFilter, limit int, after string) ([]DeadLetter, error)
	// Count tells how many letters the filter finds.
	Count(ctx context.Context, f LetterFilter) (int64, error)
	// Discard removes what the letters hold and marks them with who did it; the mark stays as long as the letter would.
	// It goes in small transactions: after an error part of it is done, and n tells how many.
	Discard(ctx context.Context, f LetterFilter, who string, now time.Time) (n int64, err error)
	// Replayed marks letters as given back to their topic by somebody; ids that are not kept, or were
	// discarded, are passed over.
	Replayed(ctx context.Context, ids []string, who string, now time.Time) (n int64, err error)
	// Tallies counts the letters of each group of each topic, those that were let go among them, as of one moment: the
	// part of dead letters in the account of what was accepted. A damaged count is left out, beside ErrDamaged.
	Tallies(ctx context.Context) ([]Tally, error)
}

// Tally counts the letters that a group's messages on a topic have become.
type Tally struct {
	Topic, Group string
	Waiting      int64 // for an operator
	Discarded    int64 // thrown away by one
	Gone         int64 // waiting or discarded when they were let go, by age or for room
	Replays      int64 // how often letters were given back to the topic
}

// Dead is how many messages ended as letters.
func (t Tally) Dead() int64 { return t.Waiting + t.Discarded + t.Gone }

// DeadLetter is a message that could not be handled.
type DeadLetter struct {
	ID           string // of the letter; the caller makes it
	Topic, Group string
	Route        string
	Key          string // whose order the message is in
	MessageID    string // with its source: what tells repetitions
	Reason       string // a word for machines
	Detail       string // what was found and expected, without values of the message
	Trace        string
	Attempts     int
	First, Kept  time.Time // first delivered; died
	Headers      [][2]string
	Body         []byte // the bytes as they came

	State   LetterState // how it stands; Keep makes it LetterWaiting
	By      string      // who replayed or discarded it
	At      time.Time   // when
	Replays int         // how many times it was replayed
	Size    int64       // of the body in bytes; Keep finds it
	Cursor  string      // its place in a List; not kept
}

// Kept is how a letter was kept.
type Kept struct {
	ID      string // the letter's, older than the one given if it was kept before
	Again   bool   // it was kept before
	Dropped int64  // how many of the oldest letters went to make room
}

// LetterState is how a dead letter stands.
type LetterState string

// The states of a dead letter.
const (
	LetterWaiting   LetterState = "waiting" // for an operator
	LetterReplayed  LetterState = "replayed"
	LetterDiscarded LetterState = "discarded"
)

// LetterFilter chooses letters; an empty field lets all pass.
type LetterFilter struct {
	IDs                              []string
	Topic, Group, Route, Reason, Key string
	State                            LetterState
	Since, Until                     time.Time // of Kept: from Since on, before Until
}
