package console

import (
	"net/http"
	"time"

	"fondaco/store"
)

// Cause counts the dead letters of one reason at one place.
type Cause struct {
	Topic   string    `json:"topic"`
	Group   string    `json:"group"`
	Route   string    `json:"route"`
	Reason  string    `json:"reason"`
	Letters int64     `json:"letters"`
	First   time.Time `json:"first"` // when the first of them died
	Last    time.Time `json:"last"`
	Accepts bool      `json:"accepted_requests,omitempty"` // they are accepted requests, whose operations failed
}

// listCauses counts the letters that a filter finds, by where and why they died; the most come first.
func (api *API) listCauses(r *http.Request) (any, error) {
	q := r.URL.Query()
	f, err := filterOf(q)
	if err != nil {
		return nil, err
	}
	limit, err := numberOf(q, "limit", 100, 1, 1000)
	if err != nil {
		return nil, err
	}
	list, err := api.State.DeadLetters().Causes(r.Context(), f, int(limit))
	if err != nil {
		return nil, err
	}
	rows := []Cause{}
	for _, c := range list {
		rows = append(rows, causeOf(c))
		rows[len(rows)-1].Accepts = api.Consumers.Accepts(c.Topic, c.Group)
	}
	return rows, nil
}

func causeOf(c store.LetterCause) Cause {
	return Cause{
		Topic: c.Topic, Group: c.Group, Route: c.Route, Reason: c.Reason, Letters: c.Letters, First: c.First.UTC(), Last: c.Last.UTC(),
	}
}
