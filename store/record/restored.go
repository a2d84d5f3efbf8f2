package record

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"fondaco/store"
)

// RestoredKey is the name in the table meta of what is kept of the latest restore.
const RestoredKey = "restored"

// ReadRestored reads what is kept of a restore: JSON.
func ReadRestored(text string) (at store.Restored, err error) {
	if err := json.Unmarshal([]byte(text), &at); err != nil || at.ID == "" {
		return at, fmt.Errorf("%w: what is kept of its restore; restore the state again", store.ErrDamaged)
	}
	return at, nil
}

// Released is what is kept of a restore whose work goes on.
func Released(text, by, why string, notDone bool, now time.Time) (at store.Restored, out string, err error) {
	if at, err = ReadRestored(text); err != nil {
		return at, "", err
	}
	at.Held, at.By, at.Why, at.Released = false, by, why, now
	at.Doubtful = at.Doubtful && !notDone
	b, err := json.Marshal(at)
	return at, string(b), err
}

// Jumped is a sequence that a restore moved on.
type Jumped struct {
	Name string
	Last int64 // every number up to this one may have been drawn
}

// The gap that a restore leaves in a sequence.
const (
	leastGap  = 10_000 // numbers
	gapFactor = 10     // times what was drawn on the busiest day, for each day since the backup
)

// Jump moves a sequence on. sum is its row's, and busiest what was drawn from it on its busiest day.
func (j *Jumped) Jump(sum, busiest int64, at store.Restored) error {
	if sum != Sum(j.Name, j.Last) {
		return fmt.Errorf("%w: the sequence %q; take another backup", store.ErrDamaged, j.Name)
	}
	days := 1 + int64(max(at.At.Sub(at.Moment), 0)/(24*time.Hour))
	gap := max(leastGap, gapFactor*busiest*days)
	j.Last = min(j.Last, math.MaxInt64-gap) + gap
	return nil
}
