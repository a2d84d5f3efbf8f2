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

// Fail is a rule of a connector: many systems answer "200 OK" and hide the failure in the body, others say by a SOAP
// fault what is an ordinary no.
type Fail struct {
	When   config.Text
	As     FaultKind
	Lost   bool              // it says that the session's ticket is good no more
	Detail transform.Mapping // a text for the caller; zero for the kind's own words
	Pos    diag.Pos

	when    *expr.Expr
	detail  *transform.Typed
	scope   *expr.Scope
	onFault bool // it is about SOAP faults, not about answers
}

func (f *Fail) spec(o *spec.Object) {
	o.Text("when", &f.When).Required().Doc("A condition over the answer; also over status, the HTTP status. Of SOAP instead over fault, with code, subcode, text and detail.").Example(`answer.esito.codice != "0"`)
	o.Var("as", failWord{f}).Required().Doc("The fault that the answer then is; session, where the connector has one, for a ticket that is good no more.")
	o.Var("detail", &f.Detail).Doc("A text for the caller, with holes over the answer or fault.").Example("${answer.esito.descrizione}")
}

// check types the rules of an operation over its output.
func (op *Operation) checkFails(session bool, out *diag.List) {
	for _, f := range op.Fails {
		if f.Lost && !session {
			f.When.Report(out, diag.BadConnector, "as: session stands for a ticket that is good no more, and the connector has no session")
		}
		f.bind(op.Output, op.FaultType(), out)
	}
}

// FaultType returns the type of the name fault in rules, nil if the operation's protocol has no faults of its own.
func (op *Operation) FaultType() *schema.Type {
	if op.FaultDetail == nil {
		return nil
	}
	return schema.RecordType(
		schema.Field{Name: "code", Type: schema.TypeText, Required: true},
		schema.Field{Name: "subcode", Type: schema.TypeText},
		schema.Field{Name: "text", Type: schema.TypeText, Required: true},
		schema.Field{Name: "detail", Type: op.FaultDetail},
	)
}

// The slots of the names in rules.
const (
	answerSlot = iota
	statusSlot
	faultSlot
)

// bind types the rule over an output, whole or pruned, and over fault, nil for none. A rule whose condition reads the
// fault sees no answer, and the others see no fault: there is never both.
func (f *Fail) bind(output, fault *schema.Type, out *diag.List) {
	f.declare(output, fault)
	if fault != nil {
		expr.Check(f.When, f.scope, &diag.List{})
		f.onFault = f.scope.Lookup("fault").Use.Read()
		if f.onFault {
			output = nil
		} else {
			fault = nil
		}
		f.declare(output, fault)
	}
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

// declare makes the scope of a rule; what is nil has no name in it, and its slot all the same.
func (f *Fail) declare(output, fault *schema.Type) {
	f.scope = expr.NewScope()
	named := f.scope
	hidden := f.scope.Root()
	for _, x := range []struct {
		name string
		t    *schema.Type
	}{{"answer", output}, {"status", schema.TypeInt}, {"fault", fault}} {
		if x.t == nil {
			hidden.Declare(x.name, schema.TypeNull)
			continue
		}
		named.Declare(x.name, x.t)
	}
}

// Reads returns what the rules read of the output, to be decoded even where a route does not need it.
func (op *Operation) Reads(use *schema.Use) {
	for _, f := range op.Fails {
		if f.scope != nil && !f.onFault {
			use.Merge(f.scope.Lookup("answer").Use)
		}
	}
}

// FailRules returns the operation's rules compiled for answers of type want: given an answer and its status, the fault
// that it is, nil if it is none. System and Operation of the fault are left to the caller to fill in. Nil if there are
// no rules.
func (op *Operation) FailRules(want *schema.Type) func(ctx context.Context, answer schema.Value, status int) *Fault {
	rules := op.rules(want, false)
	if len(rules) == 0 {
		return nil
	}
	return func(_ context.Context, answer schema.Value, status int) *Fault {
		return rules.judge(answerSlot, answer, status)
	}
}

// FaultRules returns the operation's rules about faults compiled: given a value of FaultType and the HTTP status, the
// fault that it is to callers, nil if no rule fits. System and Operation are left to the caller to fill in. Nil if there
// are no such rules.
func (op *Operation) FaultRules() func(fault schema.Value, status int) *Fault {
	rules := op.rules(op.Output, true)
	if len(rules) == 0 {
		return nil
	}
	return func(fault schema.Value, status int) *Fault { return rules.judge(faultSlot, fault, status) }
}

// rule is a Fail ready to be asked.
type rule struct {
	as           FaultKind
	lost         bool
	when, detail expr.Eval
	size         int
}

type rules []rule

func (op *Operation) rules(want *schema.Type, onFault bool) (list rules) {
	for _, f := range op.Fails {
		var out diag.List
		c := &Fail{When: f.When, As: f.As, Lost: f.Lost, Detail: f.Detail}
		c.bind(want, op.FaultType(), &out)
		if out.Failed() || c.onFault != onFault {
			continue // the failed ones were reported when the connector was read
		}
		r := rule{as: f.As, lost: f.Lost, when: c.when.Compile()}
		if c.detail != nil {
			r.detail = c.detail.Compile(schema.TypeText)
		}
		r.size = c.scope.Size()
		list = append(list, r)
	}
	return list
}

// judge returns the fault that the first rule that fits makes of an answer or a fault.
func (list rules) judge(slot int, v schema.Value, status int) *Fault {
	for _, r := range list {
		frame := expr.Frame{Slots: make([]schema.Value, r.size), Budget: failBudget}
		frame.Slots[slot], frame.Slots[statusSlot] = v, schema.Int(int64(status))
		fits, err := r.when(&frame)
		if err != nil {
			return &Fault{Kind: Invalid, Status: status, Sent: true, Err: err}
		}
		if !fits.Bool() {
			continue
		}
		fault := &Fault{Kind: r.as, Status: status, Sent: true, session: r.lost, said: true}
		if r.detail != nil {
			if d, err := r.detail(&frame); err == nil {
				fault.Detail = d.Str()
			}
		}
		return fault
	}
	return nil
}

// failBudget is how many steps the rules of one answer may take.
const failBudget = 1_000_000

// failWord reads the kind of a rule, or session.
type failWord struct{ f *Fail }

// Decode reads the word. It is spec.Value's.
func (w failWord) Decode(n *config.Node, out *diag.List) {
	if w.f.Lost = n.Text.Value == "session"; w.f.Lost {
		w.f.As = Unavailable
		return
	}
	decodeKind(n, &w.f.As, out)
}

// Schema describes the words to editors.
func (w failWord) Schema() spec.Schema {
	return spec.Schema{"enum": append(FaultKinds(), "session")}
}
