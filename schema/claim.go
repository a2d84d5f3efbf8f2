package schema

// claimed are the formats that a description only claims (JSON Schema 2020-12 Validation §7: format is an annotation). Those of our own
// are written by those who want them held.
var claimed = map[string]bool{
	"uri": true, "uri-reference": true, "email": true, "uuid": true, "hostname": true, "ipv4": true, "ipv6": true,
}

// ClaimBroken reports whether s is not of the format that t claims.
func ClaimBroken(s string, t *Type) bool {
	holds := formats[t.Format]
	return t.Claimed && holds != nil && !holds(s)
}

// Claims makes types of what a system sends: their formats of JSON Schema are claimed. One for all types of a document keeps shared what
// they share. The zero value is ready; not safe for concurrent use.
type Claims struct {
	made  map[*Type]*Type
	clean map[*Type]bool // nothing in them is claimed
}

// Of returns the type with its formats claimed, at every depth: t itself if it has none.
func (c *Claims) Of(t *Type) *Type {
	if c.made == nil {
		c.made, c.clean = map[*Type]*Type{}, map[*Type]bool{}
	}
	if t == nil || c.made[t] != nil {
		return c.made[t]
	}
	seen := map[*Type]bool{}
	if !c.touches(t, seen) {
		for t := range seen {
			c.clean[t] = true
		}
		return t
	}
	return c.of(t)
}

func claims(t *Type) bool { return t.Kind == KindText && claimed[t.Format] && !t.Claimed }

// touches reports whether anything in t has a format that is claimed.
func (c *Claims) touches(t *Type, seen map[*Type]bool) bool {
	if t == nil || seen[t] || c.clean[t] {
		return false
	}
	seen[t] = true
	if claims(t) || c.touches(t.Elem, seen) {
		return true
	}
	for _, v := range t.Variants {
		if c.touches(v, seen) {
			return true
		}
	}
	for i := range t.Fields {
		if c.touches(t.Fields[i].Type, seen) {
			return true
		}
	}
	return false
}

// of copies a type and what is in it, once each: it may refer to itself.
func (c *Claims) of(t *Type) *Type {
	if t == nil || c.clean[t] {
		return t
	}
	if made := c.made[t]; made != nil {
		return made
	}
	own := *t
	made := &own
	made.index = nil
	c.made[t] = made
	made.Claimed = t.Claimed || claims(t)
	made.Elem = c.of(t.Elem)
	made.Fields, made.Variants = nil, nil
	for _, v := range t.Variants {
		made.Variants = append(made.Variants, c.of(v))
	}
	for _, f := range t.Fields {
		f.Type = c.of(f.Type)
		made.Fields = append(made.Fields, f)
	}
	return made.Seal()
}
