package routes

import (
	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/transform/expr"
)

// kind is what one step does. Each is one file, step_KEY.go, with these three together, and a line in kinds.
type kind interface {
	// Spec declares the fields of the step, the key that names it first.
	Spec(o *spec.Object)
	// Check types the step and declares what it names. It runs more than once, with other types.
	Check(s *Scope)
	// Compile makes what runs. It comes after a Check without problems, and is pure.
	Compile(b *Builder) Run
}

// kinds are the steps of the language, by the key that names them.
var kinds = []struct {
	key string
	new func() kind
	doc string
}{
	{"call", func() kind { return &call{} }, "Asks a system for one of its operations."},
	{"set", func() kind { return &set{} }, "Names values."},
	{"parallel", func() kind { return &parallel{} }, "Runs branches at the same time and waits for all of them."},
	{"choose", func() kind { return &choose{} }, "Runs the first arm whose condition holds."},
	{"for_each", func() kind { return &forEach{} }, "Runs steps for each item of a list."},
	{"repeat", func() kind { return &repeat{} }, "Runs steps in rounds until a condition holds."},
	{"validate", func() kind { return &validate{} }, "Ends the exchange with 422 unless all conditions hold."},
	{"if_match", func() kind { return &ifMatch{} }, "Ends the exchange with 412 unless the caller has seen what is there."},
	{"fail", func() kind { return &fail{} }, "Ends the exchange with a problem."},
	{"respond", func() kind { return &answering{} }, "Ends the route with an answer."},
	{"route", func() kind { return &subroute{} }, "Runs a sub-route."},
	{"publish", func() kind { return &publish{} }, "Puts an event on a topic."},
	{"log", func() kind { return &logging{} }, "Writes a line to the log."},
	{"try", func() kind { return &try{} }, "Runs steps, and others if a call among them fails."},
}

// step is one step as the file says it.
type step struct {
	key    string // which kind, as call
	id     config.Text
	when   config.Text
	kind   kind
	pos    diag.Pos
	unread bool // it has an unknown key: what it seems to lack may stand there

	cond *expr.Expr // of when, after Check
	node *Step      // what people see of it, after Check

	place *expr.Place // of its expressions, after Check
}

// block is a list of steps, in their order.
type block []*step

// Decode reads the steps of a list.
func (b *block) Decode(n *config.Node, out *diag.List) {
	if !n.Is(config.NodeList) {
		n.Report(out, diag.WrongType, "found %s, expected a list of steps", n.Found())
		return
	}
	*b = block{}
	for _, item := range n.Items {
		key := spec.Pick(item, out, "a step", stepHabits, Kinds()...)
		if key == "" {
			continue
		}
		s := &step{key: key, kind: newKind(key), pos: item.Entry(key).Key.Pos}
		own := &diag.List{}
		spec.Decode(item, own, s.Spec)
		out.Join(own)
		s.unread = own.Has(diag.UnknownField)
		if m, ok := s.kind.(misread); ok && s.unread {
			m.misread()
		}
		*b = append(*b, s)
	}
}

// misread is a kind of step that wants to know that a key of its step is no field: it may be a word that was misspelt.
type misread interface{ misread() }

// Schema describes a list of steps to editors.
func (b *block) Schema() spec.Schema {
	return spec.Schema{"type": "array", "items": spec.Ref(stepSchemaName)}
}

const stepSchemaName = "step"

// newKind returns an empty step of a kind.
func newKind(key string) kind {
	for _, k := range kinds {
		if k.key == key {
			return k.new()
		}
	}
	return nil
}

// Spec declares the fields of a step: its kind's, and those that every step has.
func (st *step) Spec(o *spec.Object) {
	st.kind.Spec(o)
	o.Instead(wordHabits)
	o.Text("when", &st.when).Doc("The step runs only if this holds; what it names may then be nil.")
	o.Text("id", &st.id).Doc("The step's name in traces and the console. The ids of what it publishes, and the numbers that it draws, stay " +
		"with the name when the step is moved within its route.")
}

// Kinds lists the keys that name a step.
func Kinds() []string {
	var keys []string
	for _, k := range kinds {
		keys = append(keys, k.key)
	}
	return keys
}

// Compile binds the steps of a block to their runs.
func (b block) Compile(builder *Builder) []*Step {
	steps := make([]*Step, len(b))
	for i, s := range b {
		leave := builder.enter(s.name())
		s.place.Path = builder.at.path
		s.node.run = s.kind.Compile(builder)
		leave()
		if s.cond != nil {
			s.node.when = s.cond.Compile()
		}
		steps[i] = s.node
	}
	return steps
}
