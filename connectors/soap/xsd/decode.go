package xsd

import (
	"strconv"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// Decoder reads elements of one plan into values of one type: the plan's, or what schema.Prune has left of it. Places
// that the type does not want are passed over, in their right order all the same. Safe for concurrent use.
type Decoder struct {
	plan   *Plan
	want   *schema.Type
	attrs  []int // the slot of each attribute, -1 if it is not wanted
	kids   []place
	lists  int
	text   int               // the slot of the text beside attributes
	check  *schema.Checker   // of the text, nil where it has no constraints or nobody tolerates
	checks []*schema.Checker // likewise, of the attributes

	variants []*Decoder // of a type that others derive from, as in the plan
	tag      int        // the slot of typeField
	item     *Decoder   // of an array of SOAP encoding
	inner    *Decoder   // of a document within the text
}

// place is where the value of a kid goes.
type place struct {
	slot int // -1 if it is not wanted
	list int // which of the lists, -1 if it is none
	d    *Decoder
}

// Read reads the element whose start was the scanner's last step, up to its end; nillable says that it may be null. Of what is not as the
// plan says the error is a *schema.Violation, with the path to it; other errors are the scanner's.
func (d *Decoder) Read(r *Reading, nillable bool) (schema.Value, error) {
	return d.element(r, nillable, nil)
}

// ReadRest reads elements, the start of the first of which was the scanner's last step, up to the end of the one around them, into the
// slots of a record. Errors are those of Read.
func (d *Decoder) ReadRest(r *Reading, slots []schema.Value) error {
	r.begun = true
	return d.content(r, slots)
}

// element reads the element whose start was the last step, up to its end.
func (d *Decoder) element(r *Reading, nillable bool, k *kid) (schema.Value, error) {
	null, which, err := d.instance(r)
	if err != nil {
		return schema.Value{}, err
	}
	if null {
		return d.null(r, nillable)
	}
	switch {
	case d.plan.raw:
		b, err := r.raw(nil)
		return schema.Text(string(b)), err
	case d.plan.nested != nil:
		return d.document(r)
	case d.plan.array != nil:
		if d.item == nil {
			return schema.Value{}, r.Scanner.Skip()
		}
		return d.items(r)
	case d.plan.variants != nil:
		if which < 0 {
			which = d.plan.base
		}
		if which < 0 {
			return schema.Value{}, Violation("type", "xsi:type, because the type "+d.plan.name.Local+" is abstract", "")
		}
		return d.variants[which].record(r, d.tag, d.plan.variants[which].word)
	case d.plan.t.Kind == schema.KindRecord && d.want.Kind == schema.KindRecord:
		return d.record(r, -1, "")
	}
	return d.scalar(r, nillable, k)
}

// null reads an element that says xsi:nil.
func (d *Decoder) null(r *Reading, nillable bool) (schema.Value, error) {
	if !nillable && r.Loose {
		r.Tolerated++
		return schema.Value{}, r.Scanner.Skip()
	}
	if !nillable {
		return schema.Value{}, Violation("null", schema.Article(d.plan.t), "null")
	}
	if text, err := r.Text(); err != nil || Collapse(text) != "" {
		return schema.Value{}, first(err, Violation("type", "nothing, as xsi:nil says", ""))
	}
	return schema.Null, nil
}

// scalar reads an element that holds text alone.
func (d *Decoder) scalar(r *Reading, nillable bool, k *kid) (schema.Value, error) {
	if d.plan.text.form == formBase64 && r.Parts != nil {
		return r.included(d.plan.text)
	}
	text, err := r.Text()
	if err != nil {
		return schema.Value{}, err
	}
	if d.plan.text.form == formReference {
		return r.referred(text)
	}
	if text == "" && k != nil && k.hasDef {
		text = k.def
	}
	if nillable && d.plan.text.form == formFloat && !finite(Collapse(text)) {
		return schema.Null, nil
	}
	v, err := r.value(d.plan.text, text)
	if err == nil && k != nil && k.held() {
		err = d.plan.text.fixes(k.def, v)
	}
	return v, first(err, r.held(d.check, v))
}

// value reads a text, and returns what is wrong as a violation.
func (l *lexical) value(text string) (schema.Value, error) {
	v, err := l.parse(text)
	if err != nil {
		return v, Violation("type", err.Error(), "")
	}
	return v, nil
}

// instance looks at xsi:nil and xsi:type of the element; which is the variant that it says, -1 for none.
func (d *Decoder) instance(r *Reading) (null bool, which int, err error) {
	which = -1
	for _, a := range r.Scanner.Attrs() {
		if a.Space != InstanceSpace {
			continue
		}
		switch a.Local {
		case "nil":
			null = isTrue(Collapse(a.Value))
		case "type":
			if d.plan.raw {
				continue
			}
			word := Collapse(a.Value)
			prefix, local, found := strings.Cut(word, ":")
			if !found {
				prefix, local = "", word
			}
			space, _ := r.Scanner.Lookup(prefix)
			n := Name{space, local}
			for i := range d.plan.variants {
				if n == d.plan.variants[i].plan.name {
					which = i
				}
			}
			if which >= 0 || n == d.plan.name || d.plan.heirs[n] || d.plan.array != nil || d.plan.text != nil && d.plan.value < 0 || r.Loose {
				continue
			}
			return false, -1, Violation("type", "the type of the schema, and no other by xsi:type", "")
		}
	}
	return null, which, nil
}

// record reads the attributes and the content of an element into a record; word goes into the slot of tag, if there is
// one.
func (d *Decoder) record(r *Reading, tag int, word string) (schema.Value, error) {
	slots := r.arena.Slots(d.want)
	r.Fill(slots)
	if tag >= 0 {
		slots[tag+1] = schema.Text(word)
	}
	if err := d.attributes(r, slots); err != nil {
		return schema.Value{}, err
	}
	if d.plan.mixed {
		b, err := r.raw(nil)
		if err != nil {
			return schema.Value{}, err
		}
		if d.text >= 0 {
			slots[d.text+1] = schema.Text(string(b))
		}
		return schema.Record(d.want, slots), nil
	}
	if d.plan.text != nil {
		text, err := r.Text()
		if err != nil {
			return schema.Value{}, err
		}
		v, err := r.value(d.plan.text, text)
		if err = first(err, r.held(d.check, v)); err != nil {
			return v, Within(err, d.plan.t.Fields[d.plan.value].Name)
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

func (d *Decoder) attributes(r *Reading, slots []schema.Value) error {
	given := r.Scanner.Attrs()
	for i := range d.plan.attrs {
		a := &d.plan.attrs[i]
		text, found := "", false
		for j := range given {
			if given[j].Local == a.Local && given[j].Space == a.Space {
				text, found = given[j].Value, true
			}
		}
		if !found {
			if a.required {
				return Within(Violation("required", "the attribute "+a.Local, "nothing"), d.plan.t.Fields[a.field].Name)
			}
			if !a.hasDef {
				continue
			}
			text = a.def
		}
		if d.attrs[i] < 0 {
			continue
		}
		v, err := r.value(a.text, text)
		if err == nil && a.fixed {
			err = a.text.fixes(a.def, v)
		}
		if err = first(err, r.held(d.checks[i], v)); err != nil {
			if r.Tolerant && !d.want.Fields[d.attrs[i]].Required {
				r.Tolerated++
				continue
			}
			return Within(err, d.plan.t.Fields[a.field].Name)
		}
		slots[d.attrs[i]+1] = v
	}
	return nil
}

// content reads the elements inside of an element.
func (d *Decoder) content(r *Reading, slots []schema.Value) error { return d.places(r, slots, nil) }

// places reads elements into the fields of a record: the content of an element, or one occurrence of a group that stands in
// another's content.
func (d *Decoder) places(r *Reading, slots []schema.Value, up *around) error {
	var lists [][]schema.Value
	if d.lists > 0 {
		lists = make([][]schema.Value, d.lists)
	}
	var seen []bool
	if d.plan.all || r.Loose {
		seen = make([]bool, len(d.plan.kids))
	}
	at, passed := -1, 0
	for {
		kind, err := r.step()
		if err != nil {
			return err
		}
		switch kind {
		case codec.XMLText:
			if Collapse(r.Scanner.Text()) != "" {
				return Violation("type", "elements", "text")
			}
			continue
		case codec.XMLEnd:
			r.ended = up != nil
			if r.Tolerant && at < 0 && passed > 0 && len(d.plan.kids) > 0 {
				return Violation("unknown", "an element that the schema has here", "others alone")
			}
			return d.finished(r, at, seen, slots, lists)
		}
		space, local := r.Scanner.Name()
		next := d.next(r, at, seen, space, local)
		if next < 0 {
			if up != nil && (r.Strict || d.plan.takes(space, local) || up.takes(space, local)) {
				r.begun = true // the occurrence ends before it
				return d.finished(r, at, seen, slots, lists)
			}
			if r.Loose || !r.Strict && !d.plan.knows(local) {
				r.Tolerated++
				passed++
				if err := r.Scanner.Skip(); err != nil {
					return err
				}
				continue
			}
			return d.plan.misplaced(at, seen, space, local)
		}
		at = next
		r.Placed++
		if seen != nil {
			seen[at] = true
		}
		if err := d.place(r, at, slots, lists, up); err != nil {
			return err
		}
	}
}

// next returns the place of the element whose start was the last step, -1 if it has none after the place at.
func (d *Decoder) next(r *Reading, at int, seen []bool, space, local string) int {
	if !r.Loose {
		return d.plan.step(at, seen, space, local)
	}
	next := d.plan.loosely(r, at, seen, space, local)
	if next < 0 && at < 0 && d.plan.returns && len(d.plan.kids) > 0 {
		next = 0 // the name of the return value says nothing (SOAP 1.1 §7.1)
	}
	return next
}

// place reads the element at a place, whose start was the last step, or the occurrence of a group that begins with it.
func (d *Decoder) place(r *Reading, at int, slots []schema.Value, lists [][]schema.Value, up *around) error {
	k, x := &d.plan.kids[at], &d.kids[at]
	switch {
	case k.group:
		v, err := x.d.occurrence(r, &around{d.plan, up})
		if err != nil {
			return Within(Within(err, strconv.Itoa(len(d.listed(lists, x)))), d.plan.t.Fields[k.field].Name)
		}
		if x.slot >= 0 {
			lists[x.list] = append(lists[x.list], v)
		}
		return nil
	case x.slot < 0:
		return r.Scanner.Skip()
	case k.any != nil:
		b, err := r.whole([]byte(slots[x.slot+1].Str()))
		if err != nil {
			return err
		}
		slots[x.slot+1] = schema.Text(string(b))
		return nil
	}
	depth := r.Scanner.Depth()
	v, err := x.d.element(r, k.nillable, k)
	if err != nil && r.Tolerant && (x.list >= 0 || !d.want.Fields[x.slot].Required) {
		v, err = schema.Value{}, r.lose(err, depth)
	}
	if err != nil {
		if x.list >= 0 {
			err = Within(err, strconv.Itoa(len(lists[x.list])))
		}
		return Within(err, d.plan.t.Fields[k.field].Name)
	}
	if x.list < 0 {
		slots[x.slot+1] = v
	} else if !v.IsAbsent() {
		lists[x.list] = append(lists[x.list], v)
	}
	return nil
}

// finished ends a content: what is missing is told, and the lists are complete.
func (d *Decoder) finished(r *Reading, at int, seen []bool, slots []schema.Value, lists [][]schema.Value) (err error) {
	if !r.Loose {
		err = d.plan.complete(at, seen)
	} else if d.plan.complete(at, nil) != nil {
		r.Tolerated++
	}
	for i := range d.kids {
		switch x := &d.kids[i]; {
		case x.list >= 0:
			slots[x.slot+1] = schema.List(lists[x.list])
		case x.d != nil && x.slot >= 0 && x.d.item != nil && slots[x.slot+1].IsAbsent():
			slots[x.slot+1] = schema.List(nil)
		}
	}
	return err
}

// listed returns what was read of a list so far.
func (d *Decoder) listed(lists [][]schema.Value, x *place) []schema.Value {
	if x.list < 0 {
		return nil
	}
	return lists[x.list]
}
