package console

import (
	"context"
	"net/http/httptest"
	"testing"

	"fondaco/store"
)

// others are what a state does with letters beside what is asked here.
type others struct{ store.DeadLetters }

// arriving is a state in which another letter is kept between any two questions.
type arriving struct {
	store.Store
	others
	kept int64
}

func (a *arriving) DeadLetters() store.DeadLetters { return a }

func (a *arriving) List(_ context.Context, _ store.LetterFilter, limit int, _ string) ([]store.DeadLetter, error) {
	list := make([]store.DeadLetter, min(a.kept, int64(limit)))
	a.kept++
	return list, nil
}

func (a *arriving) Count(context.Context, store.LetterFilter) (int64, error) {
	a.kept++
	return a.kept - 1, nil
}

type keys struct{ Consumers }

func (keys) Key(_, _, key string) string { return key }

// TestListedAndCounted: a list that is not cut off has as many rows as it says there are.
func TestListedAndCounted(t *testing.T) {
	state := &arriving{}
	api := &API{State: state, Consumers: keys{}}
	for _, limit := range []string{"2", "2", "1"} {
		got, err := api.listDead(httptest.NewRequest("GET", "/admin/dead?limit="+limit, nil))
		if err != nil {
			t.Fatal(err)
		}
		answer := got.(Letters)
		rows, total := len(answer.Letters), answer.Total
		if whole := limit == "2"; whole && total != int64(rows) || !whole && total != 3 {
			t.Errorf("limit %s: %d rows of %d", limit, rows, total)
		}
	}
}
