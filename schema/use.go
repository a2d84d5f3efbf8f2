package schema

// Use records which parts of a value are read, so that decoders leave the others out. The zero Use reads nothing.
// Filled while checking, by one goroutine; a nil *Use accepts every call and records nothing.
type Use struct {
	all    bool
	fields map[string]*Use
	elem   *Use
}

// All records that the whole value is read.
func (u *Use) All() {
	if u != nil {
		u.all = true
	}
}

// Field records that the field called name is looked at and returns its Use. A value that is looked into at all is decoded far
// enough to tell absent, null and present apart.
func (u *Use) Field(name string) *Use {
	if u == nil {
		return nil
	}
	if u.fields == nil {
		u.fields = map[string]*Use{}
	}
	f := u.fields[name]
	if f == nil {
		f = &Use{}
		u.fields[name] = f
	}
	return f
}

// Elem returns the Use of the elements of a list or map.
func (u *Use) Elem() *Use {
	if u == nil {
		return nil
	}
	if u.elem == nil {
		u.elem = &Use{}
	}
	return u.elem
}

// Prune returns t without the record fields that u does not name; t itself if nothing falls away. The result is Open
// where fields fell away, so that a decoder passes over them. Unions are kept whole; a record inside a type that
// refers to itself is kept whole too.
func Prune(t *Type, u *Use) *Type {
	return prune(t, u, map[*Type]bool{})
}

func prune(t *Type, u *Use, within map[*Type]bool) *Type {
	if t == nil || u == nil || u.all || within[t] {
		return t
	}
	within[t] = true
	defer delete(within, t)
	switch t.Kind {
	case KindList, KindMap:
		elem := prune(t.Elem, u.Elem(), within)
		if elem == t.Elem {
			return t
		}
		c := *t
		c.Elem = elem
		return &c
	case KindRecord:
		fields := make([]Field, 0, len(t.Fields))
		same := true
		for _, f := range t.Fields {
			use := u.fields[f.Name]
			if use == nil {
				same = false
				continue
			}
			kept := prune(f.Type, use, within)
			same = same && kept == f.Type
			f.Type = kept
			fields = append(fields, f)
		}
		if same {
			return t
		}
		c := *t
		c.Fields, c.Open, c.index = fields, true, nil
		c.Seal()
		c.Present = presentIn(&c, t.Present)
		return &c
	}
	return t
}

// Merge records in u all that other records.
func (u *Use) Merge(other *Use) {
	if u == nil || other == nil {
		return
	}
	u.all = u.all || other.all
	for name, f := range other.fields {
		u.Field(name).Merge(f)
	}
	if other.elem != nil {
		u.Elem().Merge(other.elem)
	}
}
