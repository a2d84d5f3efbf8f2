package xsd

import (
	"strconv"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// Encoder writes values of one plan. Safe for concurrent use.
type Encoder struct {
	plan    *Plan
	attrs   [][]byte // ` name="`
	kids    []Tag
	ordered bool // fields are written in the places' order: no choice, nothing that repeats together

	variants []concrete // of an abstract type, as in the plan
	names    []string   // of a variant: what its fields are called in the abstract type's record; nil for as in the plan
}

// concrete is a variant as it is written.
type concrete struct {
	xsiType []byte // ` xsi:type="n1:Cane"`
	e       *Encoder
	has     map[string]bool // the names of its fields
}

// Tag is an element as it is written. Safe for concurrent use.
type Tag struct {
	open, end []byte // <n1:verbale and </n1:verbale>
	typed     []byte // ` xsi:type="n1:verbale"`, of SOAP encoding
	e         *Encoder
}

// Namespaces returns the namespaces that are used, which the message must declare: the one at index i has the prefix n followed by i.
func (es *Encoders) Namespaces() []string { return es.spaces }

// field returns a field of a record or an entry of a map by its place in the plan.
func (e *Encoder) field(v schema.Value, i int) schema.Value {
	n := e.plan.t.Fields[i].Name
	if e.names != nil {
		return v.Get(e.names[i])
	}
	if t := v.Type(); t != nil && i < len(t.Fields) && t.Fields[i].Name == n {
		return v.Field(i)
	}
	return v.Get(n)
}

// elementReserve is the room that is looked for beside an element's tags.
const elementReserve = 1 << 10

// Append appends the element with a value. Of a value that the plan does not admit the error is a *schema.Violation, with the path to
// it; a message that is too large is a *codec.LimitError.
func (t *Tag) Append(w *Writing, dst []byte, v schema.Value) ([]byte, error) {
	return t.element(w, dst, v, nil)
}

// Append appends the elements of a record's fields, without one around them. Errors are those of Tag.Append.
func (e *Encoder) Append(w *Writing, dst []byte, v schema.Value) ([]byte, error) {
	return e.content(w, dst, v)
}

// element appends an element with a value.
func (t *Tag) element(w *Writing, dst []byte, v schema.Value, k *kid) ([]byte, error) {
	if err := w.Room(dst, schema.Value{}); err != nil {
		return dst, err
	}
	dst = append(codec.Reserve(dst, len(t.open)+len(t.end)+elementReserve, w.most()), t.open...)
	e := t.e
	if v.Kind() == schema.KindNull {
		if k != nil && !k.nillable {
			return dst, Violation("null", schema.Article(e.plan.t), "null")
		}
		return append(dst, ` xsi:nil="true"/>`...), nil
	}
	dst = append(dst, t.typed...)
	var err error
	switch {
	case e.plan.nested != nil:
		if dst, err = e.document(w, append(dst, '>'), v); err != nil {
			return dst, err
		}
	case e.plan.array != nil:
		if v.Kind() != schema.KindList {
			return dst, Violation("type", schema.Article(e.plan.t), v.Kind().String())
		}
		if t.typed != nil {
			dst = append(append(dst, strconv.Itoa(v.Len())...), `]"`...)
		}
		if dst, err = e.items(w, append(dst, '>'), v); err != nil {
			return dst, err
		}
	case e.plan.raw:
		text := v.Str()
		if err = checkRaw(text); err != nil || v.Kind() != schema.KindText {
			return dst, Violation("type", errRaw.Error(), "")
		}
		if err = w.Room(dst, v); err != nil {
			return dst, err
		}
		dst = append(append(dst, '>'), text...)
	case e.plan.t.Kind == schema.KindRecord:
		if k := v.Kind(); k != schema.KindRecord && k != schema.KindMap {
			return dst, Violation("type", schema.Article(e.plan.t), k.String())
		}
		if e.plan.variants != nil {
			if dst, e, err = e.choose(dst, v); err != nil {
				return dst, err
			}
		}
		if dst, err = e.attributes(w, dst, v); err != nil {
			return dst, err
		}
		dst = append(dst, '>')
		if dst, err = e.content(w, dst, v); err != nil {
			return dst, err
		}
	default:
		if dst, err = e.alone(w, dst, v); err != nil {
			return dst, err
		}
	}
	return append(dst, t.end...), nil
}

// alone ends the start tag and appends the text of an element that holds nothing else.
func (e *Encoder) alone(w *Writing, dst []byte, v schema.Value) ([]byte, error) {
	if err := w.Room(dst, v); err != nil {
		return dst, err
	}
	dst, v, err := e.plan.text.qualified(dst, v, textPrefix)
	if err != nil {
		return dst, err
	}
	dst = append(dst, '>')
	if w.takes(e.plan.text, v) {
		return w.include(dst, e.plan.text, v), nil
	}
	if dst, err = e.plan.text.append(dst, v, false); err != nil {
		return dst, Violation("type", err.Error(), "")
	}
	return dst, nil
}

// choose returns the encoder of the variant that a value says, and appends its xsi:type.
func (e *Encoder) choose(dst []byte, v schema.Value) ([]byte, *Encoder, error) {
	word := v.Get(typeField)
	if word.IsNil() && e.plan.base >= 0 {
		word = schema.Text(e.plan.variants[e.plan.base].word)
	}
	for i := range e.variants {
		x := &e.variants[i]
		if word.Kind() != schema.KindText || e.plan.variants[i].word != word.Str() {
			continue
		}
		for _, f := range e.plan.t.Fields {
			if !x.has[f.Name] && !v.Get(f.Name).IsNil() {
				return dst, nil, Within(Violation("unknown", "nothing here: "+word.Str()+" has no such field", ""), f.Name)
			}
		}
		return append(dst, x.xsiType...), x.e, nil
	}
	return dst, nil, Within(Violation("required", schema.Article(e.plan.t.Fields[0].Type), word.Kind().String()), typeField)
}

func (e *Encoder) attributes(w *Writing, dst []byte, v schema.Value) ([]byte, error) {
	for i := range e.plan.attrs {
		a := &e.plan.attrs[i]
		x := e.field(v, a.field)
		if x.IsNil() {
			switch {
			case a.required && a.hasDef:
				x, _ = a.text.parse(a.def)
			case a.required:
				return dst, Within(Violation("required", schema.Article(a.text.t), "nothing"), e.plan.t.Fields[a.field].Name)
			default:
				continue
			}
		}
		if a.fixed {
			if err := a.text.fixes(a.def, x); err != nil {
				return dst, Within(err, e.plan.t.Fields[a.field].Name)
			}
		}
		if err := w.Room(dst, x); err != nil {
			return dst, err
		}
		var err error
		if dst, x, err = a.text.qualified(dst, x, "a"+strconv.Itoa(i)); err != nil {
			return dst, Within(err, e.plan.t.Fields[a.field].Name)
		}
		dst = append(dst, e.attrs[i]...)
		if dst, err = a.text.append(dst, x, true); err != nil {
			return dst, Within(Violation("type", err.Error(), ""), e.plan.t.Fields[a.field].Name)
		}
		dst = append(dst, '"')
	}
	if !e.plan.mixed && e.plan.text.names() {
		dst, _, err := e.plan.text.qualified(dst, e.field(v, e.plan.value), textPrefix)
		return dst, Within(err, e.plan.t.Fields[e.plan.value].Name)
	}
	return dst, nil
}

// content appends what stands inside of an element, in the schema's order.
func (e *Encoder) content(w *Writing, dst []byte, v schema.Value) ([]byte, error) {
	if e.plan.mixed {
		n := e.plan.t.Fields[e.plan.value].Name
		x := e.field(v, e.plan.value)
		if x.Kind() != schema.KindText {
			return dst, Within(Violation("required", "text", x.Kind().String()), n)
		}
		if checkRaw(x.Str()) != nil {
			return dst, Within(Violation("type", errRaw.Error(), ""), n)
		}
		if err := w.Room(dst, x); err != nil {
			return dst, err
		}
		return append(dst, x.Str()...), nil
	}
	if e.plan.text != nil {
		n := e.plan.t.Fields[e.plan.value].Name
		x := e.field(v, e.plan.value)
		if x.IsNil() {
			return dst, Within(Violation("required", schema.Article(e.plan.text.t), "nothing"), n)
		}
		err := w.Room(dst, x)
		if err != nil {
			return dst, err
		}
		if e.plan.text.names() {
			_, x, _ = e.plan.text.qualified(nil, x, textPrefix) // declared where the element begins
		}
		if dst, err = e.plan.text.append(dst, x, false); err != nil {
			return dst, Within(Violation("type", err.Error(), ""), n)
		}
		return dst, nil
	}
	if !e.ordered {
		return e.unordered(w, dst, v)
	}
	for i := range e.kids {
		k := &e.plan.kids[i]
		f := &e.plan.t.Fields[k.field]
		x := e.field(v, k.field)
		var err error
		switch {
		case x.IsAbsent() || x.Kind() == schema.KindNull && !k.nillable || k.list && x.Kind() == schema.KindNull:
			if k.required {
				if x = k.filled(); !x.IsAbsent() {
					if dst, err = e.one(w, dst, i, x); err == nil {
						continue
					}
				}
				return dst, Within(Violation("required", schema.Article(f.Type), "nothing"), f.Name)
			}
		case k.list && x.Kind() == schema.KindList:
			for j, item := range x.Items() {
				if dst, err = e.one(w, dst, i, item); err != nil {
					return dst, Within(Within(err, strconv.Itoa(j)), f.Name)
				}
			}
		default:
			if dst, err = e.one(w, dst, i, x); err != nil {
				return dst, Within(err, f.Name)
			}
		}
	}
	return dst, nil
}

// one appends one element at a place.
func (e *Encoder) one(w *Writing, dst []byte, i int, v schema.Value) ([]byte, error) {
	k := &e.plan.kids[i]
	if k.group {
		return e.kids[i].e.occurrence(w, dst, v)
	}
	if k.any != nil {
		if v.Kind() != schema.KindText || checkRaw(v.Str()) != nil {
			return dst, Violation("type", errRaw.Error(), "")
		}
		if err := w.Room(dst, v); err != nil {
			return dst, err
		}
		return append(dst, v.Str()...), nil
	}
	if k.held() {
		if err := k.plan.text.fixes(k.def, v); err != nil {
			return dst, err
		}
	}
	return e.kids[i].element(w, dst, v, k)
}
