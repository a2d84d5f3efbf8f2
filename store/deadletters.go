package store

import (
	"context"
	"time"
)

// DeadLetters keeps messages that could not be handled, with their original bytes, until an operator replays or
// discards them. Limits bound them by age and size: the oldest go first, and whoever keeps or sweeps is told. Its methods
// may be called concurrently. What happens to a letter is appended to its history in the same transaction.
type DeadLetters interface {
	// Keep stores the letter. A letter of the same topic, group, message id and place is the same letter, and so is one
	// whose Replay names a letter of that topic, group and message id (or one that is known by its place alone): it gets the new
	// reason, detail, trace, attempts and
	// bytes, waits again, and keeps its ID and its position in lists. A letter of before places were known is the one of
	// the same message id.
	Keep(ctx context.Context, l DeadLetter) (Kept, error)
	// Get returns a letter whole, with its history. ErrAbsent if there is none.
	Get(ctx context.Context, id string) (DeadLetter, error)
	// List returns up to limit letters, the oldest first, without headers, body and history; after is the Cursor of the
	// last one seen, empty at the start.
	List(ctx context.Context, f LetterFilter, limit int, after string) ([]DeadLetter, error)
	// Count returns how many letters the filter finds.
	Count(ctx context.Context, f LetterFilter) (int64, error)
	// Causes counts the letters that the filter finds by their topic, group, route and reason: up to limit of these, those with
	// the most letters first.
	Causes(ctx context.Context, f LetterFilter, limit int) ([]LetterCause, error)
	// Claim moves the letters that wait to LetterReplaying, for whoever gives them back to their topic next, and returns
	// them as they then stand, without headers, body and history, in the order in which they are listed. Of many who claim
	// one letter at the same time, one gets it. Letters that do not wait are in passed, as they stand; of one
	// that is damaged only the ID is told there, and LetterDamaged. Ids that are not kept are in neither.
	Claim(ctx context.Context, ids []string, by Act) (claimed, passed []DeadLetter, err error)
	// Given moves letters that Claim returned to LetterReplayed: the topic has them again. One that has died again
	// meanwhile, or whose replay has ended, stays as it is.
	Given(ctx context.Context, claimed []DeadLetter) error
	// Release lets a letter that Claim returned wait again, as it could not be given back for the reason why.
	Release(ctx context.Context, claimed DeadLetter, why string, now time.Time) error
	// Settle notes how the replay of a letter ended: ReplayDone or ReplayRepeated. A letter that is not kept, or is not of
	// that topic, group and message id, is passed over, and so is one whose replay has already ended. ended reports whether
	// it was noted.
	Settle(ctx context.Context, l DeadLetter, result ReplayResult, now time.Time) (ended bool, err error)
	// Discard removes what the letters hold and marks them with who did it; the mark stays as long as the letter would.
	// Letters that are discarded, or are being replayed, are passed over: the first 100 of them are in passed, as they
	// stand. It goes in small transactions: after an error part of it is done, and n is how many.
	Discard(ctx context.Context, f LetterFilter, by Act) (n int64, passed []DeadLetter, err error)
	// Tallies counts the letters of each group of each topic, those that were let go among them, as of one moment: the
	// part in the account of what was accepted that did not end as done. The reasons are those of letters that count as
	// failed. A damaged count is left out, beside ErrDamaged.
	Tallies(ctx context.Context, failed ...string) ([]Tally, error)
}

// LetterCause counts the letters that died of the same reason at the same place.
type LetterCause struct {
	Topic, Group, Route, Reason string
	Letters                     int64
	First, Last                 time.Time // when the first and the last of them died
}

// Tally counts what a group's messages on a topic have become that were not done.
type Tally struct {
	Topic, Group string
	Waiting      int64 // letters that wait for an operator, or are claimed and not yet given back
	Failed       int64 // of Waiting, those whose reason is among the ones that Tallies was given
	Discarded    int64 // letters thrown away by an operator while they waited
	Gone         int64 // letters that waited when they were let go, by age or for room
	Cancelled    int64 // messages whose request was cancelled by its caller: see Inbox
	Superseded   int64 // runs that gave way to the next: see Inbox
	Replays      int64 // how often letters were given back to the topic
}

// With returns the sum of two accounts, under the names of the other.
func (t Tally) With(other Tally) Tally {
	return Tally{
		Topic: other.Topic, Group: other.Group, Waiting: t.Waiting + other.Waiting, Failed: t.Failed + other.Failed, Discarded: t.Discarded +
			other.Discarded,
		Gone: t.Gone + other.Gone, Cancelled: t.Cancelled + other.Cancelled, Superseded: t.Superseded + other.Superseded, Replays: t.Replays +
			other.Replays,
	}
}

// Dead is how many letters wait that do not count as failed.
func (t Tally) Dead() int64 { return t.Waiting - t.Failed }

// Undone is how many messages ended otherwise than done.
func (t Tally) Undone() int64 { return t.Waiting + t.Discarded + t.Gone + t.Cancelled + t.Superseded }

// DeadLetter is a message that could not be handled.
type DeadLetter struct {
	ID           string // of the letter; the caller makes it
	Topic, Group string
	Route        string
	Key          string // whose order the message is in
	MessageID    string // with its source, as the inbox knows it
	Place        string // of the record in its log, "" where the broker knows none
	Reason       string // a word for machines
	Detail       string // what was found and expected, without values of the message
	Trace        string
	Attempts     int
	First, Kept  time.Time // first delivered; died
	Headers      [][2]string
	Body         []byte // the bytes as they came
	Marks        Marks  // of whom it speaks; no method returns them
	Replay       string // the letter whose replay this message was, "" for none; not kept

	State   LetterState  // how it stands; Keep makes it LetterWaiting
	Result  ReplayResult // of its latest replay, "" while that is not known
	By      string       // who replayed or discarded it
	At      time.Time    // when
	Replays int          // how many times it was given back to its topic
	Size    int64        // of the body in bytes; Keep finds it
	History []LetterEvent
	Cursor  string // its place in a List; not kept
}

// Act is what an operator does to letters: who does it, why, and when.
type Act struct {
	Who, Why string
	At       time.Time
	NotDone  bool // of a replay: no call of the letters took effect, or what they did was undone
}

// LetterEvent is one line of a letter's history. Lines are appended, and none is changed.
type LetterEvent struct {
	At     time.Time
	What   string // one of the LetterEvent words
	Who    string // the operator, "" where nobody acted
	Why    string // what the operator gave as the cause
	Detail string // of a death its reason and what was found; of a replay that could not be given back, why not
}

// The words of LetterEvent.What.
const (
	EventDied      = "died"
	EventReplayed  = "replayed" // an operator had it replayed; what became of it follows
	EventReleased  = "not-given-back"
	EventDone      = string(ReplayDone)
	EventRepeated  = string(ReplayRepeated)
	EventDiscarded = "discarded"
)

// ReplayResult is how a replay ended.
type ReplayResult string

// The results of a replay.
const (
	ReplayDone     ReplayResult = "done"     // the message was handled
	ReplayRepeated ReplayResult = "repeated" // the group had handled a message of this id before: nothing was done
	ReplayUnknown  ReplayResult = "unknown"  // the letter was discarded before its replay had ended
)

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
	LetterWaiting   LetterState = "waiting"   // for an operator
	LetterReplaying LetterState = "replaying" // claimed, and not yet known to be in its topic again
	LetterReplayed  LetterState = "replayed"  // given back to its topic; Result says what became of it
	LetterDiscarded LetterState = "discarded"
	LetterDamaged   LetterState = "damaged" // it cannot be read; not kept
)

// LetterFilter chooses letters; an empty field lets all pass.
type LetterFilter struct {
	IDs                              []string
	Topic, Group, Route, Reason, Key string
	State                            LetterState
	Since, Until                     time.Time // of Kept: from Since on, before Until
}
