package expr

import (
	"time"

	"fondaco/schema"
)

// Frame is what an expression is evaluated over. One goroutine uses a Frame at a time; branches that run in parallel
// get a copy each.
type Frame struct {
	Slots  []schema.Value
	Budget int64            // steps that may still be taken; below zero the evaluation ends with ErrBudget
	Now    func() time.Time // the clock of now() and today(); the start of the exchange, so that one exchange has one time
	Arena  schema.Arena     // where results are laid out
}

// Eval computes an expression. It is safe for concurrent use with different frames.
type Eval func(f *Frame) (schema.Value, error)
