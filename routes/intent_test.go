package routes

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/policy"
	"fondaco/schema"
	"fondaco/store"
)

// ledger notes what is asked of it, and fails where it is told to.
type ledger struct {
	store.Intents
	said         []string
	full         error
	whileWritten func()
}

func (l *ledger) Begin(_ context.Context, i store.Intent) error {
	l.said = append(l.said, "begin "+i.Step)
	if l.whileWritten != nil {
		l.whileWritten()
	}
	return l.full
}

func (l *ledger) Release(_ context.Context, _, step string) error {
	l.said = append(l.said, "release "+step)
	return l.full
}

// A call is noted before it is made, once for each attempt that goes out, and the note is taken back where it is certain that
// there was no effect. What cannot be noted is not called, and says nothing of the system.
func TestNoted(t *testing.T) {
	fault := func(kind connectors.FaultKind, sent bool) error {
		return &connectors.Fault{System: "s", Operation: "o", Kind: kind, Sent: sent}
	}
	for name, x := range map[string]struct {
		answers []error // of one attempt after the other
		full    error
		late    bool // the time is up once the note is written
		said    string
		calls   int
	}{
		"it is done":                 {answers: []error{nil}, said: "begin, call", calls: 1},
		"nobody knows":               {answers: []error{fault(connectors.Unknown, true)}, said: "begin, call", calls: 1},
		"no answer that can be read": {answers: []error{fault(connectors.Invalid, true)}, said: "begin, call", calls: 1},
		"not even sent":              {answers: []error{fault(connectors.Invalid, false)}, said: "begin, call, release", calls: 1},
		"no fault at all":            {answers: []error{errors.New("a panic, or worse")}, said: "begin, call", calls: 1},
		"refused":                    {answers: []error{fault(connectors.Refused, true)}, said: "begin, call, release", calls: 1},
		"there already":              {answers: []error{fault(connectors.Conflict, true)}, said: "begin, call, release", calls: 1},
		"no such thing":              {answers: []error{fault(connectors.NotFound, true)}, said: "begin, call, release", calls: 1},
		"not reached, then done": {
			answers: []error{fault(connectors.Unavailable, false), nil}, said: "begin, call, release, begin, call",
			calls: 2,
		},
		"not reached, then unknown": {
			answers: []error{fault(connectors.Timeout, false), fault(connectors.Unknown, true), nil},
			said:    "begin, call, release, begin, call", calls: 2,
		},
		"the disk is full": {answers: []error{nil}, full: store.ErrFull, said: "begin, release", calls: 0},
		"too late":         {answers: []error{nil}, late: true, said: "begin, release", calls: 0},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			l := &ledger{full: x.full}
			if x.late {
				l.whileWritten = cancel
			}
			calls := 0
			set := policy.Merge(policy.Set{Retry: &policy.Retry{Attempts: 3}}, policy.Set{})
			op := &connectors.Operation{Name: "o", Effect: connectors.Once}
			call := noted(func(context.Context, schema.Value) (schema.Value, error) {
				l.said = append(l.said, "call")
				calls++
				return schema.Value{}, x.answers[calls-1]
			}).With(set.Policies(op, schema.TypeNull, policy.NewShared("s", set, nil, nil))...)
			i := &intention{intents: l, now: time.Now, intent: store.Intent{Exchange: "e", Step: "step"}}
			_, err := call(context.WithValue(ctx, intentionKey{}, i), schema.Value{})
			if got := strings.ReplaceAll(strings.Join(l.said, ", "), " step", ""); got != x.said || calls != x.calls {
				t.Errorf("%s; expected %s", got, x.said)
			}
			if f := connectors.AsFault(err); x.calls == 0 && (f == nil || !f.Withheld || f.Sent || f.Kind != connectors.Unavailable) {
				t.Errorf("what could not be noted: %v", err)
			}

			l.said, calls = nil, 0 // work that never comes again notes nothing
			_, _ = call(t.Context(), schema.Value{})
			if got := strings.Join(l.said, ", "); strings.Contains(got, "begin") || calls == 0 {
				t.Errorf("without an exchange that comes again: %s", got)
			}
		})
	}
}
