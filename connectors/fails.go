package connectors

import (
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

	when   *expr.Expr
	detail *transform.Typed
	scope  *expr.Scope
	about  about
}

// about says which answers a rule is looked at for: those whose name it reads.
type about uint8

const (
	aboutStatus about = iota // any: it reads the status alone
	aboutAnswer              // those that are no failure by their status
	aboutError               // those of the other statuses
	aboutFault               // SOAP faults
)

// aboutName are the names of rules that say what they are about.
var aboutName = [...]string{aboutAnswer: "answer", aboutError: "error", aboutFault: "fault"}

func (f *Fail) spec(o *spec.Object) {
	o.Text("when", &f.When).Required().Doc("A condition over the answer; or over error, the answer with a status that is a failure; also " +
		"over status, the HTTP status, which alone is looked at for every answer. Of SOAP instead over fault, with code, subcode, text and " +
		"detail. param holds the system's parameters, but for secrets.").Example(`answer.esito.codice != "0"`)
	o.Var("as", failWord{f}).Required().Doc("The fault that the answer then is; session, where the connector has one, for a ticket that is " +
		"good no more.")
	o.Var("detail", &f.Detail).Doc("A text for the caller, with holes over the answer, error or fault.").Example("${answer.esito.descrizione}")
}

// checkFails types the rules of an operation over its output, and leaves of the output what is no failure by them.
func (op *Operation) checkFails(session bool, params *schema.Type, out *diag.List) {
	op.params = params
	for _, f := range op.Fails {
		if f.Lost && !session {
			f.When.Report(out, diag.BadConnector, "as: session stands for a ticket that is good no more, and the connector has no session")
		}
		f.bind(op, op.Output, out)
	}
	op.narrow()
}

// checkAdaptedFails types the rules of an operation that another one does: they are over what it returns.
func (op *Operation) checkAdaptedFails(params *schema.Type, out *diag.List) {
	op.params = params
	for _, f := range op.Fails {
		f.bind(op, op.Output, out)
		if f.Lost || f.scope.Lookup("status").Named {
			f.When.Report(out, diag.BadConnector, "%s is done by %s, and its rules are over what it gives: status and session are that one's",
				op.Name, op.Of.Value).
				WithHint("write the rule at %s", op.Of.Value)
		}
	}
}

// ruleParams returns the type of the parameters that rules may read: those that are no secrets, since what a rule says
// reaches callers. Nil if there are none.
func (c *Connector) ruleParams() *schema.Type {
	all := c.ParamsType()
	t := &schema.Type{Kind: schema.KindRecord}
	for _, f := range all.Fields {
		if !c.Param(f.Name).Secret {
			t.Fields = append(t.Fields, f)
		}
	}
	if len(t.Fields) == 0 {
		return nil
	}
	return t.Seal()
}

// RuleParams returns what the rules of an operation read as param: the system's parameters that are no secrets.
func (s *System) RuleParams(op *Operation) (schema.Value, error) {
	if op.params == nil || len(op.Fails) == 0 {
		return schema.Value{}, nil
	}
	return s.ParamValues(op.params)
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

// Failure returns the type of what a fault of the operation may have as its Body: the answer as its schema for failures has it, or the
// fault of its protocol; nil if neither is known. It is called once all operations have their types.
func (op *Operation) Failure() *schema.Type {
	switch {
	case op.of != nil:
		return op.of.Failure()
	case op.Error != nil:
		return op.Error
	case op.SaysFaults:
		return op.FaultType()
	}
	return nil
}

// The slots of the names in rules.
const (
	answerSlot = iota
	statusSlot
	faultSlot
	errorSlot
	ruleParamSlot
)

// bind types the rule over an output, whole or pruned, and over what else the operation's answers are. What its condition
// reads, or else its detail, says what it is about, and it sees nothing else: no answer is two of them.
func (f *Fail) bind(op *Operation, output *schema.Type, out *diag.List) {
	names := [...]*schema.Type{aboutAnswer: output, aboutError: op.Error, aboutFault: op.FaultType()}
	f.declare(op.Scope(), names, op.params)
	f.when = expr.Check(f.When, f.scope, &diag.List{})
	if f.about = f.reads(); f.about == aboutStatus {
		f.check(&diag.List{})
		f.about = f.reads()
	}
	for a := range names {
		if about(a) != f.about && (f.about != aboutStatus || about(a) == aboutFault) {
			names[a] = nil
		}
	}
	f.declare(op.Scope(), names, op.params)
	for a, name := range aboutName {
		if name != "" && names[a] == nil && f.about != aboutStatus && (about(a) != aboutError || op.Error != nil) {
			f.scope.Explain(name, "the rule reads "+aboutName[f.about]+", and no answer is both: write a rule for each")
		}
	}
	f.check(out)
}

// reads returns what the rule was found to name, aboutStatus if nothing but the status.
func (f *Fail) reads() about {
	for _, a := range []about{aboutFault, aboutError, aboutAnswer} {
		if v := f.scope.Lookup(aboutName[a]); v != nil && v.Named {
			return a
		}
	}
	return aboutStatus
}

// check types condition and detail over the scope.
func (f *Fail) check(out *diag.List) {
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

// declare declares the names of a rule in a scope; what is nil has no name in it, and its slot all the same.
func (f *Fail) declare(scope *expr.Scope, names [4]*schema.Type, params *schema.Type) {
	f.scope = scope
	named := f.scope
	hidden := f.scope.Root()
	for _, x := range []struct {
		name string
		t    *schema.Type
	}{
		{"answer", names[aboutAnswer]},
		{"status", schema.TypeInt},
		{"fault", names[aboutFault]},
		{"error", names[aboutError]},
		{"param", params},
	} {
		if x.t == nil {
			hidden.Declare(x.name, schema.TypeNull)
			continue
		}
		named.Declare(x.name, x.t)
	}
	if names[aboutError] == nil {
		named.Explain("error", "error is the answer with a status that is a failure: its schema stands in the OpenAPI document of the "+
			"operation, or under error: beside fails")
	}
}

// Reads returns what the rules read of the output, to be decoded even where a route does not need it.
func (op *Operation) Reads(use *schema.Use) {
	for _, f := range op.Fails {
		if f.scope != nil && f.about == aboutAnswer {
			use.Merge(f.scope.Lookup("answer").Use)
		}
	}
}

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
