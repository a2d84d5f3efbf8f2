package transform

import (
	"fmt"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/expr"
)

// Typed is a checked mapping. Its type is what its values are.
type Typed struct {
	Type     *schema.Type
	part     *part
	expr     *expr.Expr
	text     []typedPiece
	fields   []typedField
	items    []*Typed
	loop     *typedLoop
	conds    []*expr.Expr // of $if: it is left out unless all hold
	whole    bool         // it is a whole mapping: when it is left out, the value is nil
	constant *schema.Value
	merged   *merge
}

type typedPiece struct {
	fixed string
	hole  *expr.Expr
}

type typedField struct {
	name  config.Text
	value *Typed
}

type typedLoop struct {
	list, cond *expr.Expr
	slot       int
	rounds     *expr.Rounds
	item       *Typed
}

// Check types a mapping over the names of s. What is wrong goes to out; the result is never nil, and its type is unknown
// where a problem was. Every read is recorded in the Use of the names.
func (m *Mapping) Check(s *expr.Scope, out *diag.List) *Typed {
	if m.IsZero() { // it is missing, which is reported where it should stand
		return &Typed{part: &part{}, Type: schema.TypeUnknown}
	}
	t := check(m.root, s, out)
	if len(t.conds) > 0 {
		t.whole = true
		t.Type = t.Type.OrNull()
	}
	return t
}

func check(p *part, s *expr.Scope, out *diag.List) *Typed {
	t := &Typed{part: p}
	for _, c := range p.conds {
		e := condition(c, "$if", s, out)
		t.conds = append(t.conds, e)
		s = s.Assume(e.Facts(true))
	}
	switch p.kind {
	case partLiteral:
		meant(p.node, s, out)
		t.literal(p.node, out)
	case partExpr:
		t.expr = expr.Check(p.hole, s, out)
		t.Type = t.expr.Type()
		if v, ok := t.expr.Constant(); ok {
			t.constant = &v
		}
	case partText:
		t.Type = schema.TypeText
		for _, piece := range p.pieces {
			if !piece.isHole {
				t.text = append(t.text, typedPiece{fixed: piece.fixed})
				continue
			}
			e := expr.Check(piece.hole, s, out)
			t.hole(e, piece.hole, out)
			t.text = append(t.text, typedPiece{hole: e})
		}
	case partRecord:
		t.record(p, s, out)
	case partList:
		elem := schema.TypeNever
		for _, item := range p.items {
			x := check(item, s, out)
			t.items = append(t.items, x)
			elem = schema.Join(elem, x.Type)
		}
		t.Type = schema.ListOf(elem)
	case partFor:
		t.forEach(p, s, out)
	case partMerge:
		t.merge(p, s, out)
	case partRef:
		t.Type = schema.TypeUnknown
		if p.ref != nil {
			p.ref.Report(out, diag.BadReference, "mappings cannot be included here")
		}
	}
	return t
}

// condition types an expression that must be true or false.
func condition(text config.Text, word string, s *expr.Scope, out *diag.List) *expr.Expr {
	e := expr.Check(text, s, out)
	CheckCondition(e, word, out)
	return e
}

// CheckCondition reports an expression that is no condition; word names where it stands.
func CheckCondition(e *expr.Expr, word string, out *diag.List) {
	switch t := e.Type(); {
	case t.Kind == schema.KindUnknown:
	case t.Kind != schema.KindBool:
		p := e.Text().Report(out, diag.TypeMismatch, "%s: expected a condition, found %s", word, t)
		if t.Nullable {
			p.WithHint("to ask whether it is there write %s != nil", e.Text().Value)
		}
	case t.Nullable:
		e.Text().Report(out, diag.MaybeNil, "%s: the condition may be nil", word).
			WithHint("give a value for that case: (%s ?? false)", e.Text().Value)
	}
}

// literal types a value that is written out.
func (t *Typed) literal(n *config.Node, out *diag.List) {
	var v schema.Value
	switch n.Kind {
	case config.NodeNull:
		t.Type, v = schema.TypeNull, schema.Null
	case config.NodeBool:
		v = schema.Bool(n.Text.Value == "true")
		t.Type = schema.TypeBool
	case config.NodeInt:
		i, err := schema.ParseInt(n.Text.Value)
		if err != nil {
			n.Report(out, diag.BadValue, "the number does not fit 64 bits")
			t.Type = schema.TypeUnknown
			return
		}
		v = i
		t.Type = &schema.Type{Kind: schema.KindInt, Enum: []schema.Value{v}}
	case config.NodeFloat:
		d, err := schema.ParseDecimal(n.Text.Value)
		if err != nil {
			n.Report(out, diag.BadValue, "found %q, expected a number", n.Text.Value)
			t.Type = schema.TypeUnknown
			return
		}
		v = d
		t.Type = &schema.Type{Kind: schema.KindDecimal, Enum: []schema.Value{v}}
	default:
		v = schema.Text(n.Text.Value)
		t.Type = &schema.Type{Kind: schema.KindText, Enum: []schema.Value{v}}
	}
	t.constant = &v
}

// hole checks what stands in a hole of a text.
func (t *Typed) hole(e *expr.Expr, text config.Text, out *diag.List) {
	switch h := e.Type(); {
	case h.Kind == schema.KindUnknown:
	case !h.Kind.Textual() && !h.Kind.Number() && h.Kind != schema.KindBool && h.Kind != schema.KindAny:
		text.Report(out, diag.TypeMismatch, "expected text, a number or a date in a text with holes, found %s", h)
	case h.Nullable && h.Kind != schema.KindAny:
		text.Report(out, diag.MaybeNil, "%s may be nil, and stands in a text", text.Value).
			WithHint("give a value for that case: ${%s ?? \"\"}", text.Value)
	default:
		t.Type = marks(t.Type, h)
	}
}

func marks(t, from *schema.Type) *schema.Type {
	if (t.Personal || !from.Personal) && (t.Secret || !from.Secret) {
		return t
	}
	c := *t
	c.Personal, c.Secret = t.Personal || from.Personal, t.Secret || from.Secret
	return &c
}

func (t *Typed) record(p *part, s *expr.Scope, out *diag.List) {
	t.Type = &schema.Type{Kind: schema.KindRecord, Fields: make([]schema.Field, 0, len(p.keys))}
	t.fields = make([]typedField, 0, len(p.keys))
	for _, k := range p.keys {
		v := check(k.value, s, out)
		t.fields = append(t.fields, typedField{k.name, v})
		t.Type.Fields = append(t.Type.Fields, schema.Field{Name: k.name.Value, Type: v.Type, Required: len(v.conds) == 0})
	}
	t.Type.Seal()
}

func (t *Typed) forEach(p *part, s *expr.Scope, out *diag.List) {
	t.loop = &typedLoop{list: expr.CheckList(p.over, s, out)}
	list := t.loop.list.Type()
	elem := schema.TypeUnknown
	switch {
	case list.Kind == schema.KindUnknown:
	case list.Kind != schema.KindList:
		p.over.Report(out, diag.TypeMismatch, "$for: expected a list, found %s", list)
	case list.Nullable:
		p.over.Report(out, diag.MaybeNil, "%s may be nil, and $for goes over it", p.over.Value).
			WithHint("give a value for that case: %s ?? []", p.over.Value)
	default:
		elem = expr.ItemOf(list)
	}
	inner, rounds := s.Repeated()
	t.loop.rounds = rounds
	v := inner.Declare(p.name.Value, elem)
	v.Use, v.Given = t.loop.list.Items(), t.loop.list.Given()
	t.loop.slot = v.Slot
	if p.filter != nil {
		t.loop.cond = condition(*p.filter, "$if", inner, out)
		inner = inner.Assume(t.loop.cond.Facts(true))
	}
	t.loop.item = check(p.item, inner, out)
	t.Type = schema.ListOf(t.loop.item.Type)
}

// merge is records laid over each other: for each field of the result the parts that may give it, the last first.
type merge struct {
	parts []*Typed
	from  [][]int
}

func (t *Typed) merge(p *part, s *expr.Scope, out *diag.List) {
	m := &merge{}
	for _, item := range p.items {
		m.parts = append(m.parts, check(item, s, out))
	}
	if len(p.keys) > 0 {
		m.parts = append(m.parts, check(&part{node: p.node, kind: partRecord, keys: p.keys}, s, out))
	}
	t.Type = &schema.Type{Kind: schema.KindRecord}
	for i, x := range m.parts {
		switch {
		case x.Type.Kind == schema.KindUnknown:
			t.Type = schema.TypeUnknown
			return
		case x.Type.Kind != schema.KindRecord:
			out.Report(diag.TypeMismatch, x.part.node.Pos(), "$merge: expected records, found %s", x.Type)
			t.Type = schema.TypeUnknown
			return
		case x.Type.Nullable:
			out.Report(diag.MaybeNil, x.part.node.Pos(), "$merge: the record may be nil").WithHint("give a value for that case: ${… ?? {}}")
			t.Type = schema.TypeUnknown
			return
		}
		for _, f := range x.Type.Fields {
			f.Required = f.Required && len(x.conds) == 0
			k := t.Type.Index(f.Name)
			if k < 0 {
				t.Type.Fields = append(t.Type.Fields, f)
				m.from = append(m.from, []int{i})
				continue
			}
			before := t.Type.Fields[k]
			if f.Required {
				t.Type.Fields[k] = f
				m.from[k] = []int{i}
			} else {
				f.Type, f.Required = schema.Join(before.Type, f.Type), before.Required
				t.Type.Fields[k] = f
				m.from[k] = append([]int{i}, m.from[k]...)
			}
		}
	}
	t.Type.Seal()
	t.merged = m
}

// Fit reports where values of the mapping may not stand where to is expected, at the guilty leaf. what names the whole
// in messages: "with", "the body".
func (t *Typed) Fit(to *schema.Type, what string, out *diag.List) {
	if t.Type.Kind == schema.KindUnknown || to.Kind == schema.KindUnknown {
		return
	}
	if t.whole && !to.Nullable {
		t.conds[0].Text().Report(out, diag.DoesNotFit, "%s: the whole may be left out by its $if, and is needed", what)
		return
	}
	if to.Kind == schema.KindRecord && t.fields != nil && t.part.kind == partRecord {
		t.fitRecord(to, what, out)
		return
	}
	if to.Kind == schema.KindList && t.loop != nil {
		t.loop.item.Fit(to.Elem, what, out)
		return
	}
	if to.Kind == schema.KindList && t.part.kind == partList {
		for _, item := range t.items {
			item.Fit(to.Elem, what, out)
		}
		return
	}
	for _, m := range schema.Fits(t.Type, to) {
		pos, length := t.place()
		message := m.Message
		if m.Path != "" && !m.Missing && !m.Unknown {
			message = strings.ReplaceAll(strings.TrimPrefix(m.Path, "/"), "/", ".") + ": " + message
		}
		p := out.Report(diag.DoesNotFit, pos, "%s: %s", what, message).WithLen(length)
		switch {
		case m.Unknown:
			p.WithNearest(m.Field, names(to))
		case t.Type.Nullable && !to.Nullable && t.expr != nil && m.Path == "":
			p.WithHint("give a value for the case that it is nil: %s ?? …", t.expr.Text().Value)
		}
	}
}

func (t *Typed) fitRecord(to *schema.Type, what string, out *diag.List) {
	for _, f := range t.fields {
		i := to.Index(f.name.Value)
		if i < 0 {
			if !to.Open {
				p := f.name.Report(out, diag.DoesNotFit, "%s has no field %q", what, f.name.Value).WithNearest(f.name.Value, names(to))
				if p.Hint == "" && len(to.Fields) > 0 && len(to.Fields) <= 12 {
					p.WithHint("it has %s", strings.Join(names(to), ", "))
				}
			}
			continue
		}
		want := to.Fields[i]
		target := want.Type
		if !want.Required {
			target = target.OrNull() // nil is left out
		} else if len(f.value.conds) > 0 {
			f.name.Report(out, diag.DoesNotFit, "%s: field %q may be left out by its $if, and is required", what, f.name.Value)
			continue
		}
		f.value.Fit(target, what+"."+f.name.Value, out)
	}
	for _, f := range to.Fields {
		if !f.Required {
			continue
		}
		if i := t.Type.Index(f.Name); i < 0 {
			p := out.Report(diag.DoesNotFit, t.part.node.Pos(), "%s: field %q is missing", what, f.Name).WithHint("it is %s", f.Type)
			if len(t.fields) > 0 {
				p.Pos = t.fields[0].name.Pos
			}
			if f.Doc != "" {
				p.WithHint("it is %s: %s", f.Type, f.Doc)
			}
		}
	}
	for i := range to.Present {
		if message := to.Present[i].Misfit(t.Type); message != "" {
			p := out.Report(diag.DoesNotFit, t.part.node.Pos(), "%s: %s", what, message)
			if len(t.fields) > 0 {
				p.Pos = t.fields[0].name.Pos
				p.WithLen(len(t.fields[0].name.Value))
			}
		}
	}
	for i := range to.Choices {
		message, field := to.Choices[i].Misfit(t.Type)
		if message == "" {
			continue
		}
		p := out.Report(diag.DoesNotFit, t.part.node.Pos(), "%s: %s", what, message)
		for _, f := range t.fields {
			if f.name.Value == field || field == "" {
				p.Pos = f.name.Pos
				p.WithLen(len(f.name.Value))
				break
			}
		}
	}
}

func names(t *schema.Type) []string {
	var all []string
	for _, f := range t.Fields {
		all = append(all, f.Name)
	}
	return all
}

// place returns where a problem of the whole is told, and how much is underlined.
func (t *Typed) place() (diag.Pos, int) {
	if t.expr != nil {
		return t.expr.Text().Pos, t.expr.Text().Width()
	}
	if t.part.node.IsScalar() {
		return t.part.node.Pos(), t.part.node.Text.Width()
	}
	return t.part.node.Pos(), 1
}

// String returns the type, for people.
func (t *Typed) String() string { return fmt.Sprint(t.Type) }
