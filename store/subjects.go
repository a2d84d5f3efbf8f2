package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Marks are the pseudonyms of the persons of whom a record speaks, with spaces between them; "" for nobody who is known.
// They say nothing to who lacks the key, and find a person's records for who has it and is told the person's name.
type Marks string

// MarkOf returns the pseudonym of a person under a key: HMAC-SHA256 of the name, its first half in hexadecimal digits. The
// name is taken without spaces around it and in capital letters, as fiscal codes are written.
func MarkOf(key []byte, name string) Marks {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte("subject\x00" + strings.ToUpper(strings.TrimSpace(name))))
	return Marks(hex.EncodeToString(h.Sum(nil)[:16]))
}

// MarksOf returns the marks of the names of one person or of several; blank names have none.
func MarksOf(key []byte, names ...string) Marks {
	var all []string
	for _, name := range names {
		if strings.TrimSpace(name) != "" {
			all = append(all, string(MarkOf(key, name)))
		}
	}
	slices.Sort(all)
	return Marks(strings.Join(slices.Compact(all), " "))
}

// Subjects finds what is kept of a person. Its methods may be called concurrently.
type Subjects interface {
	// Find calls each with the records that bear a mark, whole, the oldest of each kind first; an error of each ends it.
	// What is damaged is left out, and the error, after the others, is ErrDamaged.
	Find(ctx context.Context, mark Marks, each func(SubjectRecord) error) error
	// Divide calls rest with each dead letter that bears a mark, whole and with its Marks, and is not being replayed. Where it
	// returns true what it returned is kept in the letter's place: Headers, Body and Marks. It returns how many those are. rest is
	// called within a transaction, perhaps more than once of a letter: it only looks. A letter that is damaged is passed over.
	Divide(ctx context.Context, mark Marks, rest func(DeadLetter) (left DeadLetter, some bool)) (int64, error)
	// Erase removes what is kept in the records that bear a mark: operations that have ended,
	// dead letters and messages of open collections go, answers
	// under idempotency keys become the given one, so that a repetition still has no second effect. What is being worked
	// on is left, and counted as in flight. It goes in small transactions: after an error part of it is done, and doing it
	// again does the rest.
	Erase(ctx context.Context, mark Marks, instead Answer, now time.Time) (Erased, error)
}

// SubjectRecord is one record that bears a mark: one of the fields is there.
type SubjectRecord struct {
	Operation *Operation
	Letter    *DeadLetter
	Answer    *Answer // under an idempotency key
	Collected *Collected
}

// Collected is a message of a collection that is not finished.
type Collected struct {
	Route string
	Body  []byte
}

// Erased counts what Erase removed, and what it left as it is being worked on.
type Erased struct {
	Operations, Letters, Answers int64
	Collected                    int64 // messages of open collections
	InFlight                     int64
}
