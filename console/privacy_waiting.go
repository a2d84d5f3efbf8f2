package console

import (
	"context"
	"errors"
	"time"

	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/store"
)

// waitingErased counts what was erased of what waited.
type waitingErased struct {
	cancelled int64 // operations
	messages  int64 // that went
	divided   int64 // batches that others' messages are left of
	left      int64 // messages that are being worked on, or are damaged; those of operations that have not ended are counted there
}

// eraseWaiting cancels a person's requests that are not being worked on, tells whoever asked to be told, and removes the messages on
// embedded topics that bear the mark. Of a batch of several persons the others' messages are left.
func (api *API) eraseWaiting(ctx context.Context, mark store.Marks, now time.Time) (w waitingErased, err error) {
	b, ok := api.Broker.(messaging.Bearer)
	if !ok {
		return w, nil
	}
	var open []store.Operation
	if err := api.State.Subjects().Find(ctx, mark, func(r store.SubjectRecord) error {
		if r.Operation != nil && !r.Operation.State.Ended() {
			open = append(open, *r.Operation)
		}
		return nil
	}); err != nil && !errors.Is(err, store.ErrDamaged) {
		return w, err
	}
	for _, op := range open {
		cancelled, err := api.cancelOperation(ctx, op.ID, routes.ErasedRequest, now)
		switch {
		case errors.Is(err, store.ErrBegun):
		case err != nil:
			return w, err
		case cancelled:
			w.cancelled++
		}
	}
	met := map[int64]messaging.Borne{}
	var list []messaging.Erasure
	if _, err := b.Bearing(ctx, string(mark), func(m messaging.Borne) error {
		_, open, err := api.requestOf(ctx, m)
		if err != nil || open { // another is being worked on, or was accepted just now
			return err
		}
		one := messaging.Erasure{Seq: m.Seq}
		if _, rest, batch := routes.SplitBatch(m.Message, mark); batch {
			one.Instead = rest
		}
		met[m.Seq], list = m, append(list, one)
		return nil
	}); err != nil {
		return w, err
	}
	for len(list) > 0 {
		part := list[:min(len(list), erasedAtOnce)]
		list = list[len(part):]
		done, err := b.Erase(ctx, string(mark), part)
		if err != nil {
			return w, err
		}
		instead := map[int64]bool{}
		for _, one := range part {
			instead[one.Seq] = one.Instead != nil
		}
		for _, one := range done {
			if instead[one.Seq] {
				w.divided++
				continue
			}
			w.messages++
			if err := api.forgetWork(ctx, met[one.Seq], one.Groups, now); err != nil {
				return w, err
			}
		}
	}
	damaged, err := b.Bearing(ctx, string(mark), func(m messaging.Borne) error {
		if _, open, err := api.requestOf(ctx, m); err != nil || open {
			return err
		}
		w.left++
		return nil
	})
	w.left += damaged
	return w, err
}

// erasedAtOnce is how many messages a transaction erases.
const erasedAtOnce = 500

// cancelOperation ends an operation as cancelled, unless it has ended, while no work on its request can begin; ErrBegun if it is being
// worked on. Whoever asked to be told is.
func (api *API) cancelOperation(ctx context.Context, id string, answer store.Answer, now time.Time) (cancelled bool, err error) {
	do := func() error {
		op, err := api.State.Operations().Get(ctx, id)
		if errors.Is(err, store.ErrAbsent) || err == nil && op.State.Ended() {
			return nil
		}
		if err != nil {
			return err
		}
		end := op.End + 1
		if op.ReplyTo != "" { // that it is to be told is durable before its state is
			if err := routes.TellEnd(ctx, routes.TopicsOf(api.Broker), op, store.Cancelled, end, "", now); err != nil {
				return err
			}
		}
		err = api.State.Operations().Set(ctx, id, store.Cancelled, end, answer, now)
		if errors.Is(err, store.ErrAbsent) {
			return nil
		}
		cancelled = err == nil
		return err
	}
	err = api.Withdraw(id, do)
	return cancelled, err
}

// requestOf reports whether a message is an accepted request, and whether its operation has not ended.
func (api *API) requestOf(ctx context.Context, m messaging.Borne) (request, open bool, err error) {
	if m.Message.Type != routes.AcceptedType {
		return false, false, nil
	}
	op, err := api.State.Operations().Get(ctx, m.Message.ID)
	if errors.Is(err, store.ErrAbsent) {
		return true, false, nil
	}
	return true, err == nil && !op.State.Ended(), err
}

// forgetWork has the account say that a message was cancelled, which would count as done, and lets go of what was noted of its calls.
func (api *API) forgetWork(ctx context.Context, m messaging.Borne, groups []string, now time.Time) error {
	id, accepted := m.Message.Identity(), m.Message.Type == routes.AcceptedType
	for _, group := range groups {
		if err := api.State.Inbox().Unhandled(ctx, m.Topic, group, now, id, store.EndCancelled); err != nil {
			return err
		}
		if err := api.Intents.End(ctx, routes.ExchangeOf(accepted, group, id)); err != nil {
			return err
		}
	}
	return nil
}

// divideLetters takes a person's messages out of dead letters of batches, and leaves those of others.
func (api *API) divideLetters(ctx context.Context, mark store.Marks) (int64, error) {
	return api.State.Subjects().Divide(ctx, mark, func(l store.DeadLetter) (store.DeadLetter, bool) {
		_, rest, batch := routes.SplitBatch(messageOf(l), mark)
		if !batch || rest == nil {
			return l, false
		}
		l.Headers, l.Body, l.Marks = nil, rest.Body, store.Marks(rest.Extension(routes.ExtensionMarks))
		for _, h := range rest.Headers() {
			l.Headers = append(l.Headers, [2]string{h.Name, h.Value})
		}
		return l, true
	})
}

// messageOf returns the message that a dead letter holds, as far as it is one.
func messageOf(l store.DeadLetter) messaging.Message {
	headers := make([]messaging.Attribute, len(l.Headers))
	for i, h := range l.Headers {
		headers[i] = messaging.Attribute{Name: h[0], Value: h[1]}
	}
	m, _ := messaging.Read(headers, l.Body, l.First)
	return m
}

// exportWaiting adds a person's messages on embedded topics to an export, and returns how many cannot be read.
func (a *PersonAnswer) exportWaiting(ctx context.Context, broker messaging.Broker, mark store.Marks) error {
	b, ok := broker.(messaging.Bearer)
	if !ok {
		return nil
	}
	damaged, err := b.Bearing(ctx, string(mark), func(m messaging.Borne) error {
		row := PersonRecord{Kind: "message", ID: m.Message.ID, Topic: m.Topic, State: "waiting", At: m.At.UTC().Format(timeShown)}
		if m.Message.Type == routes.AcceptedType {
			row.Kind = "request"
		}
		for _, h := range m.Message.Headers() {
			row.Headers = append(row.Headers, [2]string{h.Name, h.Value})
		}
		row.holds(m.Message, mark)
		a.Records = append(a.Records, row)
		a.Messages++
		return nil
	})
	a.InFlight += damaged
	return err
}

// holds takes up what a message holds of a person: of a batch that person's messages alone, of an accepted request its parts.
func (r *PersonRecord) holds(m messaging.Message, mark store.Marks) {
	body := m.Body
	if part, _, batch := routes.SplitBatch(m, mark); batch && part != nil {
		body = part.Body
		r.Headers = nil // they say who the others are
	} else if m.Type == routes.AcceptedType {
		if k, err := routes.ReadAccepted(m.Body); err == nil {
			body = k.Body
			r.Request = &PersonRequest{Path: k.Path, Query: k.Query, Headers: k.Header, Caller: k.User}
		}
	}
	r.body(body)
}
