package console

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"fondaco/messaging"
	"fondaco/store"
)

// Topic is the account of a route on its topic:
// Accepted = Done + Failed + Dead + Cancelled + Discarded + Expired + Superseded + InFlight. A message that an operator gave back is the
// one that was accepted before.
type Topic struct {
	Route      string `json:"route,omitempty"`
	Topic      string `json:"topic"`
	Group      string `json:"group,omitempty"`
	Accepted   int64  `json:"accepted"`
	Done       int64  `json:"done"`       // handled, whatever the route answered
	Failed     int64  `json:"failed"`     // letters: a system refused it, or its route cannot read it any more
	Dead       int64  `json:"dead"`       // letters of all other reasons
	Cancelled  int64  `json:"cancelled"`  // by its caller
	Discarded  int64  `json:"discarded"`  // letters that an operator threw away
	Expired    int64  `json:"expired"`    // letters that were let go, by age or for room
	Superseded int64  `json:"superseded"` // runs of a schedule that gave way to the next
	InFlight   int64  `json:"in_flight"`
	Oldest     string `json:"oldest,omitempty"` // when the oldest message in flight was accepted
	State      string `json:"state,omitempty"`  // of the route's work: working, paused, ended, held; "" where this process does none

	// WaitsFor counts the messages that this process has put aside, by the system or operation that is down. What waits
	// behind them for its key's sake is not counted.
	WaitsFor map[string]int `json:"waits_for,omitempty"`

	// Retries counts the messages that this process tries again after a system or an operation failed them, by which.
	Retries []Retry `json:"retries,omitempty"`

	// Unfit says that the operations of the state do not fit the requests on the topic, and what to do; "" if they do.
	Unfit string `json:"unfit,omitempty"`
}

// parkedOn counts what is put aside of a row's messages, by what it waits for.
func parkedOn(aside []messaging.Parked, r Topic) (on map[string]int) {
	for _, p := range aside {
		if p.Topic == r.Topic && p.Group == r.Group {
			if on == nil {
				on = map[string]int{}
			}
			on[p.On] += p.Messages
		}
	}
	return on
}

// Retry counts messages that wait for their next attempt. What waits behind them for its key's sake is not counted.
type Retry struct {
	On       string    `json:"on"` // the system or operation that failed them
	Messages int       `json:"messages"`
	Since    time.Time `json:"since"` // when the first of them began to wait
	Next     time.Time `json:"next"`  // when the next attempt is due; past if it is being made
}

// retriesOf returns what is tried again of a row's messages, by what failed it.
func retriesOf(all []messaging.Retrying, r Topic) (of []Retry) {
	for _, x := range all {
		if x.Topic == r.Topic && x.Group == r.Group {
			of = append(of, Retry{x.On, x.Messages, x.Since.UTC(), x.Next.UTC()})
		}
	}
	return of
}

// Standing is the state as a person reads it: "working, 1 waits for iris.create (36 more behind or at work)".
func (r Topic) Standing() string {
	text, aside := r.State, 0
	for _, on := range slices.Sorted(maps.Keys(r.WaitsFor)) {
		n := r.WaitsFor[on]
		aside += n
		text += fmt.Sprintf(", %d %s for %s", n, map[bool]string{true: "waits", false: "wait"}[n == 1], on)
	}
	for _, x := range r.Retries {
		aside += x.Messages
		text += fmt.Sprintf(", %d tried again for %s", x.Messages, x.On)
	}
	if more := r.InFlight - int64(aside); aside > 0 && more > 0 {
		text += fmt.Sprintf(" (%d more behind or at work)", more)
	}
	return text
}

// accounts makes rows of what the topics count and what became dead letters.
// What is told of a group that was joined to another counts there.
func accounts(counts []messaging.Count, tallies []store.Tally, route, joined func(topic, group string) string) []Topic {
	at, replays := map[[2]string]store.Tally{}, map[string]int64{}
	for _, t := range tallies {
		t.Group = joined(t.Topic, t.Group)
		at[[2]string{t.Topic, t.Group}] = at[[2]string{t.Topic, t.Group}].With(t)
		replays[t.Topic] += t.Replays // all groups of a topic get what is given back
	}
	rows := []Topic{}
	for _, c := range counts {
		t := at[[2]string{c.Topic, c.Group}]
		row := Topic{
			Route: route(c.Topic, c.Group), Topic: c.Topic, Group: c.Group, Accepted: c.Accepted - replays[c.Topic],
			Done:   c.Finished - replays[c.Topic] - t.Undone(),
			Failed: t.Failed, Dead: t.Dead(), Cancelled: t.Cancelled, Discarded: t.Discarded, Expired: t.Gone, Superseded: t.Superseded,
			InFlight: c.Waiting,
		}
		if !c.Oldest.IsZero() {
			row.Oldest = c.Oldest.UTC().Format(time.RFC3339)
		}
		rows = append(rows, row)
	}
	return rows
}

// unfit adds what does not fit to the accounts of topics.
func unfit(rows []Topic, fit Fit) []Topic {
	if fit == nil {
		return rows
	}
	for topic, text := range fit.Misfits() {
		i := slices.IndexFunc(rows, func(r Topic) bool { return r.Topic == topic })
		if i < 0 {
			rows, i = append(rows, Topic{Topic: topic}), len(rows)
		}
		rows[i].Unfit = text
	}
	return rows
}

func (api *API) listTopics(r *http.Request) (any, error) {
	counter, ok := api.Broker.(messaging.Counter)
	if !ok {
		return []Topic{}, nil
	}
	counts, err := counter.Counts(r.Context())
	if err != nil {
		return nil, err
	}
	tallies, err := api.State.DeadLetters().Tallies(r.Context(), messaging.FailureReasons...)
	if err != nil {
		return nil, err
	}
	rows := accounts(counts, tallies, api.Consumers.Route, api.Consumers.Joined)
	if at := api.States(); at != nil {
		var aside []messaging.Parked
		if p, ok := api.Broker.(messaging.Parker); ok {
			aside = p.Parked()
		}
		var again []messaging.Retrying
		if api.Retrying != nil {
			again = api.Retrying()
		}
		for i := range rows {
			if state, ok := at[rows[i].Route]; ok {
				rows[i].State, rows[i].WaitsFor, rows[i].Retries = state, parkedOn(aside, rows[i]), retriesOf(again, rows[i])
			}
		}
	}
	return unfit(rows, api.Fit), nil
}
