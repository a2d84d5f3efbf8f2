package expr

import (
	"fmt"
	"strings"
	"unicode"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// Expr is a checked expression.
type Expr struct {
	text  config.Text
	root  operand
	facts [2][]string // what is known not to be nil when it is false, and when it is true
}

// The caps of one expression, beyond which it is refused at load.
const (
	maxLength = 10_000 // characters
	maxDepth  = 60     // nodes within nodes
)

// Check parses and types an expression over the names of s. What is wrong goes to out; the result is never nil, and its
// type is unknown after a problem. Every read is recorded in the Use of the names.
func Check(text config.Text, s *Scope, out *diag.List) *Expr {
	e := check(text, s, out)
	e.root.use.All()
	return e
}

// CheckList is Check for a list that is gone over: what is read of its items is left to Items.
func CheckList(text config.Text, s *Scope, out *diag.List) *Expr {
	e := check(text, s, out)
	if e.root.t.Kind != schema.KindList {
		e.root.use.All()
	}
	return e
}

func check(text config.Text, s *Scope, out *diag.List) *Expr {
	e := &Expr{text: text, root: operand{t: schema.TypeUnknown}}
	c := &checker{text: text, out: out, scope: s}
	switch {
	case strings.TrimSpace(text.Value) == "":
		out.Report(diag.BadExpression, text.Pos, "found nothing, expected an expression")
		return e
	case len(text.Value) > maxLength:
		out.Report(diag.TooCostly, text.Pos, "the expression has %d characters, at most %d are allowed", len(text.Value), maxLength).
			WithHint("give names to its parts with the step set")
		return e
	}
	problems := out.Len()
	tree, err := s.root.parsed.tree(text.Value)
	if err != nil {
		c.parseError(err)
		e.facts = anything
		return e
	}
	if depth(tree.Node) > maxDepth {
		out.Report(diag.TooCostly, text.Pos, "the expression is nested deeper than %d", maxDepth).
			WithHint("give names to its parts with the step set")
		return e
	}
	e.root = c.node(tree.Node)
	if out.Len() > problems { // what it was meant to find out is not known: one mistake is one problem
		e.facts = anything
	} else {
		e.facts = [2][]string{c.facts(tree.Node, false), c.facts(tree.Node, true)}
	}
	return e
}

// Type returns the type of the result; unknown after a problem.
func (e *Expr) Type() *schema.Type { return e.root.t }

// Given reports whether the result is made of what a caller sent, and of constants.
func (e *Expr) Given() bool { return e.root.given }

// Text returns the expression as it stands in the file.
func (e *Expr) Text() config.Text { return e.text }

// Constant returns the value of an expression that is always the same, and whether it is.
func (e *Expr) Constant() (schema.Value, bool) {
	if e.root.constant == nil {
		return schema.Value{}, false
	}
	return *e.root.constant, true
}

// Compile returns the expression as closures. It must not be called after a problem. Errors carry the place in the file.
func (e *Expr) Compile() Eval {
	if e.root.constant != nil {
		v := *e.root.constant
		return func(*Frame) (schema.Value, error) { return v, nil }
	}
	return e.root.build()
}

// Facts lists what is known not to be nil where the expression has given truth: paths as verbale.iuv, for
// Scope.Assume. Of an expression with a problem that is everything.
func (e *Expr) Facts(truth bool) []string {
	if truth {
		return e.facts[1]
	}
	return e.facts[0]
}

// operand is a checked node: its type, and how to compute it.
type operand struct {
	t        *schema.Type
	use      *schema.Use   // which value it reads; nil for computed ones
	slot     int           // one more than the slot that it reads, 0 if it is not a name alone
	path     string        // names and fields, as verbale.iuv, "" if it is no such path
	constant *schema.Value // nil if it is not always the same
	given    bool          // it is made of what a caller sent, and of constants
	build    func() Eval
}

// checker types one expression.
type checker struct {
	text  config.Text
	out   *diag.List
	scope *Scope
	items []*Var                   // what # and . mean, innermost last
	loose map[*ast.BinaryNode]bool // searches with in where nil may be found
	reads map[ast.Node]string      // the field that is read of a name, where it is one alone
}

// offset turns expr-lang's position, in characters, into a byte offset of the text.
func (c *checker) offset(runes int) int {
	for i := range c.text.Value {
		if runes == 0 {
			return i
		}
		runes--
	}
	return len(c.text.Value)
}

func (c *checker) place(l file.Location) (pos diag.Pos, length int) {
	return c.text.At(c.offset(l.From)), max(1, l.To-l.From)
}

func (c *checker) problem(code diag.Code, n ast.Node, format string, args ...any) *diag.Problem {
	pos, length := c.place(start(n).Location())
	return c.out.Report(code, pos, format, args...).WithLen(length)
}

// start returns the node at whose place a problem of n is told: expr-lang puts conditionals elsewhere.
func start(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.ConditionalNode:
		return start(n.Cond)
	case *ast.ChainNode:
		return start(n.Node)
	}
	return n
}

func (c *checker) parseError(err error) {
	var at file.Location
	message := err.Error()
	if e, ok := err.(*file.Error); ok { //nolint:errorlint // the parser returns its own type bare
		at, message = e.Location, e.Message
	}
	if strings.HasPrefix(message, "invalid integer literal") || strings.HasPrefix(message, "invalid float literal") {
		text := []rune(c.text.Value) // the parser's position is the end of the number
		for at.To = min(at.From, len(text)); at.From > 0 && at.From <= len(text) &&
			(text[at.From-1] == '.' || text[at.From-1] == '_' || unicode.IsLetter(text[at.From-1]) || unicode.IsDigit(text[at.From-1])); {
			at.From--
		}
	}
	pos, length := c.place(at)
	p := c.out.Report(diag.BadExpression, pos, "%s", readable(message)).WithLen(length)
	switch {
	case strings.HasSuffix(message, "Wrap either by parentheses."):
		p.Message = "found ?? beside another operator without parentheses"
		p.WithHint("write (a ?? b) + c, or a ?? (b + c)")
	case strings.Contains(c.text.Value, "=>") && strings.Contains(message, `Operator("=")`):
		p.WithHint("inside map, filter and the like the item is #, and its field .name: filter(list, .price > 1)")
	case strings.Contains(message, `Operator("#")`):
		p.WithHint("# is the item inside map, filter and the like")
	case strings.Contains(c.text.Value, "&&&") || strings.Contains(message, `Operator("=")`):
		p.WithHint("to compare, write ==")
	case strings.Contains(message, `Operator(":")`) && strings.Contains(c.text.Value, "{"):
		p.WithHint("inside map, filter and the like a record has two braces: {{a: .b}}")
	case strings.Contains(message, `Operator("&")`):
		p.WithHint("for and, write &&")
	case strings.HasPrefix(message, "invalid float literal"):
		p.Message = "the number is too large, or no number"
	case strings.Contains(message, "value out of range"):
		p.Message = "the number does not fit 64 bits"
		p.WithHint("whole numbers go to 9223372036854775807; write larger ones as decimal(\"...\")")
	case strings.Contains(message, "literal not terminated"):
		p.WithHint("close the text with the quote that it began with")
	default:
		if hint := formHint(c.text.Value); hint != "" {
			p.WithHint("%s", hint)
		}
	}
}

// readable turns the parser's words into the reader's.
func readable(message string) string {
	if rest, ok := strings.CutPrefix(message, "unexpected token "); ok {
		if rest == "EOF" {
			return "the expression ends too early"
		}
		if open := strings.IndexByte(rest, '('); open > 0 {
			return "did not expect " + strings.TrimSuffix(rest[open+1:], ")") + " here"
		}
	}
	message, _, _ = strings.Cut(message, " (unexpected token")
	return strings.ReplaceAll(message, "a identifier", "an identifier")
}

var unknown = operand{t: schema.TypeUnknown, build: func() Eval {
	return func(*Frame) (schema.Value, error) { return schema.Null, nil }
}}

func constant(t *schema.Type, v schema.Value) operand { return operand{t: t, constant: &v} }

// eval returns the closure of an operand.
func (o operand) eval() Eval {
	if o.constant != nil {
		v := *o.constant
		return func(*Frame) (schema.Value, error) { return v, nil }
	}
	return o.build()
}

// node types a node.
func (c *checker) node(n ast.Node) operand {
	switch n := n.(type) {
	case *ast.NilNode:
		return constant(schema.TypeNull, schema.Null)
	case *ast.BoolNode:
		return constant(schema.TypeBool, schema.Bool(n.Value))
	case *ast.IntegerNode:
		return constant(&schema.Type{Kind: schema.KindInt, Enum: []schema.Value{schema.Int(int64(n.Value))}}, schema.Int(int64(n.Value)))
	case *ast.FloatNode:
		return c.decimal(n)
	case *ast.StringNode:
		c.holed(n)
		return constant(literal(n.Value), schema.Text(n.Value))
	case *ast.IdentifierNode:
		return c.identifier(n)
	case *ast.PointerNode:
		return c.pointer(n)
	case *ast.ChainNode:
		return c.node(n.Node)
	case *ast.MemberNode:
		return c.member(n)
	case *ast.SliceNode:
		return c.slice(n)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.VariableDeclaratorNode:
		return c.let(n)
	case *ast.ArrayNode:
		return c.array(n)
	case *ast.MapNode:
		return c.record(n)
	case *ast.BuiltinNode:
		return c.call(n, n.Name, n.Arguments)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return c.call(n, callee.Value, n.Arguments)
		}
		name := ""
		if m, ok := n.Callee.(*ast.MemberNode); ok {
			if p, ok := m.Property.(*ast.StringNode); ok {
				name = p.Value
			}
		}
		c.method(n, name)
		return unknown
	case *ast.SequenceNode:
		c.problem(diag.BadExpression, n, "found several expressions, expected one")
		return unknown
	}
	c.problem(diag.BadExpression, n, "this form is not part of the language")
	return unknown
}

func literal(s string) *schema.Type {
	return &schema.Type{Kind: schema.KindText, Enum: []schema.Value{schema.Text(s)}}
}

// decimal reads the literal from the source: the parser has made a float of it.
func (c *checker) decimal(n *ast.FloatNode) operand {
	l := n.Location()
	text := strings.ReplaceAll(c.text.Value[c.offset(l.From):c.offset(l.To)], "_", "")
	v, err := schema.ParseDecimal(text)
	if err != nil {
		c.problem(diag.BadExpression, n, "%q is not a number", text)
		return unknown
	}
	return constant(&schema.Type{Kind: schema.KindDecimal, Enum: []schema.Value{v}}, v)
}

func (c *checker) identifier(n *ast.IdentifierNode) operand {
	v := c.scope.Lookup(n.Value)
	if v == nil && n.Value == "secret" {
		c.problem(diag.SecretLeak, n, "secrets go into the parameters of systems, in fondaco.yaml, and nowhere else")
		return unknown
	}
	if k, is := c.scope.root.constants[n.Value]; v == nil && is {
		o := constant(k.t, k.v)
		if k.read != nil {
			o.use = k.read()
		}
		o.path = n.Value
		return o
	}
	if v == nil {
		p := c.problem(diag.UnknownName, n, "nothing here is called %q", n.Value)
		if why := c.scope.root.why[n.Value]; why != "" {
			p.WithHint("%s", why)
		} else if instead := constantHabits[n.Value]; instead != "" {
			p.WithHint("%s", instead)
		} else if names := c.scope.readable(); nameHabits[n.Value] != "" && diag.Nearest(n.Value, names) == "" {
			p.WithHint("%s", nameHabits[n.Value])
		} else if tableHas(n.Value) {
			p.WithHint("%s is a function: write %s(...)", n.Value, n.Value)
		} else if p.WithNearest(n.Value, names); p.Hint == "" && len(names) > 0 {
			p.WithHint("in scope: %s", strings.Join(names, ", "))
		}
		return unknown
	}
	v.Named = true
	if !c.still(n, v, c.reads[n]) {
		v.Use.All()
		return unknown
	}
	o := operand{t: v.Type, use: v.Use, path: v.Name, slot: v.Slot + 1, given: v.Given, build: slot(v.Slot)}
	if v.Type.Nullable && c.scope.assumed(v.Name) {
		o.t = v.Type.NotNull()
	}
	return o
}

func slot(i int) func() Eval {
	return func() Eval { return func(f *Frame) (schema.Value, error) { return f.Slots[i], nil } }
}

func (c *checker) pointer(n *ast.PointerNode) operand {
	if n.Name != "" {
		c.problem(diag.BadExpression, n, "#%s is not part of the language", n.Name)
		return unknown
	}
	if len(c.items) == 0 {
		c.problem(diag.BadExpression, n, "# stands for the item in filter, map, any and the like; there is none here")
		return unknown
	}
	v := c.items[len(c.items)-1]
	v.Named = true
	o := operand{t: v.Type, use: v.Use, path: v.Name, slot: v.Slot + 1, given: v.Given, build: slot(v.Slot)}
	if v.Type.Nullable && c.scope.assumed(v.Name) {
		o.t = v.Type.NotNull()
	}
	return o
}

// show returns a type for messages.
func show(t *schema.Type) string { return fmt.Sprint(t) }

// Items returns the Use of the items of the list that CheckList has typed; nil if nobody asks.
func (e *Expr) Items() *schema.Use { return e.root.use.Elem() }
