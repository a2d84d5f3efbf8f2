package postgres

import (
	"fmt"
	"testing"
	"time"

	"fondaco/store"
)

// TestSweepInChunks: all of very many is removed, whether it is of one moment or of many, and nothing else.
func TestSweepInChunks(t *testing.T) {
	p := newPlace(t, nil)
	s := p.open(p.options())
	const many = 2*chunk + 100
	var ids []string
	for i := range many {
		ids = append(ids, fmt.Sprint("m", i))
	}
	if err := s.Inbox().Done(t.Context(), "t", "g", now, ids...); err != nil {
		t.Fatal(err)
	}
	if err := s.Inbox().Done(t.Context(), "t", "g", now.Add(time.Hour), "later"); err != nil {
		t.Fatal(err)
	}
	together(many, func(i int) {
		at := now.Add(time.Duration(i/2) * time.Second)
		if i == 0 {
			at = now.Add(10 * 24 * time.Hour)
		}
		if err := s.Operations().Create(t.Context(), store.Operation{
			ID: fmt.Sprint("o", i), Route: "r", State: store.Done, Created: now, Updated: at, End: 1,
			Answer: store.Answer{Status: 200, Body: []byte("{}")},
		}); err != nil {
			t.Error(err)
		}
	})
	day := 24 * time.Hour
	keep := store.Retention{Route: "r", Operations: 30 * day, Results: 2 * day}
	swept, err := s.Sweep(t.Context(), now.Add(7*day+time.Minute), keep)
	if want := (store.Swept{Ids: many, Results: many - 1}); err != nil || swept != want {
		t.Errorf("%+v, %v, expected %+v", swept, err, want)
	}
	if o, err := s.Operations().Get(t.Context(), "o5"); err != nil || o.Answer.Status != 0 || len(o.Answer.Body) != 0 {
		t.Errorf("%+v, %v", o, err)
	}
	swept, err = s.Sweep(t.Context(), now.Add(31*day), keep)
	if want := (store.Swept{Ids: 1, Operations: many - 1, Results: 1}); err != nil || swept != want {
		t.Errorf("%+v, %v, expected %+v", swept, err, want)
	}
}
