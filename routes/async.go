package routes

import (
	"context"
	"errors"
	"net/http"
	"time"

	"fondaco/messaging"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/store"
	"fondaco/transform/codec"
)

// AsyncTopic returns the topic on which the accepted requests of a route wait. Such topics are ours: no project declares
// one of that name.
func AsyncTopic(route string) string { return "fondaco." + route }

// AcceptedType is the CloudEvents type of an accepted request.
const AcceptedType = "fondaco.request.accepted"

// AcceptedSource returns the CloudEvents source of the accepted requests of a route.
func AcceptedSource(route string) string { return "/fondaco/" + route }

// storedRequest is how an accepted request travels.
var storedRequest = schema.RecordType(
	schema.Field{Name: "path", Type: schema.ListOf(schema.TypeText), Required: true},
	schema.Field{Name: "query", Type: schema.TypeText, Required: true},
	schema.Field{Name: "header", Type: schema.ListOf(schema.ListOf(schema.TypeText)), Required: true},
	schema.Field{Name: "body", Type: schema.TypeBytes, Required: true},
	schema.Field{Name: "user", Type: trigger.UserType.OrNull(), Required: true},
	schema.Field{Name: "trace", Type: schema.TypeText},
)

var readStored = codec.CompileJSON(storedRequest, codec.JSONOptions{})

// Acceptance is what a route that works later makes of a request.
type Acceptance struct {
	Topic string
	Key   string // requests of one key are worked on one after the other
	Body  []byte // of the message

	ReplyTo   string // where the end is to be told, "" for nowhere
	Correlate bool   // the answer names the operation in X-Correlation-ID
}

// accept checks a request as serve would, and packs it.
func (e *entry) accept(ctx context.Context, id string, req *trigger.Request) (a *Acceptance, err error) {
	if e.route.down != nil {
		return nil, &trigger.Problem{
			Status: 503, Title: "Not ready",
			Detail: "This operation is not ready: a system that it needs is not set up.", RetryAfter: time.Minute, Err: e.route.down,
		}
	}
	defer func() {
		if err != nil {
			err = problemOf(err)
		}
	}()
	defer contained(&err)
	now := e.program.now()
	x := e.unit.begin(func() time.Time { return now }, &shared{id: id})
	x.Frame.Context = ctx
	a = &Acceptance{Topic: AsyncTopic(e.keptAs), Key: id, Correlate: e.telling != nil}
	to, problem := e.address(req.Header)
	if problem != nil {
		e.unit.end(x)
		return nil, problem
	}
	a.ReplyTo = to
	if err = e.read(x, req); err == nil && e.key != nil {
		if a.Key, err = e.key(&x.Frame); a.Key == "" {
			a.Key = id
		}
	}
	body := req.Body
	if err == nil && e.form != nil {
		body = codec.AppendJSON(nil, x.Frame.Slots[e.bodySlot])
	}
	e.unit.end(x)
	if err != nil {
		return nil, err
	}
	a.Body = e.kept.pack(req, body)
	return a, nil
}

func unpackRequest(body []byte) (*trigger.Request, error) {
	v, err := readStored.Decode(body)
	if err != nil {
		return nil, err
	}
	req := &trigger.Request{Kept: true, Query: v.Get("query").Str(), Header: http.Header{}, Body: schema.Octets(v.Get("body"))}
	for _, p := range v.Get("path").Items() {
		req.Path = append(req.Path, p.Str())
	}
	for _, pair := range v.Get("header").Items() {
		items := pair.Items()
		for _, x := range items[min(1, len(items)):] {
			req.Header.Add(items[0].Str(), x.Str())
		}
	}
	if user := v.Get("user"); !user.IsNil() {
		req.User = trigger.WithoutBlanks(user)
	}
	return req, nil
}

// worker returns the consumer that does the accepted requests of a route.
func (e *entry) worker(r *TypedRoute) *Consumer {
	d := r.Model
	c := &Consumer{
		ID: d.ID.Value, Topic: AsyncTopic(d.Kept()), Group: "fondaco", Workers: d.work.workers, Backoff: d.work.plan(),
		Timeout: d.Timeout, Single: e.unit.single(), Once: e.unit.blind(), Accepts: true,
	}
	c.read, c.PersonalKey = readsAccepted(r), r.key != nil && r.key.Type.Personal
	c.Handle = func(ctx context.Context, m messaging.Message) error {
		req, err := unpackRequest(m.Body)
		if err != nil {
			return &messaging.Dead{Reason: messaging.Unreadable, Detail: "what was kept of the request cannot be read"}
		}
		return e.work(ctx, m.ID, EndOf(m), m.Extension("traceparent"), req)
	}
	return c
}

// EndOf returns the number of the end that an accepted request's operation has with this message: 1, and one more for
// each replay of its dead letter.
func EndOf(m messaging.Message) int { return 1 + m.Replay.Number }

// work does an accepted request, and keeps what came of it under its operation, as the end of that number.
func (e *entry) work(ctx context.Context, id string, end int, trace string, req *trigger.Request) error {
	states := e.program.operations
	set := func(s store.OperationState, a store.Answer) error {
		if states == nil {
			return errors.New("there is no storage of operations")
		}
		number := 0
		if s == store.Done || s == store.Failed {
			number = end
		}
		err := states.Set(ctx, id, s, number, a, e.program.now())
		if errors.Is(err, store.ErrAbsent) {
			return nil // its time is over, and nobody asks for it
		}
		return err
	}
	// What takes but a moment goes from accepted to done: a state that nobody can ask for in time is not written.
	told := make(chan struct{})
	working := time.AfterFunc(shortly, func() {
		defer close(told)
		_ = set(store.Working, store.Answer{}) // the end is what counts, and is told in any case
	})
	with := &shared{observe: e.program.observe, id: id}
	answer, err := e.later(ctx, req, with)
	if !working.Stop() {
		<-told
	}
	if err == nil {
		// That it is to be told is kept first: a done operation's message does not come again.
		if err := retryUntilStored(ctx, func() error { return e.tell(ctx, id, store.Done, end, trace) }); err != nil {
			return err
		}
		if err := retryUntilStored(ctx, func() error { return set(store.Done, answer) }); err != nil {
			return err
		}
		answered(ctx, answer.Status, false)
		return nil
	}
	problem := problemOf(err)
	failed := StoredProblem(problem)
	ending := verdict(err, with)
	var dead *messaging.Dead
	switch {
	case ownAnswer(err):
		// The answer is a problem, and an answer all the same: whoever asked is told.
		if err := retryUntilStored(ctx, func() error { return e.tell(ctx, id, store.Failed, end, trace) }); err != nil {
			return err
		}
		if err := set(store.Failed, failed); err != nil {
			return &messaging.Retry{After: topicsPause, Err: err}
		}
		answered(ctx, problem.Status, true)
		return nil
	case !errors.As(ending, &dead):
		if err := set(store.Waiting, store.Answer{}); err != nil {
			return &messaging.Retry{After: topicsPause, Err: err}
		}
		return ending
	}
	if err := set(store.Failed, failed); err != nil {
		return &messaging.Retry{After: topicsPause, Err: err}
	}
	return ending // whoever keeps the dead letter logs it
}

// shortly is how long work goes on before its operation is working.
const shortly = 300 * time.Millisecond

// retryUntilStored tries until what was done is remembered, or ctx ends: doing it again is the worse end.
func retryUntilStored(ctx context.Context, remember func() error) error {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := remember()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return &messaging.Retry{Err: err}
		case <-time.After(wait):
		}
	}
}

// later runs the exchange of an accepted request.
func (e *entry) later(ctx context.Context, req *trigger.Request, with *shared) (a store.Answer, err error) {
	defer contained(&err)
	ctx, cancel := context.WithTimeout(ctx, e.route.Timeout)
	defer cancel()
	now := e.program.now()
	x := e.unit.begin(func() time.Time { return now }, with)
	var said *spoken
	if err = e.read(x, req); err != nil {
		err = &unreadable{unreadableProblem(err)}
	} else {
		said, err = e.unit.answered(ctx, x)
	}
	var resp *trigger.Response
	if err == nil {
		resp, err = e.answer(ctx, x, said)
	}
	e.unit.end(x)
	if err != nil {
		return a, err
	}
	defer resp.Release()
	return StoredAnswer(resp), nil
}
