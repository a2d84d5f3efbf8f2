package connectors

import (
	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
)

// markPersonal marks the fields that the operation's personal lists, wherever they stand. A name that stands nowhere is
// a problem: it is likely misspelt, and its data would go unmasked.
func (op *Operation) markPersonal(out *diag.List) {
	if len(op.Personal) == 0 {
		return
	}
	m := marker{names: map[string]bool{}, done: map[*schema.Type]*schema.Type{}, all: map[string]bool{}}
	for _, p := range op.Personal {
		m.names[p.Value] = false
	}
	op.Input, op.Output, op.FaultDetail = m.mark(op.Input), m.mark(op.Output), m.mark(op.FaultDetail)
	op.Error, op.whole = m.mark(op.Error), m.mark(op.whole)
	if op.Input.Kind == schema.KindUnknown || op.Output.Kind == schema.KindUnknown {
		return
	}
	m.report(op.Name, op.Personal, out)
}

// report reports the names that were not met.
func (m *marker) report(of string, names []config.Text, out *diag.List) {
	for _, p := range names {
		if !m.names[p.Value] {
			var all []string
			for name := range m.all {
				all = append(all, name)
			}
			p.Report(out, diag.BadConnector, "personal: no field of %s is called %q", of, p.Value).WithNearest(p.Value, all)
		}
	}
}

// markNames returns a type with the fields of those names marked, wherever they stand; a name that stands nowhere is reported.
func markNames(t *schema.Type, of string, names []config.Text, out *diag.List) *schema.Type {
	if len(names) == 0 || t.Kind == schema.KindUnknown {
		return t
	}
	m := marker{names: map[string]bool{}, done: map[*schema.Type]*schema.Type{}, all: map[string]bool{}}
	for _, p := range names {
		m.names[p.Value] = false
	}
	t = m.mark(t)
	m.report(of, names, out)
	return t
}

type marker struct {
	names map[string]bool // whether the name was met
	all   map[string]bool // all names that were met
	done  map[*schema.Type]*schema.Type
}

// mark returns t with the fields marked: a copy, also of types that refer to themselves.
func (m *marker) mark(t *schema.Type) *schema.Type {
	if t == nil || t.Elem == nil && t.Fields == nil && t.Variants == nil {
		return t
	}
	if known := m.done[t]; known != nil {
		return known
	}
	c := *t
	m.done[t] = &c
	c.Elem = m.mark(t.Elem)
	c.Variants = nil
	for _, v := range t.Variants {
		c.Variants = append(c.Variants, m.mark(v))
	}
	c.Fields = nil
	for _, f := range t.Fields {
		m.all[f.Name] = true
		f.Type = m.mark(f.Type)
		if _, personal := m.names[f.Name]; personal {
			m.names[f.Name] = true
			f.Type = f.Type.AsPersonal()
		}
		c.Fields = append(c.Fields, f)
	}
	return c.Seal()
}
