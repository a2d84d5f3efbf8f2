package soap

import (
	"errors"
	"strconv"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// decoder reads elements of one plan into values of one type: the plan's, or what schema.Prune has left of it. Places
// that the type does not want are passed over, in their right order all the same. Safe for concurrent use.
type decoder struct {
	plan  *plan
	want  *schema.Type
	attrs []int // the slot of each attribute, -1 if it is not wanted
	kids  []place
	lists int
	text  int // the slot of the text beside attributes

	variants []*decoder // of a type that others derive from, as in the plan
	tag      int        // the slot of typeField
	item     *decoder   // of an array of SOAP encoding
	inner    *decoder   // of a document within the text
}

// place is where the value of a kid goes.
type place struct {
	slot int // -1 if it is not wanted
	list int // which of the lists, -1 if it is none
	d    *decoder
}

// decoders makes decoders, one for each plan and type.
type decoders map[decoderKey]*decoder

type decoderKey struct {
	plan *plan
	want *schema.Type
}

func (ds decoders) of(p *plan, want *schema.Type) *decoder {
	key := decoderKey{p, want}
	if d := ds[key]; d != nil {
		return d
	}
	d := &decoder{plan: p, want: want, text: -1}
	ds[key] = d
	if p.nested != nil {
		d.inner = ds.of(p.nested.plan, want)
		return d
	}
	if p.array != nil && want.Kind == schema.KindList {
		d.item = ds.of(p.array.item, want.Elem)
	}
	if p.t.Kind != schema.KindRecord || want.Kind != schema.KindRecord {
		return d
	}
	if p.variants == nil {
		ds.bind(d, func(field int) int { return want.Index(p.t.Fields[field].Name) })
		return d
	}
	d.tag = want.Index(typeField)
	for i := range p.variants {
		v := &p.variants[i]
		x := &decoder{plan: v.plan, want: want, text: -1}
		ds.bind(x, func(field int) int { return want.Index(v.names[field]) })
		d.variants = append(d.variants, x)
	}
	return d
}

// bind says where the parts of a decoder's plan go.
func (ds decoders) bind(d *decoder, slot func(field int) int) {
	p, want := d.plan, d.want
	for _, a := range p.attrs {
		d.attrs = append(d.attrs, slot(a.field))
	}
	if p.value >= 0 {
		d.text = slot(p.value)
	}
	lists := map[int]int{}
	for i := range p.kids {
		k := &p.kids[i]
		x := place{slot: slot(k.field), list: -1}
		if x.slot >= 0 {
			t := want.Fields[x.slot].Type
			if k.list {
				n, met := lists[x.slot]
				if !met {
					n = d.lists
					lists[x.slot] = n
					d.lists++
				}
				x.list, t = n, t.Elem
			}
			x.d = ds.of(k.plan, t)
		}
		d.kids = append(d.kids, x)
	}
}

// reading is the decoding of one message.
type reading struct {
	s      *codec.XMLScanner
	arena  schema.Arena
	strict bool // elements that the schema does not know are refused, not passed over
	loose  bool // names count without their namespaces, in any order, and what is required may be missing
	begun  bool // the start of the next element was read already

	tolerated int // how often something was not as the schema says

	parts map[string][]byte // what came beside the envelope

	extra []extra // header entries and attachments, for fields of the first record
}

// extra is a value that a record holds beside those of its element.
type extra struct {
	slot int
	v    schema.Value
}

// fill puts what came beside the element into the slots of the first record.
func (r *reading) fill(slots []schema.Value) {
	for _, x := range r.extra {
		slots[x.slot] = x.v
	}
	r.extra = nil
}

func violation(code, expected, found string) error {
	return &schema.Violation{Code: code, Expected: expected, Found: found}
}

// within puts a step before the path of a violation.
func within(err error, step string) error {
	var v *schema.Violation
	if errors.As(err, &v) {
		v.Path = "/" + step + v.Path
	}
	return err
}

// element reads the element whose start was the last step, up to its end.
func (d *decoder) element(r *reading, nillable bool, k *kid) (schema.Value, error) {
	null, which, err := d.instance(r)
	if err != nil {
		return schema.Value{}, err
	}
	if null {
		if !nillable && r.loose {
			r.tolerated++
			return schema.Value{}, r.s.Skip()
		}
		if !nillable {
			return schema.Value{}, violation("null", schema.Article(d.plan.t), "null")
		}
		if text, err := r.text(); err != nil || collapse(text) != "" {
			return schema.Value{}, first(err, violation("type", "nothing, as xsi:nil says", ""))
		}
		return schema.Null, nil
	}
	switch {
	case d.plan.raw:
		b, err := r.raw(nil)
		return schema.Text(string(b)), err
	case d.plan.nested != nil:
		return d.document(r)
	case d.plan.array != nil:
		if d.item == nil {
			return schema.Value{}, r.s.Skip()
		}
		return d.items(r)
	case d.plan.variants != nil:
		if which < 0 {
			which = d.plan.base
		}
		if which < 0 {
			return schema.Value{}, violation("type", "xsi:type, because the type "+d.plan.name.local+" is abstract", "")
		}
		return d.variants[which].record(r, d.tag, d.plan.variants[which].word)
	case d.plan.t.Kind == schema.KindRecord && d.want.Kind == schema.KindRecord:
		return d.record(r, -1, "")
	}
	if d.plan.text.form == formBase64 && r.parts != nil {
		return r.included(d.plan.text)
	}
	text, err := r.text()
	if err != nil {
		return schema.Value{}, err
	}
	if d.plan.text.form == formReference {
		return r.referred(text)
	}
	if text == "" && k != nil && k.hasDef {
		text = k.def
	}
	return d.plan.text.value(text)
}

// value reads a text, and gives what is wrong as a violation.
func (l *lexical) value(text string) (schema.Value, error) {
	v, err := l.parse(text)
	if err != nil {
		return v, violation("type", err.Error(), "")
	}
	return v, nil
}

func first(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// instance looks at xsi:nil and xsi:type of the element; which is the variant that it says, -1 for none.
func (d *decoder) instance(r *reading) (null bool, which int, err error) {
	which = -1
	for _, a := range r.s.Attrs() {
		if a.Space != xsiSpace {
			continue
		}
		switch a.Local {
		case "nil":
			null = isTrue(collapse(a.Value))
		case "type":
			if d.plan.raw {
				continue
			}
			word := collapse(a.Value)
			prefix, local, found := strings.Cut(word, ":")
			if !found {
				prefix, local = "", word
			}
			space, _ := r.s.Lookup(prefix)
			n := name{space, local}
			for i := range d.plan.variants {
				if n == d.plan.variants[i].plan.name {
					which = i
				}
			}
			if which >= 0 || n == d.plan.name || d.plan.heirs[n] || d.plan.array != nil || d.plan.text != nil && d.plan.value < 0 || r.loose {
				continue
			}
			return false, -1, violation("type", "the type of the schema, and no other by xsi:type", "")
		}
	}
	return null, which, nil
}

// record reads the attributes and the content of an element into a record; word goes into the slot of tag, if there is
// one.
func (d *decoder) record(r *reading, tag int, word string) (schema.Value, error) {
	slots := r.arena.Slots(d.want)
	r.fill(slots)
	if tag >= 0 {
		slots[tag+1] = schema.Text(word)
	}
	if err := d.attributes(r, slots); err != nil {
		return schema.Value{}, err
	}
	if d.plan.text != nil {
		text, err := r.text()
		if err != nil {
			return schema.Value{}, err
		}
		v, err := d.plan.text.value(text)
		if err != nil {
			return v, within(err, d.plan.t.Fields[d.plan.value].Name)
		}
		if d.text >= 0 {
			slots[d.text+1] = v
		}
		return schema.Record(d.want, slots), nil
	}
	if err := d.content(r, slots); err != nil {
		return schema.Value{}, err
	}
	return schema.Record(d.want, slots), nil
}

func (d *decoder) attributes(r *reading, slots []schema.Value) error {
	given := r.s.Attrs()
	for i := range d.plan.attrs {
		a := &d.plan.attrs[i]
		text, found := "", false
		for j := range given {
			if given[j].Local == a.local && given[j].Space == a.space {
				text, found = given[j].Value, true
			}
		}
		if !found {
			if a.required {
				return within(violation("required", "the attribute "+a.local, "nothing"), d.plan.t.Fields[a.field].Name)
			}
			if !a.hasDef {
				continue
			}
			text = a.def
		}
		if d.attrs[i] < 0 {
			continue
		}
		v, err := a.text.value(text)
		if err != nil {
			return within(err, d.plan.t.Fields[a.field].Name)
		}
		slots[d.attrs[i]+1] = v
	}
	return nil
}

// content reads the elements inside of an element.
func (d *decoder) content(r *reading, slots []schema.Value) error {
	var lists [][]schema.Value
	if d.lists > 0 {
		lists = make([][]schema.Value, d.lists)
	}
	var seen []bool
	if d.plan.all || r.loose {
		seen = make([]bool, len(d.plan.kids))
	}
	at := -1
	for {
		kind, err := codec.XMLStart, error(nil)
		if r.begun {
			r.begun = false
		} else {
			kind, err = r.s.Next()
		}
		if err != nil {
			return err
		}
		switch kind {
		case codec.XMLText:
			if collapse(r.s.Text()) != "" {
				return violation("type", "elements", "text")
			}
			continue
		case codec.XMLEnd:
			if !r.loose {
				err = d.plan.complete(at, seen)
			} else if d.plan.complete(at, nil) != nil {
				r.tolerated++
			}
			for i := range d.kids {
				switch x := &d.kids[i]; {
				case x.list >= 0:
					slots[x.slot+1] = schema.List(lists[x.list])
				case x.d != nil && x.d.item != nil && slots[x.slot+1].IsAbsent():
					slots[x.slot+1] = schema.List(nil)
				}
			}
			return err
		}
		space, local := r.s.Name()
		var next int
		if r.loose {
			next = d.plan.loosely(r, at, seen, space, local)
		} else {
			next = d.plan.step(at, seen, space, local)
		}
		if next < 0 {
			if r.loose || !r.strict && !d.plan.knows(local) {
				r.tolerated++
				if err := r.s.Skip(); err != nil {
					return err
				}
				continue
			}
			return d.plan.misplaced(at, seen, space, local)
		}
		at = next
		k, x := &d.plan.kids[at], &d.kids[at]
		if seen != nil {
			seen[at] = true
		}
		if x.slot < 0 {
			if err := r.s.Skip(); err != nil {
				return err
			}
			continue
		}
		if k.any != nil {
			b, err := r.whole([]byte(slots[x.slot+1].Str()))
			if err != nil {
				return err
			}
			slots[x.slot+1] = schema.Text(string(b))
			continue
		}
		v, err := x.d.element(r, k.nillable, k)
		if err != nil {
			if x.list >= 0 {
				err = within(err, strconv.Itoa(len(lists[x.list])))
			}
			return within(err, d.plan.t.Fields[k.field].Name)
		}
		if x.list >= 0 {
			if !v.IsAbsent() {
				lists[x.list] = append(lists[x.list], v)
			}
		} else {
			slots[x.slot+1] = v
		}
	}
}

// step gives the place of an element, -1 if it may not stand here. seen is for contents in any order.
func (p *plan) step(at int, seen []bool, space, local string) int {
	if !p.all {
		return p.next(at, space, local)
	}
	for i := range p.kids {
		if k := &p.kids[i]; k.local == local && k.space == space && !seen[i] {
			return i
		}
	}
	return -1
}

// loosely gives the place of an element by its local name: where it stands right if it does, else wherever one is left.
// -1 for one that is not known, or that came before.
func (p *plan) loosely(r *reading, at int, seen []bool, space, local string) int {
	if right := p.next(at, space, local); right >= 0 && (p.kids[right].list || p.kids[right].any != nil || !seen[right]) {
		return right
	}
	for i := range p.kids {
		if k := &p.kids[i]; k.any == nil && k.local == local && (k.list || !seen[i]) {
			r.tolerated++
			return i
		}
	}
	return -1
}

// knows tells whether an element of that name stands anywhere in the content, in whatever namespace.
func (p *plan) knows(local string) bool {
	for i := range p.kids {
		if p.kids[i].any == nil && p.kids[i].local == local {
			return true
		}
	}
	return false
}

// misplaced tells what is wrong with an element that may not stand where it does.
func (p *plan) misplaced(at int, seen []bool, space, local string) error {
	field, right := "", ""
	for i := range p.kids {
		if k := &p.kids[i]; k.any == nil && k.local == local {
			field, right = p.t.Fields[k.field].Name, k.space
			if k.space == space {
				switch {
				case i == at && !k.list || seen != nil:
					return within(violation("duplicate", "the element once", ""), field)
				default:
					if want := p.wanted(at); want != "" && want != field {
						return within(violation("order", "the element elsewhere: here comes "+want, ""), field)
					}
					return within(violation("order", "the element elsewhere, or once", ""), field)
				}
			}
		}
	}
	if field == "" {
		return within(violation("unknown", "no such element", ""), local)
	}
	if right == "" {
		return within(violation("namespace", "the element in no namespace", ""), field)
	}
	return within(violation("namespace", "the element in the namespace "+right, ""), field)
}

// wanted gives the field that must come after a place, "" if any of several may.
func (p *plan) wanted(at int) string {
	follow := p.first
	if at >= 0 {
		follow = p.follow[at]
	}
	for _, i := range follow {
		if f := p.t.Fields[p.kids[i].field]; p.kids[i].required && i != at {
			return f.Name
		}
	}
	return ""
}

// complete tells what is missing where the content ends.
func (p *plan) complete(at int, seen []bool) error {
	if seen != nil {
		for i := range p.kids {
			if f := p.t.Fields[p.kids[i].field]; p.kids[i].required && !seen[i] {
				return within(violation("required", schema.Article(f.Type), "nothing"), f.Name)
			}
		}
		return nil
	}
	if p.ends(at) {
		return nil
	}
	follow := p.first
	if at >= 0 {
		follow = p.follow[at]
	}
	for _, i := range follow {
		if f := p.t.Fields[p.kids[i].field]; p.kids[i].required && i != at || len(follow) == 1 {
			return within(violation("required", schema.Article(f.Type), "nothing"), f.Name)
		}
	}
	var choices []string
	for _, i := range follow {
		choices = append(choices, p.t.Fields[p.kids[i].field].Name)
	}
	return violation("required", "one of "+strings.Join(choices, ", "), "nothing")
}

// text reads character data up to the end of the element.
func (r *reading) text() (text string, err error) {
	err = r.pieces(&text, func() error { return violation("type", "text", "an element") })
	return text, err
}

// pieces reads character data up to the end of the element; inner is called with each element inside, and must read it
// to its end.
func (r *reading) pieces(text *string, inner func() error) error {
	for {
		kind, err := r.s.Next()
		if err != nil {
			return err
		}
		switch kind {
		case codec.XMLText:
			if *text == "" {
				*text = r.s.Text()
			} else {
				*text += r.s.Text()
			}
		case codec.XMLEnd:
			return nil
		default:
			if err := inner(); err != nil {
				return err
			}
		}
	}
}
