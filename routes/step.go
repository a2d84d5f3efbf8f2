package routes

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/expr"
)

// Step is one step of a route as it runs, and what people see of it: console, explain and docs draw this tree. It is
// not changed after Compile.
type Step struct {
	ID       string    // the user's id, or kind and number in the route, as call-2
	Kind     string    // the key in the YAML; branch, arm, otherwise and catch are parts of a step
	Title    string    // what it is about: the operation, the branch's name, the condition
	Pos      diag.Pos  // where it stands
	When     string    // the condition on which it runs; "" for always
	Names    []Name    // the values that it names
	Call     *CallInfo // of a call, nil otherwise
	Outcomes []Outcome // what happens when it fails
	Steps    []*Step   // the steps inside

	run  Run
	when expr.Eval
}

// Name is a value that a step names, with its type as later steps see it.
type Name struct {
	Name string
	Type *schema.Type
}

// CallInfo says how a call is made.
type CallInfo struct {
	System, Operation string
	Effect            connectors.Effect
	Input             *schema.Type // what the operation takes
	Output            *schema.Type // what is decoded of its answer: only the fields in use
	Sent              *schema.Type // what the route sends, nil if nothing
	Pos               diag.Pos     // where the route says it
	Policies          []Setting    // outermost first
	Inquiry           string       // how the outcome of a call that was begun is asked for, in words; "" if it cannot be

	failure *schema.Type // what the system says of failures, nil if that is not known
	keyed   bool         // the system knows repetitions by a key
}

// Setting is a policy in force, in words.
type Setting struct {
	Name, Value string
	From        string // call, system or default
}

// Outcome is one way in which a step fails and what comes of it.
type Outcome struct {
	If     string // "the system is down"
	Effect string // what the system may have done: nothing, once, unknown; "" where no system is involved
	Seen   string // what the caller of the route sees
}

// StepError says at which step an exchange failed. Error says the line of the route's file.
type StepError struct {
	Step *Step
	Err  error
}

// Error returns position, kind and cause; no values.
func (e *StepError) Error() string {
	return fmt.Sprintf("%s: %s: %v", e.Step.Pos, e.Step.Kind, e.Err)
}

// Unwrap returns the cause.
func (e *StepError) Unwrap() error { return e.Err }

// at marks err with the innermost step that it comes from.
func at(s *Step, err error) error {
	var e *StepError
	if errors.As(err, &e) {
		return err
	}
	return &StepError{Step: s, Err: err}
}

// sequence runs steps in order and stops at the first that fails. It is the only loop over steps: conditions,
// cancellation, positions of errors and tracing have their home here.
func sequence(steps []*Step) Run {
	return func(ctx context.Context, x *Exchange) error {
		for _, s := range steps {
			if err := ctx.Err(); err != nil {
				return at(s, err)
			}
			x.Frame.Context = ctx // of this step: those before may have had contexts of their own
			var began time.Time
			if x.shared.observe != nil {
				began = time.Now()
			}
			skipped, err := s.step(ctx, x)
			failure := err
			if answeredBy(err) != nil {
				failure = nil
			} else if err != nil {
				err = at(s, err)
				failure = err
			}
			if x.shared.observe != nil {
				x.shared.observe(x, s, began, skipped, failure)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// step runs s if its condition holds.
func (s *Step) step(ctx context.Context, x *Exchange) (skipped bool, err error) {
	if s.when != nil {
		v, err := s.when(&x.Frame)
		if err != nil || !v.Bool() {
			return err == nil, err
		}
	}
	return false, s.run(ctx, x)
}
