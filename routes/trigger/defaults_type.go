package trigger

import "fondaco/schema"

// WithDefaults returns the type that values of t have once Fill has given their absent fields the defaults that t says:
// those fields are then always there. It is t itself if it says none. Each type is looked at once, however many fields
// share it, and one that holds itself becomes one that does.
func WithDefaults(t *schema.Type) *schema.Type {
	d := &defaults{around: map[*schema.Type][]*schema.Type{}, made: map[*schema.Type]*schema.Type{}, changes: map[*schema.Type]bool{}}
	d.look(t)
	for len(d.open) > 0 {
		inner := d.open[0]
		d.open = d.open[1:]
		for _, outer := range d.around[inner] {
			d.change(outer)
		}
	}
	return d.of(t)
}

// defaults changes the types that say defaults, and those that hold such a type.
type defaults struct {
	around  map[*schema.Type][]*schema.Type // by a type, those that hold it
	changes map[*schema.Type]bool
	open    []*schema.Type // of changes, those whose holders are not in it yet
	made    map[*schema.Type]*schema.Type
}

func (d *defaults) change(t *schema.Type) {
	if !d.changes[t] {
		d.changes[t] = true
		d.open = append(d.open, t)
	}
}

func holds(t *schema.Type) bool {
	return t != nil && (t.Kind == schema.KindList || t.Kind == schema.KindMap || t.Kind == schema.KindRecord)
}

func (d *defaults) look(t *schema.Type) {
	if _, met := d.around[t]; met || !holds(t) {
		return
	}
	d.around[t] = nil
	inside := func(x *schema.Type) {
		if holds(x) {
			d.look(x)
			d.around[x] = append(d.around[x], t)
		}
	}
	if t.Kind != schema.KindRecord {
		inside(t.Elem)
		return
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		if !f.Required && !f.Type.Default.IsAbsent() {
			d.change(t)
		}
		inside(f.Type)
	}
}

func (d *defaults) of(t *schema.Type) *schema.Type {
	if !d.changes[t] {
		return t
	}
	if made := d.made[t]; made != nil {
		return made
	}
	c := *t
	d.made[t] = &c
	if t.Kind != schema.KindRecord {
		c.Elem = d.of(t.Elem)
		return &c
	}
	c.Fields = append([]schema.Field(nil), t.Fields...)
	for i := range c.Fields {
		f := &c.Fields[i]
		f.Required = f.Required || !f.Type.Default.IsAbsent()
		f.Type = d.of(f.Type)
	}
	return c.Seal()
}
