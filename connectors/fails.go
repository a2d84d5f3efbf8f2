package connectors

import (
	"context"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// Fail is a rule of a connector: many systems answer "200 OK" and hide the failure in the body.
type Fail struct {
	When   config.Text
	As     FaultKind
	Detail transform.Mapping // a text for the caller; zero for the kind's own words
	Pos    diag.Pos

	when   *expr.Expr
	detail *transform.Typed
	scope  *expr.Scope
}

func (f *Fail) spec(o *spec.Object) {
	o.Text("when", &f.When).Required().Doc("A condition over the answer; also over status, the HTTP status.").Example(`answer.esito.codice != "0"`)
	o.Var("as", KindWord{&f.As}).Required().Doc("The fault that the answer then is.")
	o.Var("detail", &f.Detail).Doc("A text for the caller, with holes over the answer.").Example("${answer.esito.descrizione}")
}

// check types the rules of an operation over its output.
func (op *Operation) checkFails(out *diag.List) {
	for _, f := range op.Fails {
		f.bind(op.Output, out)
	}
}

// bind types the rule over an output, whole or pruned.
func (f *Fail) bind(output *schema.Type, out *diag.List) {
	f.scope = expr.NewScope()
	f.scope.Declare("answer", output)
	f.scope.Declare("status", schema.TypeInt)
	f.when = expr.Check(f.When, f.scope, out)
	if k := f.when.Type().Kind; k != schema.KindBool && k != schema.KindUnknown {
		f.When.Report(out, diag.TypeMismatch, "expected a condition, found %s", f.when.Type())
	}
	f.detail = nil
	if !f.Detail.IsZero() {
		f.detail = f.Detail.Check(f.scope.Assume(f.when.Facts(true)), out)
		f.detail.Fit(schema.TypeText, "detail", out)
	}
}

// Reads gives what the rules read of the output, to be decoded even where a route does not need it.
func (op *Operation) Reads(use *schema.Use) {
	for _, f := range op.Fails {
		if f.scope != nil {
			use.Merge(f.scope.Lookup("answer").Use)
		}
	}
}

// FailRules gives the operation's rules compiled for answers of type want: given an answer and its status, the fault
// that it is, nil if it is none. System and Operation of the fault are left to the caller to fill in. Nil if there are
// no rules.
func (op *Operation) FailRules(want *schema.Type) func(ctx context.Context, answer schema.Value, status int) *Fault {
	type rule struct {
		as           FaultKind
		when, detail expr.Eval
		size         int
	}
	var rules []rule
	for _, f := range op.Fails {
		var out diag.List
		c := &Fail{When: f.When, As: f.As, Detail: f.Detail}
		c.bind(want, &out)
		if out.Failed() {
			continue // reported when the connector was read
		}
		r := rule{as: f.As, when: c.when.Compile()}
		if c.detail != nil {
			r.detail = c.detail.Compile(schema.TypeText)
		}
		r.size = c.scope.Size()
		rules = append(rules, r)
	}
	if len(rules) == 0 {
		return nil
	}
	return func(_ context.Context, answer schema.Value, status int) *Fault {
		for _, r := range rules {
			frame := expr.Frame{Slots: make([]schema.Value, r.size), Budget: failBudget}
			frame.Slots[0], frame.Slots[1] = answer, schema.Int(int64(status))
			v, err := r.when(&frame)
			if err != nil {
				return &Fault{Kind: Invalid, Status: status, Sent: true, Err: err}
			}
			if !v.Bool() {
				continue
			}
			fault := &Fault{Kind: r.as, Status: status, Sent: true}
			if r.detail != nil {
				if d, err := r.detail(&frame); err == nil {
					fault.Detail = d.Str()
				}
			}
			return fault
		}
		return nil
	}
}

// failBudget is how many steps the rules of one answer may take.
const failBudget = 1_000_000
