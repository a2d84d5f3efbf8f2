package expr

import (
	"context"
	"time"

	"fondaco/schema"
)

// Frame is what an expression is evaluated over. One goroutine uses a Frame at a time; branches that run in parallel
// get a fork each.
type Frame struct {
	Slots  []schema.Value
	Budget int64            // steps that may still be taken; below zero the evaluation ends with ErrBudget
	Limit  int              // bytes that may be written at a time; 0 means codec.DefaultLimit
	Now    func() time.Time // the clock of now() and today(); the start of the exchange, so that one exchange has one time
	Arena  schema.Arena     // where results are laid out
	Clock  func() time.Time // the time that goes on, of clock(); nil outside of exchanges
	// Context ends the evaluation when it is done: it is looked at every few thousand steps. Nil is never done.
	Context context.Context //nolint:containedctx // a frame serves one evaluation after the other, each with the context of its step

	Origin Origin // the exchange that it belongs to; nil outside of exchanges

	// Account is asked for room before much of it is taken; nil has as much as the limits say.
	Account Account

	built  int64 // bytes of the values that expressions have made
	booked int64 // bytes of them for which Account was asked
	wrote  int   // bytes that may be written before Account is asked
	unseen int64 // steps since Context was looked at
}

// Account says whether there is room in the process for what an evaluation makes. Safe for concurrent use.
type Account interface {
	// Hold asks for n more bytes, until the exchange has ended. Its error ends the evaluation.
	Hold(n int64) error
}

// holding is how many bytes Account is asked for at a time, and how many an exchange has without asking.
const holding = 512 << 10

// Eval computes an expression. It is safe for concurrent use with different frames.
type Eval func(f *Frame) (schema.Value, error)

// Fork returns a frame for what runs beside f, with the given slots and what f has left of its budgets. Join ends it.
func (f *Frame) Fork(slots []schema.Value) Frame {
	return Frame{
		Slots: slots, Budget: f.Budget, Limit: f.Limit, Now: f.Now, Clock: f.Clock, Context: f.Context, Account: f.Account, built: f.built,
		booked: f.booked, wrote: f.wrote,
	}
}

// Join books to f what a fork spent since it began with what from had left then.
func (f *Frame) Join(fork *Frame, from Spent) {
	f.Budget -= from.budget - fork.Budget
	f.built += fork.built - from.built
}

// Spent is what a frame had left of its budgets at some time.
type Spent struct{ budget, built int64 }

// Spent returns what f has left now, for Join and Keep.
func (f *Frame) Spent() Spent { return Spent{f.Budget, f.built} }

// Continue lets f go on from where another frame of the same exchange has come to.
func (f *Frame) Continue(from *Frame) {
	f.Budget, f.Limit, f.built, f.unseen = from.Budget, from.Limit, from.built, from.unseen
	f.Account, f.booked, f.wrote = from.Account, from.booked, from.wrote
}
