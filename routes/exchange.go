package routes

import (
	"context"
	"net/http"
	"sync"
	"time"

	"fondaco/connectors"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/expr"
)

// Run is what a step does to an exchange. It honours the deadline and the cancellation of ctx. One goroutine uses an
// Exchange at a time: what runs beside it gets one of its own from Fork.
type Run func(ctx context.Context, x *Exchange) error

// Exchange is one execution of a route in flight.
type Exchange struct {
	Frame  expr.Frame // the values of all names, each in its slot
	shared *shared
	within *place // the loops and sub-routes that it runs in, nil at the top
}

// shared is what the branches of one exchange share.
type shared struct {
	observe  Observer
	mu       sync.Mutex
	id       string               // of the exchange, the same when it is tried again; "" of one that never is
	own      string               // the id of one that is never tried again; "" until it is asked for
	missing  []string             // optional branches that failed, in the order in which they were joined
	done     string               // a call that took effect and may not be repeated
	upload   *trigger.Upload      // the request's body where a call sends it on, nil elsewhere
	idle     time.Duration        // how long a system may send nothing of a body that is handed on
	head     http.Header          // of the request that started it, nil of another start
	handover *connectors.Handover // of the body that is the route's answer, nil for none
	affect   func()               // called after what may have had an effect; nil for nobody
}

// Observer sees every step of an exchange as it ends; skipped says that its "when" was false. It must not keep x, and is
// called by several goroutines when branches run in parallel.
type Observer func(x *Exchange, s *Step, began time.Time, skipped bool, err error)

// evalBudget is the number of steps that the expressions of one exchange may take together: about a second's work.
const evalBudget = 20_000_000

// Fork returns an exchange for a branch that runs beside x. It writes to slots of its own in the same frame; what it
// may spend is what x has left. Join ends it.
func (x *Exchange) Fork() *Exchange {
	f := &Exchange{Frame: x.Frame.Fork(x.Frame.Slots), shared: x.shared, within: x.within}
	f.Frame.Origin = f
	return f
}

// ForkSlots is Fork with slots of its own, for iterations that write to the same ones. The visible slots are copied and
// no others: branches beside x may be writing to those.
func (x *Exchange) ForkSlots(visible []int) *Exchange {
	f := x.Fork()
	f.Frame.Slots = make([]schema.Value, len(x.Frame.Slots))
	for _, i := range visible {
		f.Frame.Slots[i] = x.Frame.Slots[i]
	}
	return f
}

// Join books to x what a fork spent since it began with what began says was left.
func (x *Exchange) Join(fork *Exchange, began expr.Spent) { x.Frame.Join(&fork.Frame, began) }

// miss records an optional branch that gave nothing.
func (x *Exchange) miss(branch string) {
	x.shared.mu.Lock()
	defer x.shared.mu.Unlock()
	for _, m := range x.shared.missing {
		if m == branch {
			return
		}
	}
	x.shared.missing = append(x.shared.missing, branch)
}

// missed returns the names of the optional branches that gave nothing, as a list of texts.
func (x *Exchange) missed() schema.Value {
	x.shared.mu.Lock()
	defer x.shared.mu.Unlock()
	items := make([]schema.Value, len(x.shared.missing))
	for i, m := range x.shared.missing {
		items[i] = schema.Text(m)
	}
	return schema.List(items)
}

// handed returns what asks an operation for its answer's body, to hand it on.
func (s *shared) handed(operation string) *connectors.Handover {
	s.handover = &connectors.Handover{Operation: operation, Idle: s.idle}
	return s.handover
}

// ended notes the end of a call with an effect, or of a publish: unless it is certain that nothing was done, there may
// have been an effect.
func (s *shared) ended(err error) {
	if s.affect == nil {
		return
	}
	if f := connectors.AsFault(err); err != nil && f != nil && (f.Kind == connectors.Unavailable || f.Kind == connectors.Timeout && !f.Sent) {
		return
	}
	s.affect()
}

// took records that a call had an effect, or may have had one, that may not be had again. The first is told.
func (s *shared) took(operation string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done == "" {
		s.done = operation
	}
}

// effect returns a call that had such an effect, "" if none had.
func (s *shared) effect() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.done
}
