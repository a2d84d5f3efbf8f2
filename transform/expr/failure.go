package expr

import (
	"errors"

	"fondaco/config/diag"
	"fondaco/schema"
)

// ErrBudget says that the expressions of one exchange took more steps than they may.
var ErrBudget = errors.New("the expressions of this exchange took too many steps")

// ErrRoom reports that the expressions of one exchange made values of more bytes than they may.
var ErrRoom = errors.New("the expressions of this exchange made more values than they may hold; limits: { answer: … } of the route or " +
	"of the server allows more")

// Failure is an expression that could not be computed. It has the place in the file and the cause, never a value.
type Failure struct {
	Pos   diag.Pos
	Err   error
	Given bool // nothing was computed with but what a caller sent, and constants
}

// given reports whether values are made of what a caller sent, and of constants.
func given(operands ...operand) bool {
	sent := false
	for _, o := range operands {
		if o.constant == nil && !o.given {
			return false
		}
		sent = sent || o.given
	}
	return sent
}

// Error returns the place and the cause.
func (f *Failure) Error() string { return f.Pos.String() + ": " + f.Err.Error() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// located returns e with failures that know their place; the innermost place counts.
func located(e Eval, pos diag.Pos) Eval {
	return func(f *Frame) (schema.Value, error) {
		v, err := e(f)
		if err != nil {
			var known *Failure
			if !errors.As(err, &known) {
				err = &Failure{Pos: pos, Err: err}
			}
		}
		return v, err
	}
}
