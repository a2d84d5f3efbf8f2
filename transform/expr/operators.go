package expr

import (
	"regexp"
	"strings"

	"fondaco/config/diag"
	"fondaco/schema"

	"github.com/expr-lang/expr/ast"
)

func (c *checker) unary(n *ast.UnaryNode) operand {
	o := c.node(n.Node)
	o.use.All()
	if o.t.Kind == schema.KindUnknown {
		return unknown
	}
	of := o.eval
	switch n.Operator {
	case "!", "not":
		if !c.want(n.Node, o, schema.KindBool, n.Operator) {
			return unknown
		}
		return operand{t: inherit(schema.TypeBool, o.t), build: func() Eval {
			e := of()
			return func(f *Frame) (schema.Value, error) {
				v, err := e(f)
				return schema.Bool(!v.Bool()), err
			}
		}}
	case "-", "+":
		if !c.number(n.Node, o, n.Operator) {
			return unknown
		}
		if n.Operator == "+" {
			return o
		}
		if o.constant != nil {
			if v, err := schema.Neg(*o.constant); err == nil {
				return constant(&schema.Type{Kind: o.t.Kind, Enum: []schema.Value{v}}, v)
			}
		}
		pos, _ := c.place(n.Location())
		return operand{t: bare(o.t), build: func() Eval {
			e := of()
			return located(func(f *Frame) (schema.Value, error) {
				v, err := e(f)
				if err != nil {
					return v, err
				}
				return schema.Neg(v)
			}, pos)
		}}
	}
	c.problem(diag.BadExpression, n, "the operator %s is not part of the language", n.Operator)
	return unknown
}

// bare gives the kind of t and its marks, without constraints.
func bare(t *schema.Type) *schema.Type {
	return inherit(&schema.Type{Kind: t.Kind}, t)
}

func (c *checker) number(n ast.Node, o operand, role string) bool {
	if o.t.Kind == schema.KindUnknown {
		return false
	}
	if !o.t.Kind.Number() {
		p := c.problem(diag.TypeMismatch, n, "expected a number for %s, found %s", role, show(o.t))
		if o.t.Kind == schema.KindText {
			p.WithHint("number(%s) reads a number from text", c.what(n))
		}
		return false
	}
	if o.t.Nullable {
		c.problem(diag.MaybeNil, n, "%s may be nil, and is needed for %s", c.what(n), role).WithHint("give a value for that case: %s ?? …", c.what(n))
		return false
	}
	return true
}

func (c *checker) binary(n *ast.BinaryNode) operand {
	switch n.Operator {
	case "&&", "and", "||", "or":
		return c.logic(n)
	case "??":
		return c.coalesce(n)
	}
	l, r := c.node(n.Left), c.node(n.Right)
	if n.Operator != "==" && n.Operator != "!=" || r.t.Kind != schema.KindNull && l.t.Kind != schema.KindNull {
		l.use.All()
		r.use.All()
	}
	switch n.Operator {
	case "==", "!=":
		return c.equality(n, l, r)
	case "<", "<=", ">", ">=":
		return c.order(n, l, r)
	case "+", "-", "*", "/", "%":
		return c.arithmetic(n, l, r)
	case "in":
		return c.in(n, l, r)
	case "contains", "startsWith", "endsWith":
		return c.texts(n, l, r)
	case "matches":
		return c.matches(n, l, r)
	case "..":
		return c.span(n, l, r)
	}
	p := c.problem(diag.BadExpression, n, "the operator %s is not part of the language", n.Operator)
	if n.Operator == "**" || n.Operator == "^" {
		p.WithHint("multiply instead")
	}
	return unknown
}

// combine makes an operand of two, computed left to right, with the marks of both.
func (c *checker) combine(n ast.Node, t *schema.Type, l, r operand, do func(a, b schema.Value) (schema.Value, error)) operand {
	pos, _ := c.place(n.Location())
	left, right := l.eval, r.eval
	costs := heavy(l.t) || heavy(r.t)
	return operand{t: inherit(inherit(t, l.t), r.t), build: func() Eval {
		a, b := left(), right()
		return func(f *Frame) (schema.Value, error) {
			x, err := a(f)
			if err != nil {
				return x, err
			}
			y, err := b(f)
			if err != nil {
				return y, err
			}
			if costs {
				if err = f.spendDeep(x); err == nil {
					err = f.spendDeep(y)
				}
				if err != nil {
					return x, &Failure{Pos: pos, Err: err}
				}
			}
			v, err := do(x, y)
			if err != nil {
				err = &Failure{Pos: pos, Err: err}
			}
			return v, err
		}
	}}
}

func (c *checker) logic(n *ast.BinaryNode) operand {
	and := n.Operator == "&&" || n.Operator == "and"
	l := c.node(n.Left)
	before := c.scope
	c.scope = before.Assume(c.facts(n.Left, and))
	r := c.node(n.Right)
	c.scope = before
	ok := c.want(n.Left, l, schema.KindBool, n.Operator)
	if !c.want(n.Right, r, schema.KindBool, n.Operator) || !ok {
		return unknown
	}
	left, right := l.eval, r.eval
	return operand{t: inherit(inherit(schema.TypeBool, l.t), r.t), build: func() Eval {
		a, b := left(), right()
		return func(f *Frame) (schema.Value, error) {
			v, err := a(f)
			if err != nil || v.Bool() != and {
				return schema.Bool(v.Bool()), err
			}
			return b(f)
		}
	}}
}

func (c *checker) coalesce(n *ast.BinaryNode) operand {
	l := c.node(n.Left)
	r := c.node(n.Right)
	l.use.All()
	r.use.All()
	if l.t.Kind == schema.KindUnknown || r.t.Kind == schema.KindUnknown {
		return unknown
	}
	if !l.t.Nullable {
		c.problem(diag.TypeMismatch, n.Left, "%s is never nil", c.what(n.Left)).WithHint("leave out ?? and what follows").AsWarning()
		return l
	}
	t := r.t
	if l.t.Kind != schema.KindNull {
		t = schema.Join(unnull(l.t), r.t)
	}
	return operand{t: inherit(t, l.t), build: func() Eval {
		a, b := laid(l, t), laid(r, t)
		return func(f *Frame) (schema.Value, error) {
			v, err := a(f)
			if err != nil || !v.IsNil() {
				return v, err
			}
			return b(f)
		}
	}}
}

func unnull(t *schema.Type) *schema.Type {
	if t.Kind == schema.KindAny {
		return t
	}
	return t.NotNull()
}

// equality types == and !=. Anything may be compared with nil.
func (c *checker) equality(n *ast.BinaryNode, l, r operand) operand {
	if l.t.Kind == schema.KindUnknown || r.t.Kind == schema.KindUnknown {
		return unknown
	}
	want := n.Operator == "=="
	for _, side := range []struct {
		nil, other operand
		node       ast.Node
	}{{r, l, n.Left}, {l, r, n.Right}} {
		if side.nil.t.Kind != schema.KindNull {
			continue
		}
		if !side.other.t.Nullable && side.other.t.Kind != schema.KindAny {
			c.problem(diag.TypeMismatch, side.node, "%s is never nil", c.what(side.node)).AsWarning()
		}
		of := side.other.eval
		return operand{t: inherit(schema.TypeBool, &schema.Type{Secret: side.other.t.Secret}), build: func() Eval {
			e := of()
			return func(f *Frame) (schema.Value, error) {
				v, err := e(f)
				return schema.Bool(v.IsNil() == want), err
			}
		}}
	}
	if !c.comparable(n, l, r) {
		return unknown
	}
	if r.constant != nil && r.constant.Kind() == schema.KindText && l.t.Kind == schema.KindText {
		word, of := r.constant.Str(), l.eval
		return operand{t: inherit(schema.TypeBool, l.t), build: func() Eval {
			e := of()
			return func(f *Frame) (schema.Value, error) {
				v, err := e(f)
				return schema.Bool((v.Str() == word && !v.IsNil()) == want), err
			}
		}}
	}
	dated(&l, &r)
	return c.combine(n, schema.TypeBool, l, r, func(a, b schema.Value) (schema.Value, error) {
		return schema.Bool(same(a, b) == want), nil
	})
}

// same tells whether two values are equal; for an expression what is absent and what is null are both nil.
func same(a, b schema.Value) bool {
	if a.IsNil() || b.IsNil() {
		return a.IsNil() && b.IsNil()
	}
	return schema.Equal(a, b)
}

// dated makes a date of a constant text that stands beside one, so that moments are compared and not their spelling.
func dated(l, r *operand) {
	for _, side := range [][2]*operand{{l, r}, {r, l}} {
		text, date := side[0], side[1]
		if text.constant == nil || text.t.Kind != schema.KindText || !date.t.Kind.Textual() || date.t.Kind == schema.KindText {
			continue
		}
		if v, err := parseTextual(date.t.Kind, text.constant.Str()); err == nil {
			text.constant = &v
		}
	}
}

// comparable reports two values that are never equal because of their types.
func (c *checker) comparable(n *ast.BinaryNode, l, r operand) bool {
	a, b := l.t, r.t
	switch {
	case a.Kind == schema.KindAny || b.Kind == schema.KindAny || a.Kind == schema.KindUnion || b.Kind == schema.KindUnion:
		return true
	case a.Kind.Number() && b.Kind.Number():
		return true
	case a.Kind.Textual() && b.Kind.Textual():
		return c.possibleWord(n.Right, r, a) && c.possibleWord(n.Left, l, b) && c.possibleDate(n.Right, r, a) && c.possibleDate(n.Left, l, b)
	case a.Kind == b.Kind || a.Kind == schema.KindRecord && b.Kind == schema.KindMap || a.Kind == schema.KindMap && b.Kind == schema.KindRecord:
		return true
	}
	p := c.problem(diag.TypeMismatch, n, "%s is %s and %s is %s: they are never equal", c.what(n.Left), show(a), c.what(n.Right), show(b))
	if a.Kind == schema.KindText && b.Kind.Number() {
		p.WithHint("compare with text, or write number(%s)", c.what(n.Left))
	}
	return false
}

// possibleWord reports a constant that is none of the words that the other side may be.
func (c *checker) possibleWord(n ast.Node, o operand, t *schema.Type) bool {
	if o.constant == nil || len(t.Enum) == 0 || o.constant.Kind() != schema.KindText {
		return true
	}
	var among []string
	for _, v := range t.Enum {
		if v.Str() == o.constant.Str() {
			return true
		}
		among = append(among, v.Str())
	}
	if len(among) == 1 {
		return true // another constant: the comparison is always false, and harmless
	}
	p := c.problem(diag.TypeMismatch, n, "it is never %q, only %s", o.constant.Str(), show(t.NotNull())).WithNearest(o.constant.Str(), among)
	_ = p
	return false
}

// possibleDate reports a constant text that is no date where one is compared with a date.
func (c *checker) possibleDate(n ast.Node, o operand, t *schema.Type) bool {
	if o.constant == nil || o.constant.Kind() != schema.KindText || t.Kind == schema.KindText {
		return true
	}
	if _, err := parseTextual(t.Kind, o.constant.Str()); err != nil {
		c.problem(diag.TypeMismatch, n, "%s, found %q", err, o.constant.Str())
		return false
	}
	return true
}

func parseTextual(k schema.Kind, s string) (schema.Value, error) {
	switch k {
	case schema.KindDate:
		return schema.ParseDate(s)
	case schema.KindTime:
		return schema.ParseTime(s)
	case schema.KindDateTime:
		return schema.ParseDateTime(s)
	case schema.KindDuration:
		return schema.ParseDuration(s)
	}
	return schema.Text(s), nil
}

func (c *checker) order(n *ast.BinaryNode, l, r operand) operand {
	if l.t.Kind == schema.KindUnknown || r.t.Kind == schema.KindUnknown {
		return unknown
	}
	a, b := l.t, r.t
	if !(a.Kind.Number() && b.Kind.Number() || a.Kind.Textual() && b.Kind.Textual() && (a.Kind == b.Kind || l.constant != nil || r.constant != nil)) {
		p := c.problem(diag.TypeMismatch, n, "%s cannot be ordered: %s is %s, %s is %s", n.Operator, c.what(n.Left), show(a), c.what(n.Right), show(b))
		if a.Kind == schema.KindText && b.Kind.Number() {
			p.WithHint("number(%s) reads a number from text", c.what(n.Left))
		}
		return unknown
	}
	if !c.possibleDate(n.Right, r, a) || !c.possibleDate(n.Left, l, b) {
		return unknown
	}
	for _, side := range []struct {
		o operand
		n ast.Node
	}{{l, n.Left}, {r, n.Right}} {
		if side.o.t.Nullable {
			c.problem(diag.MaybeNil, side.n, "%s may be nil, and is compared with %s", c.what(side.n), n.Operator).
				WithHint("give a value for that case: (%s ?? …), or ask first: %s != nil && …", c.what(side.n), c.what(side.n))
			return unknown
		}
	}
	dated(&l, &r)
	less, equal := n.Operator[0] == '<', len(n.Operator) == 2
	return c.combine(n, schema.TypeBool, l, r, func(a, b schema.Value) (schema.Value, error) {
		o, err := schema.Compare(a, b)
		return schema.Bool(o == 0 && equal || o < 0 && less || o > 0 && !less), err
	})
}

// divisionDigits is how many digits after the point a division gives at most.
const divisionDigits = 16

func (c *checker) arithmetic(n *ast.BinaryNode, l, r operand) operand {
	if l.t.Kind == schema.KindUnknown || r.t.Kind == schema.KindUnknown {
		return unknown
	}
	if n.Operator == "+" && (l.t.Kind.Textual() || r.t.Kind.Textual()) {
		return c.concatenate(n, l, r)
	}
	if n.Operator == "+" && l.t.Kind == schema.KindList && r.t.Kind == schema.KindList {
		c.problem(diag.TypeMismatch, n, "lists are not added with +").WithHint("write concat(%s, %s)", c.what(n.Left), c.what(n.Right))
		return unknown
	}
	ok := c.number(n.Left, l, n.Operator)
	if !c.number(n.Right, r, n.Operator) || !ok {
		return unknown
	}
	t := schema.TypeDecimal
	whole := l.t.Kind == schema.KindInt && r.t.Kind == schema.KindInt
	if whole {
		t = schema.TypeInt
	}
	switch n.Operator {
	case "+":
		return c.combine(n, t, l, r, schema.Add)
	case "-":
		return c.combine(n, t, l, r, schema.Sub)
	case "*":
		return c.combine(n, t, l, r, schema.Mul)
	case "/":
		return c.combine(n, schema.TypeDecimal, l, r, func(a, b schema.Value) (schema.Value, error) { return schema.Div(a, b, divisionDigits) })
	}
	if !whole {
		c.problem(diag.TypeMismatch, n, "%% is for whole numbers, found %s and %s", show(l.t), show(r.t))
		return unknown
	}
	return c.combine(n, t, l, r, func(a, b schema.Value) (schema.Value, error) {
		if b.Int() == 0 {
			return schema.Value{}, schema.ErrDivision
		}
		if b.Int() == -1 {
			return schema.Int(0), nil
		}
		return schema.Int(a.Int() % b.Int()), nil
	})
}

// concatenate types + of texts.
func (c *checker) concatenate(n *ast.BinaryNode, l, r operand) operand {
	for _, side := range []struct {
		o operand
		n ast.Node
	}{{l, n.Left}, {r, n.Right}} {
		if !side.o.t.Kind.Textual() {
			c.problem(diag.TypeMismatch, side.n, "expected text for +, found %s", show(side.o.t)).WithHint("write text(%s), or a text with holes", c.what(side.n))
			return unknown
		}
		if side.o.t.Nullable {
			c.problem(diag.MaybeNil, side.n, "%s may be nil, and is needed for +", c.what(side.n)).WithHint("give a value for that case: (%s ?? \"\")", c.what(side.n))
			return unknown
		}
	}
	o := c.combine(n, schema.TypeText, l, r, nil)
	left, right := l.eval, r.eval
	pos, _ := c.place(n.Location())
	o.build = func() Eval {
		a, b := left(), right()
		return func(f *Frame) (schema.Value, error) {
			x, err := a(f)
			if err != nil {
				return x, err
			}
			y, err := b(f)
			if err != nil {
				return y, err
			}
			if err := f.Spend(1 + (x.Len()+y.Len())/16); err != nil {
				return x, &Failure{Pos: pos, Err: err}
			}
			return schema.Text(x.Str() + y.Str()), nil
		}
	}
	return o
}

func (c *checker) in(n *ast.BinaryNode, l, r operand) operand {
	switch r.t.Kind {
	case schema.KindUnknown:
		return unknown
	case schema.KindList:
		if r.t.Nullable {
			c.problem(diag.MaybeNil, n.Right, "%s may be nil, and is searched with in", c.what(n.Right)).WithHint("give a value for that case: (%s ?? [])", c.what(n.Right))
			return unknown
		}
		if l.t.Kind != schema.KindUnknown && r.t.Elem.Kind != schema.KindNever && !c.comparable(n, l, operand{t: r.t.Elem}) {
			return unknown
		}
		if r.t.Elem.Nullable {
			if c.loose == nil {
				c.loose = map[*ast.BinaryNode]bool{}
			}
			c.loose[n] = true
		}
		o := c.combine(n, schema.TypeBool, l, r, nil)
		left, right := l.eval, r.eval
		pos, _ := c.place(n.Location())
		o.build = func() Eval {
			a, b := left(), right()
			return func(f *Frame) (schema.Value, error) {
				x, err := a(f)
				if err != nil {
					return x, err
				}
				list, err := b(f)
				if err != nil {
					return list, err
				}
				each := 1 + weight(x)
				for _, y := range list.Items() {
					if err := f.Spend(each); err != nil {
						return list, &Failure{Pos: pos, Err: err}
					}
					if same(x, y) {
						return schema.Bool(true), nil
					}
				}
				return schema.Bool(false), nil
			}
		}
		return o
	case schema.KindMap, schema.KindRecord, schema.KindAny:
		if !c.want(n.Left, l, schema.KindText, "in") {
			return unknown
		}
		return c.combine(n, schema.TypeBool, l, r, func(a, b schema.Value) (schema.Value, error) {
			for _, x := range b.Items() {
				if same(a, x) {
					return schema.Bool(true), nil
				}
			}
			return schema.Bool(!b.Get(a.Str()).IsAbsent()), nil
		})
	}
	p := c.problem(diag.TypeMismatch, n.Right, "expected a list after in, found %s", show(r.t))
	if r.t.Kind.Textual() {
		p.WithHint("for a text within a text write %s contains %s", c.what(n.Right), c.what(n.Left))
	}
	return unknown
}

func (c *checker) texts(n *ast.BinaryNode, l, r operand) operand {
	ok := c.wantText(n.Left, l, n.Operator)
	if !c.wantText(n.Right, r, n.Operator) || !ok {
		return unknown
	}
	do := map[string]func(s, part string) bool{"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix}[n.Operator]
	return c.combine(n, schema.TypeBool, l, r, func(a, b schema.Value) (schema.Value, error) { return schema.Bool(do(a.Str(), b.Str())), nil })
}

func (c *checker) wantText(n ast.Node, o operand, role string) bool {
	if o.t.Kind.Textual() && !o.t.Nullable {
		o.use.All()
		return true
	}
	return c.want(n, o, schema.KindText, role)
}

func (c *checker) matches(n *ast.BinaryNode, l, r operand) operand {
	ok := c.wantText(n.Left, l, "matches")
	if r.constant == nil {
		if r.t.Kind != schema.KindUnknown {
			c.problem(diag.TypeMismatch, n.Right, "expected a pattern in quotes after matches").WithHint("patterns are compiled when the project is loaded")
		}
		return unknown
	}
	re, err := regexp.Compile(r.constant.Str())
	if err != nil {
		c.problem(diag.BadExpression, n.Right, "%s", strings.TrimPrefix(err.Error(), "error parsing regexp: ")).WithHint("patterns are RE2: https://github.com/google/re2/wiki/Syntax")
		return unknown
	}
	if !ok {
		return unknown
	}
	of := l.eval
	pos, _ := c.place(n.Location())
	return operand{t: inherit(inherit(schema.TypeBool, l.t), r.t), build: func() Eval {
		e := of()
		return func(f *Frame) (schema.Value, error) {
			v, err := e(f)
			if err != nil {
				return v, err
			}
			if err := f.Spend(1 + v.Len()); err != nil { // each character is looked at in each of the pattern's states
				return v, &Failure{Pos: pos, Err: err}
			}
			return schema.Bool(re.MatchString(v.Str())), nil
		}
	}}
}

// maxSpan is how many numbers a..b gives at most.
const maxSpan = 100_000

func (c *checker) span(n *ast.BinaryNode, l, r operand) operand {
	ok := c.want(n.Left, l, schema.KindInt, "..")
	if !c.want(n.Right, r, schema.KindInt, "..") || !ok {
		return unknown
	}
	o := c.combine(n, schema.ListOf(schema.TypeInt), l, r, nil)
	left, right := l.eval, r.eval
	pos, _ := c.place(start(n).Location())
	o.build = func() Eval {
		first, last := left(), right()
		return func(f *Frame) (schema.Value, error) {
			a, err := first(f)
			if err != nil {
				return a, err
			}
			b, err := last(f)
			if err != nil {
				return b, err
			}
			if b.Int() < a.Int() {
				return schema.List(nil), nil
			}
			many := uint64(b.Int()) - uint64(a.Int()) + 1 // never negative, whatever the two are
			if many-1 >= maxSpan {
				return a, &Failure{Pos: pos, Err: ErrBudget}
			}
			if err := f.Spend(int(many)); err != nil {
				return a, &Failure{Pos: pos, Err: err}
			}
			items := make([]schema.Value, many)
			for i := range items {
				items[i] = schema.Int(a.Int() + int64(i))
			}
			return schema.List(items), nil
		}
	}
	return o
}
