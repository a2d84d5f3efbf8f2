package record

import (
	"fmt"
	"strconv"

	"fondaco/store"
	"fondaco/store/crypt"
)

// LetterWeight is what a letter's row takes besides its texts and bytes, about.
const LetterWeight = 512

// Letter is a row of that table; what it holds lies in letter_body, so that lists need not read it.
type Letter struct {
	Seq                                int64
	ID, Topic, Group, Route            string
	Key                                Sealed
	Message, Reason                    string
	Detail                             Sealed
	Trace                              string
	Place, Result                      string
	Attempts, First, Kept              int64
	State, By                          string
	At, Replays, Size, Weight, Holding int64 // Holding is the sum of letter_body's row
	Sum                                int64
	DK                                 int64 // see Tables
	Marks                              string
}

// NewLetter returns the row of a letter that waits, whose header is packed. Enclose completes it.
func NewLetter(t store.DeadLetter, header []byte) Letter {
	return Letter{
		ID: t.ID, Topic: t.Topic, Group: t.Group, Route: t.Route, Message: t.MessageID, Place: t.Place,
		Reason: t.Reason, Trace: t.Trace, Attempts: int64(t.Attempts), First: Micro(t.First), Kept: Micro(t.Kept),
		State: string(store.LetterWaiting), Size: int64(len(t.Body)), Marks: string(t.Marks),
		Weight: int64(len(t.Body)+len(header)+len(t.Detail)+len(t.Trace)+len(t.Key)) + LetterWeight,
	}
}

// Fields are seq, id, topic, grp, route, key, message, reason, detail, trace, attempts, first, kept, state, by, at, replays, size,
// weight, holding, place, result, sum, dk, marks.
func (l *Letter) Fields() []any {
	return []any{
		&l.Seq, &l.ID, &l.Topic, &l.Group, &l.Route, &l.Key, &l.Message, &l.Reason, &l.Detail, &l.Trace,
		&l.Attempts, &l.First, &l.Kept, &l.State, &l.By, &l.At, &l.Replays, &l.Size, &l.Weight, &l.Holding, &l.Place, &l.Result,
		&l.Sum, &l.DK, &l.Marks,
	}
}

// Seal is the row's sum. That of a row as format 3 of the file wrote it did not know places and results, and stays as it was until
// they are there.
func (l *Letter) Seal() int64 {
	parts := []any{
		l.ID, l.Topic, l.Group, l.Route, l.Key, l.Message, l.Reason, l.Detail, l.Trace,
		l.Attempts, l.First, l.Kept, l.State, l.By, l.At, l.Replays, l.Size, l.Weight, l.Holding,
	}
	if l.Place != "" || l.Result != "" {
		parts = append(parts, l.Place, l.Result)
	}
	return Sum(withKey(l.DK, parts...)...)
}

func (l *Letter) in(column string) crypt.Place {
	return crypt.Place{Table: "letter", Column: column, Row: l.ID}
}

// Enclose takes up texts, as a data key encrypts them. It returns how what the letter holds is stored.
func (l *Letter) Enclose(k *crypt.DataKey, key, detail string, header, body []byte) (sealedHeader, sealedBody []byte) {
	l.DK, l.Key, l.Detail = k.ID(), sealed(k, l.in("key"), key), sealed(k, l.in("detail"), detail)
	header, body = k.Seal(l.in("header"), header), k.Seal(l.in("body"), body)
	l.Holding = Sum(header, body)
	return header, body
}

// Why opens the detail of the letter's death.
func (l *Letter) Why(open Opener) (string, error) { return open.Text(l.DK, l.in("detail"), l.Detail) }

// Told is the row for the world, without what it holds. A row that is not as it was written is store.ErrDamaged.
func (l *Letter) Told(open Opener) (store.DeadLetter, error) {
	t := store.DeadLetter{
		ID: l.ID, Topic: l.Topic, Group: l.Group, Route: l.Route, MessageID: l.Message, Place: l.Place,
		Reason: l.Reason, Trace: l.Trace, Attempts: int(l.Attempts), First: Moment(l.First), Kept: Moment(l.Kept),
		State: store.LetterState(l.State), Result: store.ReplayResult(l.Result), By: l.By, At: Moment(l.At), Replays: int(l.Replays),
		Size: l.Size, Cursor: strconv.FormatInt(l.Seq, 10),
	}
	if l.Sum != l.Seal() {
		return t, Damaged("dead letter", l.Seq)
	}
	var err error
	if t.Key, err = open.Text(l.DK, l.in("key"), l.Key); err == nil {
		t.Detail, err = l.Why(open)
	}
	return t, err
}

// Whole is Told with what the letter holds.
func (l *Letter) Whole(open Opener, header, body []byte) (t store.DeadLetter, err error) {
	if t, err = l.Told(open); err != nil {
		return t, err
	}
	if l.Holding != Sum(header, body) {
		return t, Damaged("dead letter", l.Seq)
	}
	if header, err = open(l.DK, l.in("header"), header); err != nil {
		return t, err
	}
	if t.Headers, err = Unpacked(header); err != nil {
		return t, err
	}
	body, err = open(l.DK, l.in("body"), body)
	t.Body = Blob(body)
	return t, err
}

// Divided takes up what is left of a letter that was whole, and returns how what it holds is stored.
func (l *Letter) Divided(k *crypt.DataKey, whole, left store.DeadLetter) (header, body []byte) {
	header = Packed(left.Headers)
	l.Weight += int64(len(header) + len(left.Body) - len(Packed(whole.Headers)) - len(whole.Body))
	l.Marks, l.Size = string(left.Marks), int64(len(left.Body))
	return l.Enclose(k, whole.Key, whole.Detail, header, Blob(left.Body))
}

// Follow takes over from the letter that was kept before what stays of it. history is what that one's history weighs; replayed
// reports whether the message that died now was its replay.
func (l *Letter) Follow(old *Letter, history int64, replayed bool) {
	l.Seq, l.ID, l.Replays = old.Seq, old.ID, old.Replays
	if l.Marks == "" {
		l.Marks = old.Marks
	}
	if old.Place != "" {
		l.Place = old.Place
	}
	switch claimed := old.State == string(store.LetterReplaying); {
	case replayed && claimed: // it died before whoever gave it back could say that he had
		l.Replays++
	case replayed || old.Place == "" || old.Result != "":
	case claimed || old.State == string(store.LetterReplayed): // the record came again, and so will its replay
		l.State, l.By, l.At = old.State, old.By, old.At
	}
	l.Weight += history
}

// DiedAgain reports whether a letter that takes over from another died anew. formerly and detail are their details.
func (l *Letter) DiedAgain(old *Letter, formerly, detail string) bool {
	return old.State != l.State || old.Reason != l.Reason || formerly != detail || old.Kept != l.Kept
}

// Settled reports whether the letter's replay has ended already.
func (l *Letter) Settled() bool {
	return l.Result == string(store.ReplayDone) || l.Result == string(store.ReplayRepeated)
}

// Settle takes up how the letter's replay ended.
func (l *Letter) Settle(result store.ReplayResult) {
	if l.State == string(store.LetterReplaying) { // it ended before whoever gave it back could say that he had
		l.Replays++
	}
	if l.State != string(store.LetterDiscarded) {
		l.State = string(store.LetterReplayed)
	}
	l.Result = string(result)
}

// MayDiscard reports whether the letter can be discarded, and has the result of one that was replayed be unknown: it does not count
// as dead.
func (l *Letter) MayDiscard() bool {
	switch store.LetterState(l.State) {
	case store.LetterDiscarded, store.LetterReplaying:
		return false
	case store.LetterReplayed:
		if l.Result == "" {
			l.Result = string(store.ReplayUnknown)
		}
	}
	return true
}

// Discard takes out what the letter holds. history is what its history weighs.
func (l *Letter) Discard(history int64) {
	l.State, l.Key, l.Detail, l.Size = string(store.LetterDiscarded), "", "", 0
	l.Weight, l.Holding = LetterWeight+history, Sum([]byte{}, []byte{})
}

// LettersAfter reads the Cursor of a letter, below all of them for none.
func LettersAfter(cursor string) (seq int64, err error) {
	if cursor == "" {
		return 0, nil
	}
	if seq, err = strconv.ParseInt(cursor, 10, 64); err != nil {
		return 0, fmt.Errorf("%q is no place in a list of dead letters", cursor)
	}
	return seq, nil
}

// maxIDs is how many ids one filter may name.
const maxIDs = 10_000

// Bounded returns why a filter names too many letters.
func Bounded(f store.LetterFilter) error {
	if len(f.IDs) > maxIDs {
		return fmt.Errorf("%d dead letters are named, at most %d may be at once", len(f.IDs), maxIDs)
	}
	return nil
}
