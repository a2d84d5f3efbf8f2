package storage

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/embedded"
	"fondaco/routes"
	"fondaco/store"
	"fondaco/store/sqlite"
)

// pair is a state and topics as a process finds them at its start.
type pair struct {
	t      *testing.T
	state  store.Store
	topics *embedded.Broker
	fit    *fit
	log    bytes.Buffer
}

// fitStart is when the process of a pair starts.
var fitStart = time.Date(2026, 11, 29, 2, 0, 0, 0, time.UTC)

func newPair(t *testing.T) *pair {
	t.Helper()
	dir := t.TempDir()
	p := &pair{t: t}
	var err error
	if p.state, err = sqlite.Open(t.Context(), filepath.Join(dir, "state.db"), sqlite.Options{Project: "p"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.state.Close() })
	if p.topics, err = embedded.Open(t.Context(), filepath.Join(dir, "topics.db"), embedded.Options{Project: "p"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.topics.Close() })
	p.fit = &fit{
		operations: p.state.Operations(), letters: p.state.DeadLetters(), topics: p.topics,
		restored: func() store.Restored { return store.Restored{} },
		log:      slog.New(slog.NewTextHandler(&p.log, nil)), started: fitStart, most: 1000,
		counts: func(context.Context) (int, error) { return 7, nil },
		tell:   func(context.Context, store.Operation, time.Time) error { t.Error("somebody is told"); return nil },
	}
	return p
}

// operation has an operation that was accepted so long before the start.
func (p *pair) operation(id string, state store.OperationState, before time.Duration) {
	p.t.Helper()
	at := fitStart.Add(-before)
	if err := p.state.Operations().Create(p.t.Context(),
		store.Operation{ID: id, Route: "file", State: store.Accepted, Created: at, Updated: at}); err != nil {
		p.t.Fatal(err)
	}
	if state != store.Accepted {
		if err := p.state.Operations().Set(p.t.Context(), id, state, 1, store.Answer{}, at); err != nil {
			p.t.Fatal(err)
		}
	}
}

// request has a request wait that was accepted so long before the start.
func (p *pair) request(id string, before time.Duration) {
	p.t.Helper()
	m := messaging.Message{
		ID: id, Type: routes.AcceptedType, Source: routes.AcceptedSource("file"), Time: fitStart.Add(-before),
		Body: []byte("{}"),
	}
	if err := messaging.Publish(p.t.Context(), p.topics, routes.AsyncTopic("file"), m); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pair) stateOf(id string) store.OperationState {
	p.t.Helper()
	op, err := p.state.Operations().Get(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	return op.State
}

// found looks, and compares what does not fit.
func (p *pair) found(want ...misfit) {
	p.t.Helper()
	again, err := p.fit.Look(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	if got := p.fit.misfits(); fmt.Sprint(got) != fmt.Sprint(want) || again != (len(want) > 0) {
		p.t.Errorf("%+v, again %t; expected %+v", got, again, want)
	}
	if err := p.fit.health(); (err != nil) != (len(want) > 0) {
		p.t.Errorf("health: %v", err)
	}
}

// TestFit: what waits, is being worked on, has a letter or came after the start fits; an operation whose request is nowhere, a
// request of no operation and one of an operation that is done do not, each is told once, and each ends with its cause.
func TestFit(t *testing.T) {
	p := newPair(t)
	p.operation("waits", store.Accepted, time.Hour)
	p.request("waits", time.Hour)
	p.operation("tries", store.Waiting, time.Hour)
	p.request("tries", time.Hour)
	p.operation("dead", store.Working, time.Hour) // killed between the letter and the end
	dead := store.DeadLetter{
		ID: "l", Topic: "fondaco.file", Group: "fondaco",
		MessageID: messaging.Message{ID: "dead", Source: routes.AcceptedSource("file")}.Identity(), Kept: fitStart,
	}
	if _, err := p.state.DeadLetters().Keep(t.Context(), dead); err != nil {
		t.Fatal(err)
	}
	p.operation("failed", store.Failed, time.Hour)
	p.operation("cancelled", store.Cancelled, time.Hour)
	p.request("cancelled", time.Hour)
	p.operation("later", store.Accepted, -time.Second) // its request is on its way
	p.request("later still", -2*time.Second)           // and of this one the operation was looked for before
	p.found()

	p.operation("lost", store.Accepted, time.Hour)
	p.operation("lost too", store.Working, time.Minute)
	p.request("unknown", time.Hour)
	p.operation("done", store.Done, time.Hour)
	p.request("done", 2*time.Hour)
	whole := misfit{Route: "file", Topic: "fondaco.file", Lost: 2, Unknown: 1, Finished: 1}
	p.found(whole)
	p.found(whole)
	if n := strings.Count(p.log.String(), "operations and topics do not fit"); n != 1 {
		t.Errorf("it is told %d times: %s", n, p.log.String())
	}
	for _, words := range []string{
		"2 unfinished operations of the route file have no request on the topic fondaco.file",
		"1 requests on the topic fondaco.file are of no operation",
		"1 requests on the topic fondaco.file are of operations that are done", "fondaco restore", "fondaco topics forget file --yes",
	} {
		if text := p.fit.health().Error(); !strings.Contains(text, words) {
			t.Errorf("%q is not in %s", words, text)
		}
	}
	if err := p.fit.End(t.Context(), p.fit.Lost("file")); err != nil {
		t.Fatal(err)
	}
	p.found(misfit{Route: "file", Topic: "fondaco.file", Unknown: 1, Finished: 1})
	for id, want := range map[string]store.OperationState{
		"lost": store.Failed, "lost too": store.Failed, "waits": store.Accepted,
		"later": store.Accepted, "done": store.Done,
	} {
		if got := p.stateOf(id); got != want {
			t.Errorf("%s is %s, expected %s", id, got, want)
		}
	}
	if err := p.topics.Clear(t.Context(), "fondaco.file"); err != nil { // all have been worked on, and "waits" and "tries" have not ended
		t.Fatal(err)
	}
	p.found(misfit{Route: "file", Topic: "fondaco.file", Lost: 2})
}

// TestFitCutShort: what was half done when the process was killed, or at the moment of the backup, does not count: an operation
// whose request was not published yet, of which nobody heard 202, ends as failed; one that is older is lost all the same.
func TestFitCutShort(t *testing.T) {
	half := func(p *pair) {
		p.operation("old", store.Accepted, time.Hour)
		p.operation("half", store.Accepted, 30*time.Minute+time.Second)
		p.operation("whole", store.Accepted, 30*time.Minute)
		p.request("whole", 30*time.Minute)
		p.operation("done", store.Done, 30*time.Minute+2*time.Second)
		p.request("done", 31*time.Minute)
	}
	p := newPair(t)
	half(p)
	p.found(misfit{Route: "file", Topic: "fondaco.file", Lost: 2, Finished: 1}) // it had stopped by itself
	for name, how := range map[string]func(*fit){
		"killed": func(f *fit) { f.killed = true },
		"restored": func(f *fit) {
			f.restored = func() store.Restored { return store.Restored{Moment: fitStart.Add(-30 * time.Minute)} }
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t)
			half(p)
			how(p.fit)
			p.found(misfit{Route: "file", Topic: "fondaco.file", Lost: 1})
			if half, old, whole := p.stateOf("half"), p.stateOf("old"), p.stateOf("whole"); half != store.Failed || old != store.Accepted ||
				whole != store.Accepted {
				t.Error(half, old, whole)
			}
			if !strings.Contains(p.log.String(), "cut short") {
				t.Error(p.log.String())
			}
			p.found(misfit{Route: "file", Topic: "fondaco.file", Lost: 1})
		})
	}
}

// TestFitByNumbers: of more than can be compared the numbers are.
func TestFitByNumbers(t *testing.T) {
	p := newPair(t)
	p.fit.most = 5
	for i := range 5 {
		p.operation(fmt.Sprint("o", i), store.Accepted, time.Hour)
	}
	p.request("o0", time.Hour)
	p.request("o1", time.Hour)
	p.found(misfit{Route: "any", Topic: "fondaco.*", Numbers: true, Lost: 3})
	if text := p.fit.health().Error(); !strings.Contains(text, "at least 3 unfinished") || strings.Contains(text, "--yes") {
		t.Error(text)
	}
	p = newPair(t)
	p.fit.most = 5
	p.operation("o0", store.Accepted, time.Hour)
	for i := range 6 {
		p.request(fmt.Sprint("o", i), time.Hour)
	}
	p.found(misfit{Route: "any", Topic: "fondaco.*", Numbers: true, Unknown: 6}) // of 7 that are counted
}
