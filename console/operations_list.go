package console

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"fondaco/store"
)

// Operation is an accepted request as it is shown: without what it brought, what it was answered and who may ask for it.
type Operation struct {
	ID      string    `json:"id"`
	Route   string    `json:"route"`
	State   string    `json:"state"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	Status  int       `json:"status,omitempty"` // of its answer
	End     int       `json:"end,omitempty"`    // the number of its latest end
}

// Operations is a list of operations.
type Operations struct {
	Operations []Operation `json:"operations"`
	After      string      `json:"after,omitempty"` // what to ask for as after to go on, "" at the end
}

// states are those of which operations are listed.
var states = append(slices.Clone(store.UnfinishedStates), store.Done, store.Failed, store.Cancelled)

// listOperations returns operations of a state, the oldest change first, or the one of an id.
func (api *API) listOperations(r *http.Request) (any, error) {
	q := r.URL.Query()
	if id := q.Get("id"); id != "" {
		op, err := api.State.Operations().Get(r.Context(), id)
		if errors.Is(err, store.ErrAbsent) {
			return nil, wrongRequest{fmt.Errorf("there is no operation %q", id)}
		}
		if err != nil {
			return nil, err
		}
		return Operations{Operations: []Operation{operationOf(op)}}, nil
	}
	state := store.OperationState(q.Get("state"))
	if !slices.Contains(states, state) {
		var words []string
		for _, s := range states {
			words = append(words, string(s))
		}
		return nil, wrongRequest{fmt.Errorf("state: found %q, expected %s", state, strings.Join(words, ", "))}
	}
	limit, err := numberOf(q, "limit", 100, 1, 1000)
	if err != nil {
		return nil, err
	}
	list, err := api.State.Operations().List(r.Context(), state, int(limit), q.Get("after"))
	if err != nil {
		return nil, err
	}
	answer := Operations{Operations: []Operation{}}
	for _, op := range list {
		answer.Operations = append(answer.Operations, operationOf(op))
	}
	if len(list) == int(limit) {
		answer.After = list[len(list)-1].Cursor
	}
	return answer, nil
}

func operationOf(o store.Operation) Operation {
	return Operation{o.ID, o.Route, string(o.State), o.Created.UTC(), o.Updated.UTC(), o.Answer.Status, o.End}
}
