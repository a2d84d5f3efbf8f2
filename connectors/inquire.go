package connectors

import (
	"context"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// Inquiry says how a system is asked what became of a call that was begun and whose end nobody knows.
type Inquiry struct {
	Operation config.Text       // of the same connector, which changes nothing
	With      transform.Mapping // what that one is sent, over input and param
	Done      config.Text       // a condition over its answer, input and param: the call took effect
	Gives     transform.Mapping // what the call's answer was, over the same; zero where that is not known
	After     time.Duration     // how long a call may be on its way: before that an answer that it took no effect is not believed
	Pos       diag.Pos

	asks   *Operation
	params *schema.Type
}

// defaultInquireAfter is how long a call may be on its way where nothing is said.
const defaultInquireAfter = 30 * time.Second

func (q *Inquiry) spec(o *spec.Object) {
	q.After = defaultInquireAfter
	o.Text("operation", &q.Operation).Required().Doc("The operation of this connector that is asked, of the effect read.").
		Example("cercaProtocollo")
	o.Var("with", &q.With).Doc("What it is sent, over input (what the call was sent) and param.")
	o.Text("done", &q.Done).Required().Doc("A condition over answer, input and param: the call took effect. Where it does not hold, or the " +
		"operation ends with not-found, the call took no effect, and is made.").Example("answer.trovati > 0")
	o.Var("gives", &q.Gives).Doc("What the call's answer was, over answer, input and param. Without it a route that names the answer " +
		"cannot go on after an inquiry, which is a problem at load.")
	o.Duration("after", &q.After).Within(time.Second, 24*time.Hour).Default("30s").
		Doc("How long a call may be on its way in the system: until then an answer that it took no effect is not believed, and the question " +
			"is asked again.")
}

// checkInquiry reports an inquiry that the operation cannot have, and types it.
func (op *Operation) checkInquiry(c *Connector, out *diag.List) {
	q := op.Inquire
	if q == nil {
		return
	}
	if op.Effect != Once || op.Key {
		out.Report(diag.BadConnector, q.Pos, "%s says inquire, and may be sent again without asking", op.Name).
			WithHint("leave inquire out: it is for operations with effect: once and without idempotency_key")
		return
	}
	var reads []string
	for _, x := range c.Operations {
		if x.Effect == Read {
			reads = append(reads, x.Name)
		}
	}
	asks := c.Operation(q.Operation.Value)
	switch {
	case q.Operation.Value == "": // that it is missing is reported
		return
	case asks == nil:
		q.Operation.Report(out, diag.UnknownOperation, "inquire: found %q, expected an operation of this connector with effect: read",
			q.Operation.Value).WithNearest(q.Operation.Value, reads)
		return
	case asks.Effect != Read:
		q.Operation.Report(out, diag.BadConnector, "inquire asks %s, which has effect: %s; expected one that changes nothing", asks.Name,
			asks.Effect).
			WithHint("name an operation that looks the effect up; or say effect: read of %s if that is true", asks.Name)
		return
	}
	q.params = c.ParamsType()
	scope := op.adaptedScope(q.params, nil)
	with := q.With.Check(scope, out)
	if asks.Input.Kind != schema.KindUnknown && (!q.With.IsZero() || asks.Input.Kind == schema.KindRecord) {
		with.Fit(asks.Input, asks.Name, out)
	}
	q.asks = asks
	q.typed(op, asks.Output, op.Output, out)
}

// typedInquiry is an inquiry over answers of one type.
type typedInquiry struct {
	done  *expr.Expr
	gives *transform.Typed
	use   schema.Use // of the answer
	size  int
}

// typed types the condition and the answer over what the operation that is asked answers. want is the call's answer.
func (q *Inquiry) typed(op *Operation, answer, want *schema.Type, out *diag.List) *typedInquiry {
	scope := op.adaptedScope(q.params, answer)
	t := &typedInquiry{done: expr.Check(q.Done, scope, out)}
	if k := t.done.Type().Kind; k != schema.KindBool && k != schema.KindUnknown {
		q.Done.Report(out, diag.TypeMismatch, "done: expected a condition, found %s", t.done.Type())
	}
	if !q.Gives.IsZero() {
		t.gives = q.Gives.Check(scope.Assume(t.done.Facts(true)), out)
		t.gives.Fit(want, op.Name, out)
	}
	t.use.Merge(scope.Lookup("answer").Use)
	t.size = scope.Size()
	return t
}

// Inquiring is an inquiry ready to be made.
type Inquiring struct {
	Operation *Operation    // that is asked
	Want      *schema.Type  // what is to be decoded of its answer
	After     time.Duration // see Inquiry

	with, done, gives expr.Eval
	params            schema.Value
	size              int
}

// Inquiring prepares the inquiry of an operation of the system whose answers are of type want; nil if it has none. The error
// is that of a parameter.
func (s *System) Inquiring(op *Operation, want *schema.Type) (*Inquiring, error) {
	q := op.Inquire
	if q == nil || q.asks == nil {
		return nil, nil
	}
	params, err := s.ParamValues(q.params)
	if err != nil {
		return nil, err
	}
	var ignored diag.List // what is wrong was reported when the connector was read
	first := q.typed(op, q.asks.Output, op.Output, &ignored)
	q.asks.Reads(&first.use)
	inner := schema.Prune(q.asks.Output, &first.use)
	t := q.typed(op, inner, op.Output, &ignored)
	scope := op.adaptedScope(q.params, nil)
	with := q.With.Check(scope, &ignored)
	i := &Inquiring{
		Operation: q.asks, Want: inner, After: q.After, with: with.Compile(q.asks.Input), done: t.done.Compile(), params: params,
		size: max(t.size, scope.Size(), gotSlot+1),
	}
	if t.gives != nil {
		i.gives = t.gives.Compile(want)
	}
	return i, nil
}

// Ask asks by the call do, which is of Operation and Want, what became of a call that was sent in. done reports whether it
// took effect, and answer is then what it was answered, absent where that is not known. Where the question could not be
// asked, or the answer not be read, the error is a *Fault, of do or of Invalid.
func (i *Inquiring) Ask(ctx context.Context, do Call, in schema.Value) (done bool, answer schema.Value, err error) {
	frame := expr.Frame{Slots: make([]schema.Value, i.size), Budget: failBudget, Context: ctx}
	frame.Slots[inputSlot], frame.Slots[paramSlot] = in, i.params
	invalid := func(err error) error { return &Fault{Operation: i.Operation.Name, Kind: Invalid, Err: err} }
	sent, err := i.with(&frame)
	if err != nil {
		return false, answer, invalid(err)
	}
	got, err := do(ctx, sent)
	if f := AsFault(err); f != nil && f.Kind == NotFound {
		return false, answer, nil
	}
	if err != nil {
		return false, answer, err
	}
	frame.Slots[gotSlot] = got
	fits, err := i.done(&frame)
	if err != nil {
		return false, answer, invalid(err)
	}
	if !fits.Bool() || i.gives == nil {
		return fits.Bool(), answer, nil
	}
	if answer, err = i.gives(&frame); err != nil {
		return true, schema.Value{}, invalid(err)
	}
	return true, answer, nil
}
