package routes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/expr"
)

// try runs steps; if a call among them fails with a fault that it catches, the steps for that fault run in their place.
type try struct {
	steps   block
	catches []*catchSteps

	body *arm
}

// catchSteps are the steps for one kind of fault, or for any.
type catchSteps struct {
	word  config.Text
	steps block

	kind  connectors.FaultKind // 0 for any
	fault *expr.Var
	arm   *arm
	keeps []move // what the steps had named when the fault came, for the steps after the try
}

// faultType returns the type of the name fault where the faults of some calls are caught. Its body is what any of their
// systems may have said.
func faultType(calls []*CallInfo) *schema.Type {
	var body *schema.Type
	for _, c := range calls {
		switch t := c.failure; {
		case t == nil:
		case body == nil:
			body = t.NotNull()
		default:
			body = schema.Join(body, t.NotNull())
		}
	}
	fields := []schema.Field{
		{Name: "kind", Type: faultKindType(), Required: true, Doc: "The kind of fault."},
		{Name: "system", Type: schema.TypeText, Required: true, Doc: "The system that was called."},
		{Name: "operation", Type: schema.TypeText, Required: true, Doc: "Its operation."},
		{Name: "detail", Type: schema.TypeText, Doc: "What the connector's rules say of it."},
		{Name: "status", Type: schema.TypeInt, Doc: "The HTTP status of its answer."},
	}
	if body != nil {
		fields = append(fields, schema.Field{Name: "body", Type: body, Doc: "What its answer said."})
	}
	return schema.RecordType(fields...)
}

func faultKindType() *schema.Type {
	t := &schema.Type{Kind: schema.KindText}
	for _, word := range connectors.FaultKinds() {
		t.Enum = append(t.Enum, schema.Text(word))
	}
	return t
}

// Spec declares the fields of "- try:".
func (t *try) Spec(o *spec.Object) {
	o.Var("try", &t.steps).Required().Doc("The steps that may fail. What they have named when one fails stays, for the steps after the try.")
	o.Entries("catch", (&block{}).Schema(), func(key config.Text, value *config.Node, out *diag.List) {
		c := &catchSteps{word: key, kind: faultWord(key, true, out)}
		c.steps.Decode(value, out)
		t.catches = append(t.catches, c)
	}).Required().Doc("Steps by kind of fault, or any; in them, fault has kind, system, operation, detail, status (of HTTP), and body, " +
		"what the system said, where the connector describes it.")
}

// faultWord reads a kind of fault; any, where it may stand, is 0.
func faultWord(t config.Text, orAny bool, out *diag.List) connectors.FaultKind {
	words := connectors.FaultKinds()
	if orAny {
		words = append(slices.Clone(words), "any")
	}
	k := connectors.FaultKindOf(t.Value)
	if k == 0 && (!orAny || t.Value != "any") {
		t.Report(out, diag.UnknownField, "found %q, expected a kind of fault: %s", t.Value, strings.Join(words, ", ")).WithNearest(t.Value, words)
	}
	return k
}

// Check types the steps and the catches as arms of which one runs to its end.
func (t *try) Check(s *Scope) {
	node := &Step{Kind: "steps", Pos: s.node.Pos}
	c := s.child(s.Names.Child())
	sure := -1 // how many names are there whatever fault comes
	c.takes = func(k connectors.FaultKind) string {
		if sure < 0 {
			sure = c.before
		}
		for _, h := range t.catches {
			if h.kind == k || h.word.Value == "any" {
				return fmt.Sprintf("catch %s at %s", h.word.Value, h.word.Pos)
			}
		}
		return ""
	}
	from := len(s.route.Calls)
	c.block(t.steps, node)
	s.mayMissAll(c.degraded)
	caught := faultType(s.route.Calls[from:])
	s.node.Steps = append(s.node.Steps, node)
	t.body = &arm{scope: c, node: node}
	for _, h := range t.catches {
		h.keeps = nil
		names := s.Names.Child()
		h.fault = names.Declare("fault", caught)
		h.arm = s.arm(h.steps, &Step{Kind: "catch", Title: h.word.Value, Pos: h.word.Pos}, names)
	}
	t.join(s, max(sure, 0))
}

// join declares what the steps and the catches name. Where a fault comes after some of the steps have succeeded, what those have named
// stays, unless the catch names it too; sure is how many of the steps' names are there whatever fault comes.
func (t *try) join(s *Scope, sure int) {
	body := t.body
	var going []*catchSteps
	for _, h := range t.catches {
		if !h.arm.scope.ends {
			going = append(going, h)
		}
	}
	if len(going) == 0 {
		s.join([]*arm{body}, true)
		return
	}
	arms, ends := []*arm{body}, body.scope.ends
	all := slices.Clone(body.scope.named)
	for _, h := range going {
		s.follows(h.arm.scope)
		arms = append(arms, h.arm)
		all = append(all, h.arm.scope.named...)
	}
	done := map[string]bool{}
	for i, n := range all {
		name := n.name.Value
		if done[name] {
			continue
		}
		done[name] = true
		always := ends || i < len(body.scope.named)
		for _, h := range going {
			always = always && (i < sure || h.arm.scope.find(name) != nil)
		}
		v := s.joinAs(n, arms, always)
		for _, h := range going {
			if i < len(body.scope.named) && h.arm.scope.find(name) == nil {
				h.keeps = append(h.keeps, n.moved(v))
			}
		}
	}
}

// Compile runs the steps, and on a fault the catch that names its kind, or else the one for any.
func (t *try) Compile(b *Builder) Run {
	type handler struct {
		slot int
		t    *schema.Type
		run  Run
		keep []move
	}
	var handlers [len(faultProblems)]*handler
	var other *handler
	body := t.body.compile(t.steps, b)
	given := t.body.scope.named
	for _, c := range t.catches {
		h := &handler{c.fault.Slot, c.fault.Type, c.arm.compile(c.steps, b), c.keeps}
		if c.kind == 0 {
			other = h
		} else {
			handlers[c.kind] = h
		}
	}
	return func(ctx context.Context, x *Exchange) error {
		for _, n := range given { // a round before this one may have named them
			x.Frame.Slots[n.v.Slot] = schema.Value{}
		}
		err := body(ctx, x)
		f := connectors.AsFault(err)
		if f == nil || ctx.Err() != nil || costly(err) {
			return err
		}
		h := handlers[f.Kind]
		if h == nil {
			h = other
		}
		if h == nil {
			return err
		}
		x.Frame.Slots[h.slot] = faultValue(f, h.t)
		if err := moved(x, h.keep); err != nil {
			return err
		}
		return h.run(ctx, x)
	}
}

// faultValue returns a fault as expressions see it, of a faultType.
func faultValue(f *connectors.Fault, t *schema.Type) schema.Value {
	slots := schema.Slots(t)
	set := func(name string, v schema.Value) {
		if at := t.Index(name); at >= 0 {
			slots[at+1] = v
		}
	}
	set("kind", schema.Text(f.Kind.String()))
	set("system", schema.Text(f.System))
	set("operation", schema.Text(f.Operation))
	if f.Detail != "" {
		set("detail", schema.Text(f.Detail))
	}
	if f.Status != 0 {
		set("status", schema.Int(int64(f.Status)))
	}
	if at := t.Index("body"); at >= 0 && !f.Body.IsNil() {
		if v, err := schema.Convert(f.Body, t.Fields[at].Type); err == nil {
			slots[at+1] = v
		}
	}
	return schema.Record(t, slots)
}
