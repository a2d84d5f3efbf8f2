package letters

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"fondaco/config"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/routes/callback"
	"fondaco/routes/trigger"
	"fondaco/store"
)

// Desk keeps dead letters in a store and replays them to their topics. It is a messaging.DeadLetters. Safe for
// concurrent use; of one store there is one in a process.
type Desk struct {
	letters    store.DeadLetters
	operations store.Operations
	intents    store.Intents
	audit      store.Audit
	broker     messaging.Publisher
	route      func(topic, group string) string
	clock      config.Clock
	log        *slog.Logger

	mu   sync.Mutex
	hand map[string]bool // letters that are being given back, by id
	own  map[string]bool // letters that this process has claimed and not given back, by id

	several bool // other processes have desks on the same store
}

// New returns the desk of a store and a broker, which remain the caller's. route names the route that works on a topic
// for a group, and clock says when letters are kept and taken.
func New(s store.Store, b messaging.Publisher, route func(topic, group string) string, clock config.Clock, log *slog.Logger) *Desk {
	return &Desk{
		letters: s.DeadLetters(), operations: s.Operations(), intents: s.Intents(), audit: s.Audit(), broker: b, route: route,
		clock: clock, log: log, hand: map[string]bool{}, own: map[string]bool{},
	}
}

// Share has the desk forget calls where processes share what they have begun, and not in the store alone. It is called before
// the desk is used.
func (d *Desk) Share(i store.Intents) { d.intents = i }

// Several says that other processes have desks on the same store: what one of them is giving back now is left to it. It is called
// before the desk is used.
func (d *Desk) Several() { d.several = true }

// Keep stores a letter. The operation of an accepted request has failed when its message is dead, and whoever asked to be
// told of its end is.
func (d *Desk) Keep(ctx context.Context, topic, group string, m messaging.Message, reason messaging.Reason, detail, trace string) error {
	now := d.clock.Now()
	letter := store.DeadLetter{
		ID: strings.ToLower(rand.Text()), Topic: topic, Group: group, Route: d.route(topic, group), Key: m.Key, MessageID: m.Identity(),
		Place:  m.Place.String(),
		Reason: string(reason), Detail: detail, Trace: trace, Attempts: m.Attempt, First: m.Time, Kept: now, Body: m.Body,
		Replay: m.Replay.Letter,
	}
	letter.Marks = store.Marks(m.Extension(routes.ExtensionMarks))
	event := m
	event.Replay = messaging.Replay{}
	for _, h := range event.Headers() {
		letter.Headers = append(letter.Headers, [2]string{h.Name, h.Value})
	}
	if end, err := callback.Read(m); topic == callback.Topic && err == nil {
		letter.Route = end.Route
	}
	kept, err := d.letters.Keep(ctx, letter)
	if err != nil {
		return err
	}
	if m.Replay.Letter != "" {
		d.log.Warn("a replay has died again", "letter", kept.ID, "route", letter.Route, "topic", topic, "group", group, "reason", string(reason))
	}
	if !strings.HasPrefix(topic, "fondaco.") || topic == callback.Topic {
		return nil
	}
	return d.failed(ctx, m, now)
}

var notDone = routes.StoredProblem(&trigger.Problem{
	Status: http.StatusInternalServerError, Title: "Not done",
	Detail: "The request could not be done. It is kept, and looked at by the service.",
})

// failed ends the operation of a message that is dead. What its work has said of the failure stays; that it is to be told
// is kept first.
func (d *Desk) failed(ctx context.Context, m messaging.Message, now time.Time) error {
	op, err := d.operations.Get(ctx, m.ID)
	if errors.Is(err, store.ErrAbsent) {
		return nil
	}
	if err != nil {
		return err
	}
	end := routes.EndOf(m)
	if op.ReplyTo != "" {
		if err := routes.TellEnd(ctx, routes.TopicsOf(d.broker), op, store.Failed, end, m.Extension("traceparent"), now); err != nil {
			return err
		}
	}
	if op.State == store.Failed && op.End >= end {
		return nil
	}
	err = d.operations.Set(ctx, m.ID, store.Failed, end, notDone, now)
	if errors.Is(err, store.ErrAbsent) {
		return nil
	}
	return err
}

// Settle notes in a letter's history how its replay ended.
func (d *Desk) Settle(ctx context.Context, topic, group string, m messaging.Message, repeated bool) error {
	result := store.ReplayDone
	if repeated {
		result = store.ReplayRepeated
	}
	l := store.DeadLetter{ID: m.Replay.Letter, Topic: topic, Group: group, MessageID: m.Identity()}
	ended, err := d.letters.Settle(ctx, l, result, d.clock.Now())
	if ended {
		d.log.Info("a replay has ended", "letter", l.ID, "route", d.route(topic, group), "topic", topic, "group", group, "result", string(result))
	}
	return err
}
