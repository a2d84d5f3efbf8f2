package main

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/routes/callback"
	"fondaco/store"
)

// letters keeps dead letters in the store. The operation of an accepted request has failed when its message is dead, and
// whoever asked to be told of its end is.
type letters struct {
	state  store.Store
	route  func(topic, group string) string
	topics routes.Topics
}

// Keep stores a letter.
func (l letters) Keep(ctx context.Context, topic, group string, m messaging.Message, reason messaging.Reason, detail, trace string) error {
	now := time.Now()
	letter := store.DeadLetter{
		ID: strings.ToLower(rand.Text()), Topic: topic, Group: group, Route: l.route(topic, group), Key: m.Key, MessageID: m.Source + " " + m.ID,
		Reason: string(reason), Detail: detail, Trace: trace, Attempts: m.Attempt, First: m.Time, Kept: now, Body: m.Body,
	}
	for _, h := range m.Headers() {
		letter.Headers = append(letter.Headers, [2]string{h.Name, h.Value})
	}
	if end, err := callback.Read(m); topic == callback.Topic && err == nil {
		letter.Route = end.Route
	}
	if _, err := l.state.DeadLetters().Keep(ctx, letter); err != nil {
		return err
	}
	if !strings.HasPrefix(topic, "fondaco.") || topic == callback.Topic {
		return nil
	}
	return l.failed(ctx, m, now)
}

var notDone = store.Answer{
	Status: 500, Header: [][2]string{{"Content-Type", "application/problem+json"}},
	Body: []byte(`{"type":"about:blank","title":"Not done","status":500,"detail":"The request could not be done. It is kept, and looked at by the service."}`),
}

// failed ends the operation of a message that is dead. What its work has said of the failure stays; that it is to be told
// is kept first.
func (l letters) failed(ctx context.Context, m messaging.Message, now time.Time) error {
	op, err := l.state.Operations().Get(ctx, m.ID)
	if errors.Is(err, store.ErrAbsent) {
		return nil
	}
	if err != nil {
		return err
	}
	if op.ReplyTo != "" {
		if err := routes.TellEnd(ctx, l.topics, op, store.Failed, m.Extension("traceparent"), now); err != nil {
			return err
		}
	}
	if op.State == store.Failed {
		return nil
	}
	err = l.state.Operations().Set(ctx, m.ID, store.Failed, notDone, now)
	if errors.Is(err, store.ErrAbsent) {
		return nil
	}
	return err
}
