package typing

import (
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
)

var textKinds = map[string]schema.Kind{
	"date": schema.KindDate, "date-time": schema.KindDateTime, "time": schema.KindTime, "duration": schema.KindDuration,
	"date-time-local": schema.KindDateTimeLocal, "time-local": schema.KindTimeLocal,
	"byte": schema.KindBytes, "binary": schema.KindBytes,
}

func (r *Reader) text(n *config.Node, t *schema.Type) {
	t.Kind = schema.KindText
	if f := n.Get("format"); f != nil {
		if kind, ok := textKinds[f.Text.Value]; ok {
			t.Kind = kind
			*t = *r.zone.Typed(t)
		} else if t.Format = f.Text.Value; !schema.FormatKnown(t.Format) {
			f.Report(r.out, diag.BadValue, "unknown format %q", t.Format).WithNearest(t.Format, schema.Formats())
			t.Format = ""
		}
	}
	t.MinLength, t.MaxLength = r.whole(n, "minLength"), r.whole(n, "maxLength")
	if p := n.Get("pattern"); p != nil {
		r.pattern(p, p.Text.Value, t)
	}
	r.allow(n, t)
	r.enum(n, t)
}

// pattern sets the type's pattern, and counts what all of them cost together; what is wrong is reported at p.
func (r *Reader) pattern(p *config.Node, text string, t *schema.Type) {
	if r.states > schema.MaxPatternsStates {
		return // told once, where they first exceed it
	}
	if r.states += schema.PatternStates(text); r.states > schema.MaxPatternsStates {
		p.Report(r.out, diag.BadSchema, "the schemas' patterns have more than %d states together, and this is where they exceed them",
			schema.MaxPatternsStates)
	} else if _, err := schema.CompilePattern(text); err != nil {
		p.Report(r.out, diag.BadSchema, "%s", err)
	} else {
		t.Pattern = text
	}
}

func (r *Reader) number(n *config.Node, t *schema.Type, kind string) {
	t.Kind = schema.KindDecimal
	if kind == "integer" {
		t.Kind = schema.KindInt
	}
	if f := n.Get("format"); f != nil {
		switch f.Text.Value {
		case "int64", "float", "double", "decimal":
		case "int32":
			least, most := schema.Int(-1<<31), schema.Int(1<<31-1)
			t.Minimum, t.Maximum = &least, &most
			t.Format = "int32"
		default:
			f.Report(r.out, diag.BadValue, "unknown format %q of a number", f.Text.Value).
				WithNearest(f.Text.Value, []string{"int32", "int64", "float", "double", "decimal"})
		}
	}
	limit := func(word string) *schema.Value {
		v := n.Get(word)
		if v == nil {
			return nil
		}
		d, err := schema.ParseDecimal(v.Text.Value)
		if err != nil {
			v.Report(r.out, diag.WrongType, "%s: found %s, expected a number", word, v.Found())
			return nil
		}
		if i, err := schema.ToInt(d); err == nil && t.Kind == schema.KindInt {
			d = i
		}
		return &d
	}
	if v := limit("minimum"); v != nil {
		t.Minimum = v
	}
	if v := limit("maximum"); v != nil {
		t.Maximum = v
	}
	if v := limit("exclusiveMinimum"); v != nil {
		t.Minimum, t.ExclMin = v, true
	}
	if v := limit("exclusiveMaximum"); v != nil {
		t.Maximum, t.ExclMax = v, true
	}
	if m := n.Get("multipleOf"); m != nil {
		whole, rest, _ := strings.Cut(m.Text.Value, ".")
		digits := len(rest)
		switch {
		case m.Text.Value == "1":
			zero := 0
			t.Fraction = &zero
		case strings.Trim(whole, "0") == "" && strings.Trim(rest, "0") == "1" && strings.HasSuffix(rest, "1"):
			t.Fraction = &digits
		default:
			m.Report(r.out, diag.BadValue, "multipleOf: found %q, expected 1, 0.1, 0.01 and so on", m.Text.Value)
		}
	}
	r.enum(n, t)
}

func (r *Reader) enum(n *config.Node, t *schema.Type) {
	if c := n.Get("const"); c != nil {
		t.Enum = []schema.Value{r.value(c, t, "const")}
	}
	list := n.Get("enum")
	if list == nil {
		return
	}
	if list.Kind != config.NodeList || len(list.Items) == 0 {
		list.Report(r.out, diag.WrongType, "enum: found %s, expected a list of values", list.Found())
		return
	}
	for _, item := range list.Items {
		if item.Kind == config.NodeNull {
			t.Nullable = true
			continue
		}
		if v := r.value(item, t, "enum"); !v.IsAbsent() {
			t.Enum = append(t.Enum, v)
		}
	}
}

// value reads a value of a scalar type as it stands in the file.
func (r *Reader) value(n *config.Node, t *schema.Type, word string) schema.Value {
	s := n.Text.Value
	var v schema.Value
	var err error
	switch {
	case n.Kind == config.NodeList || n.Kind == config.NodeMap:
		return schema.Value{} // examples of records are for people
	case n.Kind == config.NodeNull:
		return schema.Null
	case t.Kind == schema.KindText && n.Kind != config.NodeText && !n.Quoted:
		n.Report(r.out, diag.WrongType, "%s: found %s, expected text", word, n.Found()).WithHint("write \"%s\" in quotes", s)
		return schema.Value{}
	case t.Kind == schema.KindBool:
		if s != "true" && s != "false" {
			n.Report(r.out, diag.WrongType, "%s: found %s, expected true or false", word, n.Found())
			return schema.Value{}
		}
		return schema.Bool(s == "true")
	case t.Kind == schema.KindInt:
		v, err = schema.ParseInt(s)
	case t.Kind == schema.KindDecimal:
		v, err = schema.ParseDecimal(s)
	case t.Kind.Textual() && t.Kind != schema.KindText:
		v, err = schema.ParseText(s, t)
	default:
		return schema.Text(s)
	}
	if err != nil {
		n.Report(r.out, diag.WrongType, "%s: found %s, expected %s", word, n.Found(), schema.Article(&schema.Type{Kind: t.Kind}))
		return schema.Value{}
	}
	return v
}

// fits reports a value that the type itself does not admit.
func (r *Reader) fits(n *config.Node, v schema.Value, t *schema.Type, word string) {
	if n == nil || v.IsAbsent() || v.IsNil() && t.Nullable {
		return
	}
	for _, w := range schema.Check(v, t) {
		n.Report(r.out, diag.BadValue, "%s: found %s, expected %s", word, n.Found(), w.Expected)
	}
}

// kindOfConstants returns the JSON type of a schema that lists its values and does not name it.
func kindOfConstants(n *config.Node) string {
	kind := ""
	for _, v := range append([]*config.Node{n.Get("const")}, items(n.Get("enum"))...) {
		if v == nil || v.Kind == config.NodeNull {
			continue
		}
		this := "string"
		switch v.Kind {
		case config.NodeBool:
			this = "boolean"
		case config.NodeInt:
			this = "integer"
		case config.NodeFloat:
			this = "number"
		}
		switch {
		case kind == "" || kind == this || kind == "integer" && this == "number":
			kind = this
		case kind != "number" || this != "integer":
			return "string"
		}
	}
	return kind
}

func items(n *config.Node) []*config.Node {
	if n == nil {
		return nil
	}
	return n.Items
}

func (r *Reader) whole(n *config.Node, word string) *int {
	v := n.Get(word)
	if v == nil {
		return nil
	}
	i, err := schema.ParseInt(v.Text.Value)
	if err != nil || i.Int() < 0 || i.Int() > 1<<31 {
		v.Report(r.out, diag.WrongType, "%s: found %s, expected a whole number that is not negative", word, v.Found())
		return nil
	}
	k := int(i.Int())
	return &k
}
