package expr

import (
	"slices"

	"fondaco/config/diag"
	"fondaco/schema"

	"github.com/expr-lang/expr/ast"
)

// Drawing collects the numbers that expressions want of the project's sequences. Expressions do no I/O: whoever
// evaluates them draws the numbers first and puts each into its slot. One goroutine uses a Drawing at a time.
type Drawing struct {
	Draws []Drawn // one for each place where sequence(name) is written, in their order
	known []string
}

// Drawn is one number that an expression wants.
type Drawn struct {
	Sequence string
	Slot     int      // of the Frame, where the expression finds the number
	Pos      diag.Pos // where the expression stands
}

// Drawing returns a scope in which expressions may call sequence(name) for the names that are known, and what collects
// the calls. In scopes that are not below one of these, sequence(name) is a problem.
func (s *Scope) Drawing(known []string) (*Scope, *Drawing) {
	c := s.Child()
	c.draws = &Drawing{known: known}
	return c, c.draws
}

// Repeated returns a scope for what is evaluated several times over one drawing, as the items of a loop are, and what whoever evaluates it
// tells the rounds. In the scope sequence(name) is a problem, because every item would get the same number.
func (s *Scope) Repeated() (*Scope, *Rounds) {
	c := s.Child()
	c.repeats, c.loop = true, &Rounds{}
	return c, c.loop
}

// drawing returns what collects the calls of sequence(name) here, nil if there are none to be; repeated reports whether
// a loop stands in between.
func (s *Scope) drawing() (d *Drawing, repeated bool) {
	for ; s != nil; s = s.parent {
		if s.draws != nil {
			return s.draws, repeated
		}
		repeated = repeated || s.repeats
	}
	return nil, repeated
}

const sequenceName = "sequence"

// sequenceBuiltin documents the function.
var sequenceBuiltin = Builtin{
	Name: sequenceName, Group: "numbers", Signature: "sequence(name text) integer", Example: `sequence("anpr")`, Result: "1",
	Doc: "A number of a sequence of fondaco.yaml, drawn when the step begins: above all that were drawn before, the same when the step is " +
		"tried again, and never given to another. It stands in what the steps set, call, publish and route are given.",
}

// sequence types sequence("name"): the number stands in a slot when the expression is evaluated.
func (c *checker) sequence(n ast.Node, args []ast.Node) operand {
	if len(args) != 1 {
		c.problem(diag.TypeMismatch, n, "sequence takes 1 argument, found %d", len(args)).WithHint("it is sequence(name)")
		return unknown
	}
	name, ok := args[0].(*ast.StringNode)
	if !ok {
		c.node(args[0]).use.All()
		c.problem(diag.TypeMismatch, args[0], "the name of a sequence is written out, so that it is known before the step begins").
			WithHint("write sequence(\"NAME\")")
		return unknown
	}
	d, repeated := c.scope.drawing()
	switch {
	case d == nil:
		c.problem(diag.BadExpression, n, "no number of a sequence can be drawn here: only where set, call, publish and route are given values").
			WithHint("name it in a step before: set: { numero: '${sequence(\"%s\")}' }", name.Value)
		return unknown
	case !slices.Contains(d.known, name.Value):
		p := c.problem(diag.UnknownSequence, name, "fondaco.yaml has no sequence %q", name.Value)
		if p.WithNearest(name.Value, d.known); p.Hint == "" {
			p.WithHint("declare it there: sequences: { %s: {} }", name.Value)
		}
		return unknown
	case repeated || len(c.items) > 0:
		c.problem(diag.BadExpression, n, "a number is drawn once when the step begins: here each item would get the same").
			WithHint("go over the items with the step for_each, and draw in it")
		return unknown
	}
	at := c.scope.reserve()
	pos, _ := c.place(n.Location())
	d.Draws = append(d.Draws, Drawn{Sequence: name.Value, Slot: at, Pos: pos})
	return operand{t: schema.TypeInt, build: slot(at)}
}
