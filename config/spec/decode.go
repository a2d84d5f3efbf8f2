package spec

import (
	"fmt"
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
)

// decode fills one object. in is the object around it and at the field that it stands under; both may be nil.
func decode(n *config.Node, out *diag.List, declare func(*Object), in *Object, at *Field) {
	if n == nil {
		return
	}
	o := objects.Get().(*Object)
	defer o.release()
	o.parent = in
	if at != nil {
		o.name = at.Name
	}
	if n.Kind != config.NodeMap {
		(&context{out: out, field: at}).wrong(n, "an object")
		return
	}
	declare(o)
	for i := range n.Entries {
		e := &n.Entries[i]
		f := o.find(e.Key.Value)
		if f == nil {
			continue
		}
		if f.at != nil {
			*f.at = e.Value.Pos()
		}
		c := &context{out: out, object: o, field: f}
		if !f.choice.fits(e.Value) {
			c.mismatch(e)
			continue
		}
		f.choice.decode(c, e.Value)
	}
	if o.only(n) {
		f, key := o.fields[0], n.Entries[0].Key
		key.Report(out, diag.MissingField, "missing %q", f.Name).
			WithHint("write %s above %q, and indent all that stands below it", f.Name+":", key.Value+":")
		return
	}
	if o.replaced(n, out) {
		return
	}
	for _, f := range o.fields {
		if f.missing(n) && !o.misspelt(n, f.Name) && !slices.ContainsFunc(f.unless, func(other string) bool { return o.misspelt(n, other) }) {
			p := n.Report(out, diag.MissingField, "missing %s", f.orOthers())
			if o.name != "" {
				p.Message += fmt.Sprintf(" in %q", o.name)
			}
			if f.doc != "" {
				p.Hint = f.doc
			}
		}
	}
	told := ""
	for i := range n.Entries {
		key := n.Entries[i].Key
		if o.find(key.Value) != nil {
			continue
		}
		instead := o.meant(key.Value)
		if instead == "" || instead != told { // method and url are one mistake: http
			o.unknown(key, "", out)
		}
		told = instead
	}
}

// mismatch reports a value of the wrong kind; one that is not there at the key.
func (c *context) mismatch(e *config.Entry) {
	expected := c.field.choice.words
	if e.Value.Kind == config.NodeNull && e.Value.Text.Value == "" {
		e.Key.Report(c.out, diag.WrongType, "%sfound nothing, expected %s", c.prefix(), expected).
			WithHint("write a value, or leave %q out", c.field.Name)
		return
	}
	c.wrong(e.Value, expected)
}

// only reports whether n is what stands under the single field of a file, without that field: nothing in it is near its name.
func (o *Object) only(n *config.Node) bool {
	return o.parent == nil && o.name == "" && len(o.fields) == 1 && o.fields[0].required && len(n.Entries) > 0 &&
		n.Get(o.fields[0].Name) == nil && !o.misspelt(n, o.fields[0].Name)
}

// misspelt reports whether an unknown key of n was most likely meant to be name: one problem is enough.
func (o *Object) misspelt(n *config.Node, name string) bool {
	for i := range n.Entries {
		key := n.Entries[i].Key.Value
		if o.find(key) == nil && diag.Nearest(key, o.names()) == name {
			return true
		}
	}
	return false
}

// replaced reports one problem where an object lacks one field and has one unknown key, and is like no other: the key most likely
// stands for the field.
func (o *Object) replaced(n *config.Node, out *diag.List) bool {
	var lacks *Field
	for _, f := range o.fields {
		if f.missing(n) {
			if lacks != nil {
				return false
			}
			lacks = f
		}
	}
	var key *config.Text
	for i := range n.Entries {
		if o.find(n.Entries[i].Key.Value) == nil {
			if key != nil {
				return false
			}
			key = &n.Entries[i].Key
		}
	}
	if lacks == nil || key == nil || diag.Nearest(key.Value, o.names()) != "" {
		return false
	}
	for up := o.parent; up != nil; up = up.parent {
		if up.find(key.Value) != nil {
			return false // it belongs there
		}
	}
	o.unknown(*key, fmt.Sprintf("%q is missing: did you mean that?", lacks.Name), out)
	return true
}

// unknown reports a key that is no field: where it belongs if it is one elsewhere near, or the hint, or the nearest right name.
func (o *Object) unknown(key config.Text, hint string, out *diag.List) {
	where := ""
	if o.name != "" {
		where = fmt.Sprintf(" in %q", o.name)
	}
	p := key.Report(out, diag.UnknownField, "unknown key %q%s", key.Value, where)
	if instead := o.meant(key.Value); instead != "" {
		p.WithHint("%s", instead)
		return
	}
	name := o.name
	for up := o.parent; up != nil; up = up.parent {
		if up.find(key.Value) != nil {
			p.WithHint("it is one level too deep: it belongs beside %q, not under it", name+":")
			return
		}
		name = up.name
	}
	if hint != "" {
		p.Hint = hint
	} else if p.WithNearest(key.Value, o.names()); p.Hint == "" && len(o.names()) > 0 && len(o.names()) <= 30 {
		p.WithHint("expected one of %s", list(o.names()))
	}
	// A declaration says where what it reads is put, and most make that place: to declare what was not written would give it to those who
	// check what was loaded.
	type below struct {
		name    string
		declare func(*Object)
	}
	otherwise, children := p.Hint, []below(nil) // of its own: the object is another's by then
	for _, f := range o.fields {
		if f.choice.child != nil && !f.hidden {
			children = append(children, below{f.Name, f.choice.child})
		}
	}
	p.WithLaterHint(func() string {
		for _, b := range children {
			var child Object
			b.declare(&child)
			if child.find(key.Value) != nil {
				return fmt.Sprintf("it belongs under %q", b.name+":")
			}
		}
		return otherwise
	})
}
