package letters

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/embedded"
	"fondaco/routes/callback"
	"fondaco/store"
)

// TestOperatorsAtOnce: of four operators who replay one letter at the same time, and of those who do so after it
// succeeded, one is served; the others are told who and when. There is one effect, though no inbox knows the id.
func TestOperatorsAtOnce(t *testing.T) {
	h := newHouse(t)
	h.work("t", "g")
	id := h.letter("t", event("1"))
	var done, told atomic.Int64
	ask := func(who string) {
		o, err := h.desk.Replay(context.Background(), store.LetterFilter{IDs: []string{id}}, store.Act{Who: who, Why: "repaired", At: time.Now()})
		if err != nil {
			t.Error(err)
		}
		done.Add(o.Done)
		for _, r := range o.Refused {
			told.Add(1)
			if !strings.Contains(r.Reason, "operator") && !strings.Contains(r.Reason, "at this moment") {
				t.Errorf("%s is told %q", who, r.Reason)
			}
		}
	}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() { ask(fmt.Sprint("operator ", i)) })
	}
	all.Wait()
	h.eventually(func() string {
		if l := h.get(id); l.Result != store.ReplayDone {
			return fmt.Sprintf("%+v", l)
		}
		return ""
	})
	for i := range 4 {
		ask(fmt.Sprint("late operator ", i))
	}
	if h.worked.Load() != 1 || done.Load() != 1 || told.Load() != 7 || h.accepted("t") != 1 {
		t.Errorf("%d effects, %d served, %d told, %d published", h.worked.Load(), done.Load(), told.Load(), h.accepted("t"))
	}
	var what []string
	for _, e := range h.get(id).History {
		what = append(what, e.What)
	}
	if strings.Join(what, " ") != "died replayed done" {
		t.Errorf("the history is %v", what)
	}
	if text := h.log.String(); !strings.Contains(text, "why=repaired") || !strings.Contains(text, "result=done") ||
		!strings.Contains(text, "letter="+id) {
		t.Errorf("the log is\n%s", text)
	}
}

// TestReplayGoesOn: letters that cannot be given back are listed with their reasons, and wait; the others are given back.
func TestReplayGoesOn(t *testing.T) {
	h := newHouse(t)
	first := h.letter("t", event("1"))
	empty := event("")
	empty.Place = messaging.Place{Offset: 1}
	bad := h.letter("t", empty)
	large := event("large")
	large.Body = make([]byte, 2*messaging.MaxBody)
	tooLarge := h.letter("t", large)
	last := h.letter("t", event("2"))
	o, err := h.desk.Replay(t.Context(), store.LetterFilter{State: store.LetterWaiting}, store.Act{Who: "anna", At: time.Now()})
	if err != nil || o.Done != 2 || o.Passed != 2 || len(o.Refused) != 2 {
		t.Fatalf("%+v, %v", o, err)
	}
	for _, r := range o.Refused {
		if want := map[string]string{bad: "ce_id is absent", tooLarge: "too large"}[r.ID]; want == "" || !strings.Contains(r.Reason, want) {
			t.Errorf("%+v", r)
		}
	}
	for id, want := range map[string]store.LetterState{
		first: store.LetterReplayed, bad: store.LetterWaiting, tooLarge: store.LetterWaiting,
		last: store.LetterReplayed,
	} {
		if l := h.get(id); l.State != want {
			t.Errorf("%s: %s, expected %s", l.MessageID, l.State, want)
		}
	}
	o, err = h.desk.Replay(t.Context(), store.LetterFilter{IDs: []string{first, "nobody"}}, store.Act{Who: "bruno", At: time.Now()})
	if err != nil || o.Done != 0 || o.Passed != 2 || !strings.Contains(o.Refused[0].Reason, "anna had it replayed at ") ||
		!strings.Contains(o.Refused[1].Reason, "no such letter") {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestKilledBetween: a process that ends after the claim, or after the publishing, loses no letter, and the next one
// brings its replay to one effect.
func TestKilledBetween(t *testing.T) {
	for step, published := range map[string]bool{"claimed": false, "published": true} {
		t.Run(step, func(t *testing.T) {
			h := newHouse(t)
			id := h.letter("t", event("1"))
			claimed, _, err := h.state.DeadLetters().Claim(t.Context(), []string{id}, store.Act{Who: "anna", At: time.Now()})
			if err != nil || len(claimed) != 1 {
				t.Fatal(err)
			}
			if published {
				m, err := h.desk.read(t.Context(), claimed[0])
				if err == nil {
					err = messaging.Publish(t.Context(), h.broker, "t", m)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			h.again(h.broker)
			if err := h.desk.resume(t.Context()); err != nil {
				t.Fatal(err)
			}
			h.work("t", "g")
			h.eventually(func() string {
				counts, err := h.broker.Counts(t.Context())
				if l := h.get(id); err != nil || l.Result != store.ReplayDone || l.State != store.LetterReplayed || l.Replays != 1 ||
					len(counts) != 1 || counts[0].Waiting != 0 {
					return fmt.Sprintf("%+v %+v %v", l, counts, err)
				}
				return ""
			})
			if n := h.worked.Load(); n != 1 {
				t.Errorf("%d effects", n)
			}
			if err := h.desk.resume(t.Context()); err != nil || h.accepted("t") > 2 {
				t.Error("it is given back again", err)
			}
		})
	}
}

// TestTopicAway: while a topic does not take letters their replay is under way, for whoever else asks as well, and ends
// when it does.
func TestTopicAway(t *testing.T) {
	h := newHouse(t)
	away, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "topics.db"), embedded.Options{Project: "p"})
	if err == nil {
		err = away.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	h.again(away)
	id := h.letter("t", event("1"))
	o, err := h.desk.Replay(t.Context(), store.LetterFilter{}, store.Act{Who: "anna", At: time.Now()})
	if err != nil || o.Done != 0 || o.Passed != 1 || !strings.Contains(o.Refused[0].Reason, "tried again") {
		t.Fatalf("%+v, %v", o, err)
	}
	o, err = h.desk.Replay(t.Context(), store.LetterFilter{}, store.Act{Who: "bruno", At: time.Now()})
	if err != nil || o.Done != 0 || !strings.Contains(o.Refused[0].Reason, "anna is having it replayed, since ") {
		t.Fatalf("%+v, %v", o, err)
	}
	o, err = h.desk.Discard(t.Context(), store.LetterFilter{}, store.Act{Who: "bruno", At: time.Now()})
	if err != nil || o.Done != 0 || o.Passed != 1 {
		t.Fatalf("%+v, %v", o, err)
	}
	if err := h.desk.resume(t.Context()); err != nil || h.get(id).State != store.LetterReplaying {
		t.Fatal(err)
	}
	h.again(h.broker)
	h.work("t", "g")
	if err := h.desk.resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.eventually(func() string {
		if l := h.get(id); l.Result != store.ReplayDone || h.worked.Load() != 1 {
			return fmt.Sprintf("%+v, %d effects", l, h.worked.Load())
		}
		return ""
	})
}

// TestEndsOfAnOperation: an operation fails with its message, and again with each replay that dies: each end is told under
// a key of its own.
func TestEndsOfAnOperation(t *testing.T) {
	h := newHouse(t)
	h.dies.Store(true)
	if err := h.state.Operations().Create(t.Context(),
		store.Operation{ID: "op", Route: "r", State: store.Accepted, Created: time.Now(), ReplyTo: "https://ente.example/esiti"}); err != nil {
		t.Fatal(err)
	}
	if err := messaging.Publish(t.Context(), h.broker, "fondaco.r", event("op")); err != nil {
		t.Fatal(err)
	}
	s, err := h.broker.Subscriber("test", messaging.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ends, err := s.Subscribe(t.Context(), callback.Topic)
	if err != nil {
		t.Fatal(err)
	}
	h.work("fondaco.r", "fondaco")
	for i, want := range []string{"op-failed", "op-failed-2", "op-failed-3"} {
		select {
		case e := <-ends:
			m, _ := messaging.Received(e)
			end, err := callback.Read(m)
			if err != nil || m.ID != want || end.End != i+1 {
				t.Errorf("the end %d is %s, %+v, %v", i+1, m.ID, end, err)
			}
			e.Ack()
		case <-time.After(2 * time.Minute):
			t.Fatal("no end is told")
		}
		h.eventually(func() string {
			if op, err := h.state.Operations().Get(t.Context(), "op"); err != nil || op.State != store.Failed || op.End != i+1 {
				return fmt.Sprintf("%+v, %v", op, err)
			}
			list, err := h.state.DeadLetters().List(t.Context(), store.LetterFilter{State: store.LetterWaiting}, 10, "")
			if err != nil || len(list) != 1 || list[0].Replays != i {
				return fmt.Sprintf("%+v, %v", list, err)
			}
			return ""
		})
		if o, err := h.desk.Replay(t.Context(), store.LetterFilter{}, store.Act{Who: "anna", At: time.Now()}); err != nil || o.Done != 1 {
			t.Fatalf("%+v, %v", o, err)
		}
	}
}

// TestSeveralDesks: what another process has claimed, and may be giving back, is left to it, and taken over when its time is over. What
// this process has claimed itself it gives back at once.
func TestSeveralDesks(t *testing.T) {
	h := newHouse(t)
	h.desk.Several()
	young, old := h.letter("t", event("1")), h.letter("t", event("2"))
	for id, at := range map[string]time.Time{young: time.Now(), old: time.Now().Add(-2 * takeOver)} {
		if claimed, _, err := h.state.DeadLetters().Claim(t.Context(), []string{id}, store.Act{Who: "anna", At: at}); err != nil ||
			len(claimed) != 1 {
			t.Fatal(claimed, err)
		}
	}
	if err := h.desk.resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h.get(young).State != store.LetterReplaying || h.get(old).State != store.LetterReplayed || h.accepted("t") != 1 {
		t.Errorf("young %s, old %s, %d published", h.get(young).State, h.get(old).State, h.accepted("t"))
	}
	away, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "topics.db"), embedded.Options{Project: "p"})
	if err == nil {
		err = away.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	h.again(away)
	h.desk.Several()
	own := h.letter("t", event("3"))
	if o, err := h.desk.Replay(t.Context(), store.LetterFilter{IDs: []string{own}}, store.Act{Who: "anna", At: time.Now()}); err != nil ||
		o.Done != 0 {
		t.Fatalf("%+v, %v", o, err)
	}
	h.desk.broker = h.broker // it comes back
	if err := h.desk.resume(t.Context()); err != nil || h.get(own).State != store.LetterReplayed {
		t.Errorf("its own: %s, %v", h.get(own).State, err)
	}
	if h.get(young).State != store.LetterReplaying {
		t.Errorf("another's: %s", h.get(young).State)
	}
}
