package routes

import (
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// repeat runs steps in rounds, until a condition holds after one: pages until there are no more, a question until the
// answer is there. Its names have values that each round replaces.
type repeat struct {
	values []*rounded
	steps  block
	next   []*replaced
	until  config.Text
	max    int
	pause  spec.Span
	as     config.Text

	pauseAt diag.Pos

	cond     *expr.Expr
	into     *expr.Var
	vars, hi int // the slots that one round writes to
}

// rounded is a name that repeat declares, with its first value.
type rounded struct {
	name  config.Text
	first transform.Mapping

	typed *transform.Typed // of first
	v     *expr.Var

	moving bool // what it is in later rounds comes of clock()
}

// replaced is the value that a name has for the next round.
type replaced struct {
	name config.Text
	to   transform.Mapping

	typed *transform.Typed
	at    int // in values, -1 if nothing has the name
}

// Spec declares the fields of "- repeat:".
func (r *repeat) Spec(o *spec.Object) {
	entries := func(add func(name config.Text, m *transform.Mapping)) func(config.Text, *config.Node, *diag.List) {
		return func(key config.Text, value *config.Node, out *diag.List) {
			m := &transform.Mapping{}
			m.Decode(value, out)
			add(key, m)
		}
	}
	mapping := (&transform.Mapping{}).Schema()
	o.Entries("repeat", mapping, entries(func(name config.Text, m *transform.Mapping) {
		r.values = append(r.values, &rounded{name: name, first: *m})
	})).Required().Doc("Names, each with its value in the first round; {} for none.").Example("{ pagina: 1, righe: [] }")
	o.Var("steps", &r.steps).Required().Doc("What is done in each round; what it names ends with the round.")
	o.Entries("next", mapping, entries(func(name config.Text, m *transform.Mapping) {
		r.next = append(r.next, &replaced{name: name, to: *m})
	})).Doc("The values after a round, from those of the round and what its steps name, all computed before the first is replaced. A name " +
		"that is left out keeps its value.").
		Example("{ pagina: \"${pagina + 1}\", righe: \"${concat(righe, risposta.righe)}\" }")
	o.Text("until", &r.until).Required().Doc("Asked after each round, with the values that next has made: it ends the rounds.").
		Example("risposta.ultima")
	o.Int("max", &r.max).Range(1, 10_000).Required().Doc("How many rounds there may be. If until does not hold after the last, the step " +
		"ends with the fault timeout.")
	o.Span("pause", &r.pause).At(&r.pauseAt).Doc("The pause between two rounds; 5s..1m doubles from the first to the longest one.")
	o.Text("as", &r.as).Doc("The name of the record that has the values after the last round.")
}

// about returns the names.
func (r *repeat) about() string {
	var names []string
	for _, v := range r.values {
		names = append(names, v.name.Value)
	}
	return strings.Join(names, " ")
}

// mostTypings is how often the steps are typed before a type is taken for one that grows with every round.
const mostTypings = 6

// Check types the names, which are whatever their first value and the next ones may be, and the steps over them.
func (r *repeat) Check(s *Scope) {
	s.node.Title = r.about()
	types := make([]*schema.Type, len(r.values))
	for i, v := range r.values {
		v.typed = s.Map(&v.first)
		types[i] = v.typed.Type
	}
	for n := 1; ; {
		var next []*schema.Type
		moving := r.moving()
		s.tentative(func() { next = r.round(s, types) })
		grown := slices.IndexFunc(r.values, func(v *rounded) bool {
			i := slices.Index(r.values, v)
			return !schema.Same(types[i], next[i])
		})
		if grown < 0 && len(r.moving()) == len(moving) {
			break
		}
		if grown < 0 {
			continue
		}
		if n++; n > mostTypings {
			name := r.values[grown].name
			s.Report(diag.TypeMismatch, name, "the type of %q grows with every round: %s, then %s", name.Value, types[grown], next[grown])
			for i := range types {
				next[i] = schema.TypeUnknown
			}
			n = 1
		}
		types = next
	}
	r.round(s, types)
	s.within(r.pause.From, r.pauseAt, "the pause")
	title := s.fault(connectors.Timeout)
	s.node.Outcomes = append(s.node.Outcomes, Outcome{If: "until does not hold after max rounds", Effect: "nothing", Seen: title})
	if r.as.Value == "" {
		return
	}
	fields := make([]schema.Field, len(r.values))
	for i, v := range r.values {
		fields[i] = schema.Field{Name: v.name.Value, Type: types[i], Required: true}
	}
	r.into = s.Declare(r.as, schema.RecordType(fields...))
	r.into.Moving = r.moving()
}

// moving lists the names whose values come of clock().
func (r *repeat) moving() (names []string) {
	for _, v := range r.values {
		if v.moving {
			names = append(names, v.name.Value)
		}
	}
	return names
}

// round types one round over names of these types, and returns the types that the names have for the next.
func (r *repeat) round(s *Scope, types []*schema.Type) []*schema.Type {
	inner := s.child(s.Names.Child())
	for i, v := range r.values {
		v.v = inner.Declare(v.name, types[i])
		if v.moving {
			v.v.Moving = []string{""}
		}
	}
	r.vars = s.Names.Size()
	inner.unending = "repeat"
	inner.block(r.steps, s.node)
	s.follows(inner)
	after := slices.Clone(types)
	for _, n := range r.next {
		out := s.check.out
		s.check.out = &diag.List{}
		end := inner.Names.Moving()
		n.typed = inner.Map(&n.to)
		moved := end()
		wrong := s.check.out.Failed()
		out.Join(s.check.out)
		s.check.out = out
		n.at = slices.IndexFunc(r.values, func(v *rounded) bool { return v.name.Value == n.name.Value })
		if n.at < 0 {
			var names []string
			for _, v := range r.values {
				names = append(names, v.name.Value)
			}
			s.Report(diag.UnknownName, n.name, "repeat has no name %q", n.name.Value).
				WithHint("give it a first value: repeat: { %s: … }", n.name.Value).WithNearest(n.name.Value, names)
			continue
		}
		r.values[n.at].moving = r.values[n.at].moving || moved
		if !wrong && n.typed.Type.Kind != schema.KindUnknown { // what is wrong with it is to be said once, of types that are known
			after[n.at] = schema.Join(types[n.at], n.typed.Type)
		}
	}
	if r.until.Value != "" {
		r.cond = inner.Moving(func() *expr.Expr { return inner.Condition(r.until, "until") })
	}
	s.ends = inner.ends && !inner.stray
	r.hi = s.Names.Size()
	return after
}

// tentative checks something with the types that are known so far: nothing of it is reported or counted.
func (s *Scope) tentative(check func()) {
	out, node, route, count, ends := s.check.out, *s.node, *s.route, *s.count, s.ends
	s.check.out = &diag.List{}
	again := s.Names.Retry()
	check()
	again()
	s.check.out, *s.node, *s.count, s.ends = out, node, count, ends
	s.route.Calls, s.route.calls, s.route.optional, s.route.publishes = route.Calls, route.calls, route.optional, route.publishes
	s.route.extended = route.extended
}

// Compile makes the rounds.
func (r *repeat) Compile(b *Builder) Run {
	inner := r.steps.Compile(b)
	l := &rounds{
		path: b.at.path, name: r.about(), run: sequence(inner), until: r.cond.Compile(), max: r.max, pause: r.pause, vars: r.vars,
		hi: r.hi, into: -1,
	}
	for _, v := range r.values {
		l.first = append(l.first, v.typed.Compile(v.v.Type))
		l.slots = append(l.slots, v.v.Slot)
	}
	for _, n := range r.next {
		l.next = append(l.next, nextValue{l.slots[n.at], n.typed.Compile(r.values[n.at].v.Type)})
	}
	if r.into != nil {
		l.into, l.record = r.into.Slot, r.into.Type
	}
	return l.Run
}
