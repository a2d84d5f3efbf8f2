package expr

import (
	"unicode/utf8"

	"fondaco/config/diag"
	"fondaco/schema"

	"github.com/expr-lang/expr/ast"
)

// slice types x[from:to] of lists and texts; places outside are cut to what is there.
func (c *checker) slice(n *ast.SliceNode) operand {
	base := c.node(n.Node)
	bound := func(n ast.Node) func() Eval {
		if n == nil {
			return nil
		}
		o := c.node(n)
		c.want(n, o, schema.KindInt, "a place")
		return o.eval
	}
	from, to := bound(n.From), bound(n.To)
	if base.t.Kind == schema.KindUnknown {
		return unknown
	}
	if base.t.Nullable && (base.t.Kind == schema.KindList || base.t.Kind == schema.KindText) {
		base.use.All()
		c.problem(diag.MaybeNil, n.Node, "%s may be nil, and is cut", c.what(n.Node)).
			WithHint("give a value for that case: (%s ?? …)", c.what(n.Node))
		return unknown
	}
	if base.t.Kind != schema.KindList && base.t.Kind != schema.KindText {
		c.problem(diag.TypeMismatch, n.Node, "expected a list or text to cut, found %s", show(base.t))
		return unknown
	}
	base.use.All()
	t := *base.t
	t.Enum, t.Pattern, t.Format = nil, "", ""
	t.MinLength = nil
	of := base.eval
	pos, _ := c.place(start(n.Node).Location())
	return operand{t: &t, build: func() Eval {
		value := of()
		var low, high Eval
		if from != nil {
			low = from()
		}
		if to != nil {
			high = to()
		}
		return func(f *Frame) (schema.Value, error) {
			v, err := value(f)
			if err != nil {
				return v, err
			}
			length := v.Len()
			if v.Kind() == schema.KindText {
				if err := f.Spend(1 + weight(v)); err != nil {
					return v, &Failure{Pos: pos, Err: err}
				}
				length = utf8.RuneCountInString(v.Str())
			}
			i, err := place(f, low, 0, length)
			if err != nil {
				return v, err
			}
			j, err := place(f, high, length, length)
			if err != nil {
				return v, err
			}
			j = max(i, j)
			if v.Kind() == schema.KindText {
				return schema.Text(cut(v.Str(), i, j, length)), nil
			}
			return schema.List(v.Items()[i:j:j]), nil
		}
	}}
}

// cut returns the characters from i to j of a text that has so many; it shares the text's room.
func cut(s string, i, j, length int) string {
	if length == len(s) {
		return s[i:j]
	}
	from, to, at := len(s), len(s), 0
	for offset := range s {
		if at == i {
			from = offset
		}
		if at == j {
			to = offset
			break
		}
		at++
	}
	return s[from:to]
}

func place(f *Frame, e Eval, otherwise, length int) (int, error) {
	if e == nil {
		return otherwise, nil
	}
	v, err := e(f)
	if err != nil {
		return 0, err
	}
	i := v.Int()
	if i < 0 {
		i += int64(length)
	}
	return int(min(max(i, 0), int64(length))), nil
}
