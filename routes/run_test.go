package routes

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/expr"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newExchange(slots int) *Exchange {
	return &Exchange{Frame: expr.Frame{Slots: make([]schema.Value, slots), Budget: 1000}, shared: &shared{}}
}

// writes returns a run that puts a number into a slot.
func writes(slot int, n int64) Run {
	return func(_ context.Context, x *Exchange) error {
		x.Frame.Slots[slot] = schema.Int(n)
		x.Frame.Budget -= 10
		return nil
	}
}

// until returns a run that waits for the end of its context.
func until(seen *atomic.Bool) Run {
	return func(ctx context.Context, _ *Exchange) error {
		<-ctx.Done()
		seen.Store(true)
		return &connectors.Fault{System: "s", Operation: "o", Kind: connectors.Timeout, Err: ctx.Err()}
	}
}

func fails(err error) Run { return func(context.Context, *Exchange) error { return err } }

func TestRaceWritesAll(t *testing.T) {
	x := newExchange(3)
	lanes := []lane{{name: "a", run: writes(0, 1)}, {name: "b", run: writes(1, 2)}, {name: "c", run: writes(2, 3)}}
	if err := race(t.Context(), x, lanes, 2); err != nil {
		t.Fatal(err)
	}
	for i, v := range x.Frame.Slots {
		if v.Int() != int64(i+1) {
			t.Errorf("slot %d holds %d", i, v.Int())
		}
	}
	if x.Frame.Budget != 970 {
		t.Errorf("three branches spent 10 each, and %d of 1000 are left", x.Frame.Budget)
	}
}

func TestRaceRequiredFailureCancelsOthers(t *testing.T) {
	var seen atomic.Bool
	boom := &connectors.Fault{System: "s", Operation: "o", Kind: connectors.Refused}
	for here := range 2 {
		seen.Store(false)
		lanes := []lane{{name: "slow", run: until(&seen)}, {name: "fails", run: fails(boom)}}
		err := race(t.Context(), newExchange(1), lanes, here)
		if connectors.AsFault(err) != boom || !seen.Load() {
			t.Errorf("here %d: found %v, expected the refusal, and the other branch cancelled", here, err)
		}
	}
}

func TestRaceOptional(t *testing.T) {
	x := newExchange(3)
	half := func(ctx context.Context, x *Exchange) error {
		x.Frame.Slots[1] = schema.Int(7)
		return &connectors.Fault{Kind: connectors.Unavailable}
	}
	lanes := []lane{{name: "a", run: writes(0, 1)}, {name: "b", optional: true, lo: 1, hi: 2, run: half}}
	if err := race(t.Context(), x, lanes, 0); err != nil {
		t.Fatal(err)
	}
	if !x.Frame.Slots[1].IsAbsent() {
		t.Error("a branch that failed left half of its names")
	}
	missed := x.missed()
	if missed.Len() != 1 || missed.Items()[0].Str() != "b" {
		t.Error("missing does not name the branch")
	}
}

func TestRaceOptionalTimeout(t *testing.T) {
	var seen atomic.Bool
	x := newExchange(1)
	lanes := []lane{{name: "a", run: writes(0, 1)}, {name: "b", optional: true, timeout: time.Millisecond, run: until(&seen)}}
	if err := race(t.Context(), x, lanes, 0); err != nil || x.missed().Len() != 1 {
		t.Error(err, x.missed().Len())
	}
}

func TestRaceDecisionsAreNotAbsorbed(t *testing.T) {
	decided := errors.New("decided")
	lanes := []lane{{name: "a", run: writes(0, 1)}, {name: "b", optional: true, run: fails(decided)}}
	if err := race(t.Context(), newExchange(1), lanes, 0); !errors.Is(err, decided) {
		t.Errorf("found %v, expected the branch's own decision", err)
	}
}

func TestRaceContainsPanics(t *testing.T) {
	breaks := func(context.Context, *Exchange) error { panic("the caller's codice fiscale") }
	for here := range 2 {
		err := race(t.Context(), newExchange(1), []lane{{name: "a", run: writes(0, 1)}, {name: "b", optional: true, run: breaks}}, here)
		var p *PanicError
		if !errors.As(err, &p) {
			t.Fatalf("found %v, expected a panic as an error", err)
		}
		if text := err.Error(); strings.Contains(text, "codice") || !strings.Contains(text, "run_test.go") {
			t.Errorf("found %q, expected the place and not the value", text)
		}
	}
}

func TestSequenceStopsWhenTimeIsUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var ran []string
	note := func(name string, then func()) *Step {
		return &Step{
			ID: name, Kind: "set", Pos: diag.Pos{File: "routes/a.yaml", Line: len(name), Col: 1},
			run: func(context.Context, *Exchange) error {
				ran = append(ran, name)
				then()
				return nil
			},
		}
	}
	err := sequence([]*Step{note("a", func() {}), note("bb", cancel), note("ccc", func() {})})(ctx, newExchange(0))
	if fmt.Sprint(ran) != "[a bb]" || err == nil || err.Error() != "routes/a.yaml:3:1: set: context canceled" {
		t.Errorf("ran %v, found %v", ran, err)
	}
}

func TestSequenceTellsTheInnermostStep(t *testing.T) {
	inner := &Step{Kind: "call", Pos: diag.Pos{File: "routes/a.yaml", Line: 9, Col: 5}, run: fails(errors.New("down"))}
	outer := &Step{Kind: "parallel", Pos: diag.Pos{File: "routes/a.yaml", Line: 7, Col: 5}, run: sequence([]*Step{inner})}
	var seen []string
	x := newExchange(0)
	x.shared.observe = func(_ *Exchange, s *Step, began time.Time, skipped bool, err error) {
		seen = append(seen, fmt.Sprint(s.Kind, skipped, err != nil, !began.IsZero()))
	}
	err := sequence([]*Step{outer})(t.Context(), x)
	if err.Error() != "routes/a.yaml:9:5: call: down" {
		t.Error(err)
	}
	if fmt.Sprint(seen) != "[callfalse true true parallelfalse true true]" {
		t.Error(seen)
	}
}

// TestEarlyAnswerIsNoFailure: whoever sees the steps sees none that failed, and nothing after the answer is run.
func TestEarlyAnswerIsNoFailure(t *testing.T) {
	said := &spoken{}
	var seen []string
	x := newExchange(1)
	x.shared.observe = func(_ *Exchange, s *Step, _ time.Time, _ bool, err error) {
		seen = append(seen, fmt.Sprint(s.ID, " ", err))
	}
	inner := &Step{ID: "inner", run: fails(&early{said})}
	u := &unit{run: sequence([]*Step{{ID: "outer", run: sequence([]*Step{inner})}, {ID: "after", run: writes(0, 1)}}), finally: &spoken{}}
	if got, err := u.answered(t.Context(), x); err != nil || got != said {
		t.Errorf("found %v %v, expected the answer of the step", got, err)
	}
	if got := strings.Join(seen, ", "); got != "inner <nil>, outer <nil>" {
		t.Errorf("found %s", got)
	}
}

func TestLoopBeside(t *testing.T) {
	list := make([]schema.Value, 100)
	for i := range list {
		list[i] = schema.Int(int64(i))
	}
	l := &loop{
		item: 0, lo: 0, hi: 2, max: 100, workers: 4, into: 2,
		list: func(*expr.Frame) (schema.Value, error) { return schema.List(list), nil },
		run: func(_ context.Context, x *Exchange) error {
			if !x.Frame.Slots[1].IsAbsent() {
				return errors.New("something is left of the item before")
			}
			x.Frame.Slots[1] = schema.Int(x.Frame.Slots[0].Int() * 2)
			x.Frame.Budget--
			return nil
		},
		collect: func(f *expr.Frame) (schema.Value, error) { return f.Slots[1], nil },
	}
	x := newExchange(3)
	if err := l.Run(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	for i, v := range x.Frame.Slots[2].Items() {
		if v.Int() != int64(i*2) {
			t.Fatalf("item %d returns %d", i, v.Int())
		}
	}
	if x.Frame.Budget != 900 {
		t.Errorf("100 items spent 1 each, and %d of 1000 are left", x.Frame.Budget)
	}
	stop := errors.New("stop")
	l.run = func(_ context.Context, x *Exchange) error {
		if x.Frame.Slots[0].Int() == 50 {
			return stop
		}
		return nil
	}
	if err := l.Run(t.Context(), x); !errors.Is(err, stop) {
		t.Error(err)
	}
	l.run = func(context.Context, *Exchange) error { panic("x") }
	var p *PanicError
	if err := l.Run(t.Context(), x); !errors.As(err, &p) {
		t.Error(err)
	}
	l.max = 10
	if err := l.Run(t.Context(), x); err == nil || problemOf(err).Status != 500 {
		t.Error(err)
	}
}

func TestProblemOf(t *testing.T) {
	fault := func(k connectors.FaultKind, after time.Duration, detail string, err error) error {
		return &StepError{Step: &Step{Kind: "call"}, Err: &connectors.Fault{
			System: "s", Operation: "o", Kind: k, RetryAfter: after,
			Detail: detail, Err: err,
		}}
	}
	for _, c := range []struct {
		err    error
		status int
		retry  time.Duration
		detail string
	}{
		{fault(connectors.Unavailable, 0, "", nil), 503, 5 * time.Second, "A system that this operation needs does not answer at the moment."},
		{
			fault(connectors.Unavailable, 7*time.Second, "", nil), 503, 7 * time.Second,
			"A system that this operation needs does not answer at the moment.",
		},
		{fault(connectors.Timeout, 0, "", nil), 504, 0, "A system that this operation needs did not answer in time."},
		{fault(connectors.Refused, 0, "Il verbale è annullato.", nil), 422, 0, "Il verbale è annullato."},
		{fault(connectors.Invalid, 0, "", nil), 502, 0, "A system that this operation needs gave an answer that cannot be used."},
		{fault(connectors.NotFound, 0, "", nil), 404, 0, "What was asked for does not exist."},
		{fault(connectors.Conflict, 0, "", nil), 409, 0, "The state of the thing does not admit the request."},
		{fault(connectors.Unknown, 0, "", nil), 502, 0, "It is not known whether the request took effect: ask for its state before sending " +
			"it again."},
		{fault(connectors.Timeout, 0, "", context.Canceled), 499, 0, "The caller went away."},
		{context.DeadlineExceeded, 504, 0, "The operation did not end within its time."},
		{context.Canceled, 499, 0, "The caller went away."},
		{fmt.Errorf("in a mapping: %w", expr.ErrBudget), 500, 0, "The operation came to cost more than it may."},
		{&PanicError{Value: "RSSMRA80A01L736X"}, 500, 0, "The operation failed because of an internal error."},
	} {
		p := problemOf(c.err)
		if p.Status != c.status || p.RetryAfter != c.retry || p.Detail != c.detail || p.Err == nil {
			t.Errorf("%v: found %d %v %q", c.err, p.Status, p.RetryAfter, p.Detail)
		}
		if strings.Contains(string(p.AppendJSON(nil)), "RSSMRA") {
			t.Error("the problem repeats a value")
		}
	}
}
