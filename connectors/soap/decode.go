package soap

import (
	"strconv"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// decoder reads elements of one plan into values of one type: the plan's, or what schema.Prune has left of it. Places
// that the type does not want are passed over, in their right order all the same. Safe for concurrent use.
type decoder struct {
	plan   *plan
	want   *schema.Type
	attrs  []int // the slot of each attribute, -1 if it is not wanted
	kids   []place
	lists  int
	text   int               // the slot of the text beside attributes
	check  *schema.Checker   // of the text, nil where it has no constraints or nobody tolerates
	checks []*schema.Checker // likewise, of the attributes

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
	if nillable && d.plan.text.form == formFloat && !finite(collapse(text)) {
		return schema.Null, nil
	}
	v, err := r.value(d.plan.text, text)
	if err == nil && k != nil && k.held() {
		err = d.plan.text.fixes(k.def, v)
	}
	return v, first(err, r.held(d.check, v))
}

// value reads a text, and gives what is wrong as a violation.
func (l *lexical) value(text string) (schema.Value, error) {
	v, err := l.parse(text)
	if err != nil {
		return v, violation("type", err.Error(), "")
	}
	return v, nil
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
		text, err := r.text()
		if err != nil {
			return schema.Value{}, err
		}
		v, err := r.value(d.plan.text, text)
		if err = first(err, r.held(d.check, v)); err != nil {
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
		v, err := r.value(a.text, text)
		if err == nil && a.fixed {
			err = a.text.fixes(a.def, v)
		}
		if err = first(err, r.held(d.checks[i], v)); err != nil {
			if r.tolerant && !d.want.Fields[d.attrs[i]].Required {
				r.tolerated++
				continue
			}
			return within(err, d.plan.t.Fields[a.field].Name)
		}
		slots[d.attrs[i]+1] = v
	}
	return nil
}

// content reads the elements inside of an element.
func (d *decoder) content(r *reading, slots []schema.Value) error { return d.places(r, slots, nil) }

// places reads elements into the fields of a record: the content of an element, or one occurrence of a group that stands in
// another's content.
func (d *decoder) places(r *reading, slots []schema.Value, up *around) error {
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
		kind, err := r.step()
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
			r.ended = up != nil
			return d.finished(r, at, seen, slots, lists)
		}
		space, local := r.s.Name()
		var next int
		if r.loose {
			next = d.plan.loosely(r, at, seen, space, local)
			if next < 0 && at < 0 && d.plan.returns && len(d.plan.kids) > 0 {
				next = 0 // the name of the return value says nothing (SOAP 1.1 §7.1)
			}
		} else {
			next = d.plan.step(at, seen, space, local)
		}
		if next < 0 {
			if up != nil && (r.strict || d.plan.takes(space, local) || up.takes(space, local)) {
				r.begun = true // the occurrence ends before it
				return d.finished(r, at, seen, slots, lists)
			}
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
		r.placed++
		k, x := &d.plan.kids[at], &d.kids[at]
		if seen != nil {
			seen[at] = true
		}
		if k.group {
			v, err := x.d.occurrence(r, &around{d.plan, up})
			if err != nil {
				return within(within(err, strconv.Itoa(len(d.listed(lists, x)))), d.plan.t.Fields[k.field].Name)
			}
			if x.slot >= 0 {
				lists[x.list] = append(lists[x.list], v)
			}
			continue
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
		depth := r.s.Depth()
		v, err := x.d.element(r, k.nillable, k)
		if err != nil && r.tolerant && (x.list >= 0 || !d.want.Fields[x.slot].Required) {
			v, err = schema.Value{}, r.lose(err, depth)
		}
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

// finished ends a content: what is missing is told, and the lists are complete.
func (d *decoder) finished(r *reading, at int, seen []bool, slots []schema.Value, lists [][]schema.Value) (err error) {
	if !r.loose {
		err = d.plan.complete(at, seen)
	} else if d.plan.complete(at, nil) != nil {
		r.tolerated++
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
func (d *decoder) listed(lists [][]schema.Value, x *place) []schema.Value {
	if x.list < 0 {
		return nil
	}
	return lists[x.list]
}
