package policy

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
)

// Retry says how often a call is tried again, and how long is waited in between.
type Retry struct {
	Attempts int       // in all, the first included
	Backoff  spec.Span // from the first pause to the longest
}

// again reports whether there is more than one attempt.
func (r *Retry) again() bool { return r != nil && r.Attempts > 1 }

var retryPart = part{
	name: "retry", ofCalls: true,
	fields: func(s *Set, o *spec.Object) {
		o.Object("retry", func(o *spec.Object) {
			s.Retry = &Retry{Attempts: 2, Backoff: spec.Span{From: 100 * time.Millisecond, To: 2 * time.Second}}
			o.Int("attempts", &s.Retry.Attempts).Range(1, 20).Default("2").Doc("How often the call is tried in all.")
			o.Span("backoff", &s.Retry.Backoff).Default("100ms..2s").
				Doc("The pause before the second attempt and the longest one, as 1s..5m; chance takes up to half of each away.")
		}).Doc("Trying again what failed. Only what may safely be repeated is.")
	},
	said: func(s *Set) bool { return s.Retry != nil },
	take: func(s, call *Set) { s.Retry = call.Retry },
	check: func(s *Set, op *connectors.Operation, pos diag.Pos, out *diag.List) {
		if s.Retry.again() && s.from["retry"] == "call" && op.Effect == connectors.Once && !op.Key && !op.Unread {
			out.Report(diag.UnsafeRetry, pos, "%s happens each time it is called, and is retried", op.Name).
				WithHint("leave retry out; or say effect: idempotent, or idempotency_key: true, in the connector if that is true")
		}
	},
	setting: func(s *Set) string {
		if !s.Retry.again() {
			return ""
		}
		return fmt.Sprintf("%d attempts, pauses of %s to %s", s.Retry.Attempts, spec.Short(s.Retry.Backoff.From), spec.Short(s.Retry.Backoff.To))
	},
	wrap: func(s *Set, c called, sh *Shared) connectors.Policy {
		if !s.Retry.again() {
			return nil
		}
		return sh.retry(c.op, *s.Retry)
	},
}

// The budget of retries of a system: each call adds a tenth, each retry takes one. However long a system is down, it
// gets at most a fifth more calls than it would without retries, once a hundred were made.
const (
	budgetStart = 10
	budgetShare = 0.1
	budgetMost  = 20
)

type budget struct {
	mu     sync.Mutex
	tokens float64
}

func (b *budget) earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.tokens+budgetShare, budgetMost)
}

func (b *budget) spend() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// repeatable reports whether a call that ended with a fault may be sent again.
func repeatable(op *connectors.Operation, f *connectors.Fault) bool {
	switch {
	case f == nil:
		return false
	case !f.Sent && (f.Kind == connectors.Unavailable || f.Kind == connectors.Timeout):
		return true // the system has not seen it
	case op.Effect == connectors.Once && !op.Key:
		return false
	}
	return f.Kind == connectors.Unavailable || f.Kind == connectors.Timeout || f.Kind == connectors.Unknown && op.Key
}

// retry sends a call again as long as that is safe, worth while before the deadline, and within the budget.
func (sh *Shared) retry(op *connectors.Operation, r Retry) connectors.Policy {
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			sh.budget.earn()
			pause := r.Backoff.From
			for attempt := 1; ; attempt++ {
				v, err := next(attempted(ctx, attempt), in)
				if err == nil {
					return v, nil
				}
				f := connectors.AsFault(err)
				if f != nil && attempt > 1 {
					f.Tried = true
				}
				if u := connectors.UploadOf(ctx, op.Name); u != nil && u.Begun() {
					return v, err // what was sent on is gone
				}
				if attempt >= r.Attempts || !repeatable(op, f) || ctx.Err() != nil || f.Withheld || errors.Is(f.Err, errFull) {
					return v, err
				}
				wait := pause/2 + time.Duration(sh.chance()*float64(pause-pause/2)) // chance takes up to half of it away
				if f.RetryAfter > 0 {
					wait = f.RetryAfter
				}
				if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
					return v, err
				}
				if !sh.budget.spend() {
					return v, err
				}
				timer := time.NewTimer(wait)
				select {
				case <-timer.C:
				case <-ctx.Done():
					timer.Stop()
					return v, err
				}
				pause = min(2*pause, max(r.Backoff.To, r.Backoff.From))
			}
		}
	}
}

// attempted returns the context of an attempt: the first, which most calls have alone, has that of the call.
func attempted(ctx context.Context, attempt int) context.Context {
	if attempt == 1 {
		return ctx
	}
	return connectors.WithAttempt(ctx, attempt)
}
