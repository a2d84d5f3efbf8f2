package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"fondaco/connectors/mask"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/server"
	"fondaco/store"

	"github.com/spf13/cobra"
)

// consuming knows which route works on the messages of a topic for a group. Safe for concurrent use.
type consuming struct {
	mu    sync.RWMutex
	at    map[[2]string]*routes.Consumer
	group map[[2]string]string // the group that one is by now, of those that were joined
}

// take learns the consumers of a program. Those of earlier programs stay known: their messages may still be there.
func (c *consuming) take(list []*routes.Consumer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at == nil {
		c.at = map[[2]string]*routes.Consumer{}
	}
	c.group = map[[2]string]string{}
	for _, x := range list {
		for _, other := range x.Also {
			c.at[[2]string{x.Topic, other}], c.group[[2]string{x.Topic, other}] = x, x.Group
		}
	}
	for _, x := range list {
		c.at[[2]string{x.Topic, x.Group}] = x
	}
}

// of names the route; "" for a group of others.
func (c *consuming) of(topic, group string) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if x := c.at[[2]string{topic, group}]; x != nil {
		return x.ID
	}
	return ""
}

// joined returns the group that a group of a topic is by now: most are themselves.
func (c *consuming) joined(topic, group string) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if now, other := c.group[[2]string{topic, group}]; other {
		return now
	}
	return group
}

// mask returns the body of a message of a group as people see it who gave no reason.
func (c *consuming) mask(topic, group string, body []byte) routes.Masked {
	c.mu.RLock()
	x := c.at[[2]string{topic, group}]
	c.mu.RUnlock()
	if x == nil {
		return routes.Untyped(body)
	}
	return x.Mask(body)
}

// key returns a message's key as people see it who gave no reason.
func (c *consuming) key(topic, group, key string) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if x := c.at[[2]string{topic, group}]; (x == nil || x.PersonalKey) && key != "" {
		return mask.Hidden
	}
	return key
}

// topicRow is the account of a route on its topic:
// Accepted = Done + Failed + Dead + Cancelled + Discarded + Expired + Superseded + InFlight. A message that an operator gave back is the
// one that was accepted before.
type topicRow struct {
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

	// Unfit says that the operations of the state do not fit the requests on the topic, and what to do; "" if they do.
	Unfit string `json:"unfit,omitempty"`
}

// stateOf says in a word how the work of a route stands.
func stateOf(c server.Consumer) string {
	switch {
	case c.Held:
		return "held" // the state was restored: fondaco release
	case c.Ended:
		return "ended" // by itself: the log and the readiness say why
	case c.Paused:
		return "paused" // a system is down
	}
	return "working"
}

// parkedOn counts what is put aside of a row's messages, by what it waits for.
func parkedOn(aside []messaging.Parked, r topicRow) (on map[string]int) {
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

// standing is the state as a person reads it: "working, 1200 wait for crm.create".
func (r topicRow) standing() string {
	text := r.State
	for _, on := range slices.Sorted(maps.Keys(r.WaitsFor)) {
		text += fmt.Sprintf(", %d wait for %s", r.WaitsFor[on], on)
	}
	return text
}

// accounts makes rows of what the topics count and what became dead letters.
// What is told of a group that was joined to another counts there.
func accounts(counts []messaging.Count, tallies []store.Tally, route, joined func(topic, group string) string) []topicRow {
	at, replays := map[[2]string]store.Tally{}, map[string]int64{}
	for _, t := range tallies {
		t.Group = joined(t.Topic, t.Group)
		at[[2]string{t.Topic, t.Group}] = at[[2]string{t.Topic, t.Group}].With(t)
		replays[t.Topic] += t.Replays // all groups of a topic get what is given back
	}
	rows := []topicRow{}
	for _, c := range counts {
		t := at[[2]string{c.Topic, c.Group}]
		row := topicRow{
			Route: route(c.Topic, c.Group), Topic: c.Topic, Group: c.Group, Accepted: c.Accepted - replays[c.Topic], Done: c.Finished - replays[c.Topic] - t.Undone(),
			Failed: t.Failed, Dead: t.Dead(), Cancelled: t.Cancelled, Discarded: t.Discarded, Expired: t.Gone, Superseded: t.Superseded, InFlight: c.Waiting,
		}
		if !c.Oldest.IsZero() {
			row.Oldest = c.Oldest.UTC().Format(time.RFC3339)
		}
		rows = append(rows, row)
	}
	return rows
}

func (s *storage) listTopics(r *http.Request) (any, error) {
	counter, ok := s.broker.(messaging.Counter)
	if !ok {
		return []topicRow{}, nil
	}
	counts, err := counter.Counts(r.Context())
	if err != nil {
		return nil, err
	}
	tallies, err := s.state.DeadLetters().Tallies(r.Context(), messaging.FailureReasons...)
	if err != nil {
		return nil, err
	}
	rows := accounts(counts, tallies, s.routes.of, s.routes.joined)
	if s.consumers != nil {
		at := s.consumers()
		var aside []messaging.Parked
		if p, ok := s.broker.(messaging.Parker); ok {
			aside = p.Parked()
		}
		for i := range rows {
			if c, ok := at[rows[i].Route]; ok {
				rows[i].State, rows[i].WaitsFor = stateOf(c), parkedOn(aside, rows[i])
			}
		}
	}
	return s.fit.rows(rows), nil
}

func topicsCommand(w *World) *cobra.Command {
	o := &operators{w: w}
	c := &cobra.Command{
		Use:   "topics",
		Short: "Show what became of the messages of each route: accepted = done + failed + dead + cancelled + discarded + expired + superseded + in flight",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var rows []topicRow
			if err := o.ask(c.Context(), http.MethodGet, topicsPath, nil, &rows); err != nil || o.format == "json" {
				return err
			}
			t := tabwriter.NewWriter(w.Stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "route\ttopic\tgroup\taccepted\tdone\tfailed\tdead\tcancelled\tdiscarded\texpired\tsuperseded\tin flight\toldest\tstate")
			dash := func(s string) string {
				if s == "" {
					return "-"
				}
				return s
			}
			for _, r := range rows {
				fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", dash(r.Route), r.Topic, dash(r.Group), r.Accepted, r.Done, r.Failed, r.Dead, r.Cancelled, r.Discarded, r.Expired, r.Superseded, r.InFlight, dash(r.Oldest), dash(r.standing()))
			}
			if err := t.Flush(); err != nil {
				return err
			}
			for _, r := range rows {
				if r.Unfit != "" {
					fmt.Fprintf(w.Stdout, "operations and topics do not fit: %s\n", r.Unfit)
				}
			}
			return nil
		},
	}
	o.declare(c)
	c.AddCommand(topicsForgetCommand(w))
	return c
}
