package schema

import "slices"

// Join returns the least type that the values of both fit: what a conditional returns, or a list of both. Null and absence
// join by making the type nullable; records join field by field, a field that one of them lacks becoming optional.
func Join(a, b *Type) *Type { return join(a, b, map[[2]*Type]*Type{}) }

// join keeps in made what it has made or is making, for types that refer to themselves.
func join(a, b *Type, made map[[2]*Type]*Type) *Type {
	if out := made[[2]*Type{a, b}]; out != nil {
		return out
	}
	switch {
	case a == b || Same(a, b):
		return a
	case a.Kind == KindUnknown || b.Kind == KindUnknown:
		return TypeUnknown
	case a.Kind == KindNever:
		return b
	case b.Kind == KindNever:
		return a
	case a.Kind == KindNull:
		return marked(b.OrNull(), a)
	case b.Kind == KindNull:
		return marked(a.OrNull(), b)
	case a.Kind == KindAny || b.Kind == KindAny:
		return marked(marked(TypeAny, a), b)
	}
	out := &Type{Nullable: a.Nullable || b.Nullable, Personal: a.Personal || b.Personal, Secret: a.Secret || b.Secret}
	made[[2]*Type{a, b}] = out
	switch {
	case a.Kind == b.Kind && a.Kind == KindRecord:
		return joinRecords(out, a, b, made)
	case a.Kind == b.Kind && (a.Kind == KindList || a.Kind == KindMap):
		out.Kind, out.Elem = a.Kind, join(a.Elem, b.Elem, made)
	case a.Kind == b.Kind && a.Kind != KindUnion:
		joinScalars(out, a, b)
	case a.Kind.Number() && b.Kind.Number():
		out.Kind = KindDecimal
	default:
		joinVariants(out, a, b)
	}
	return out
}

// joinVariants makes out the union of two types, each variant once.
func joinVariants(out, a, b *Type) {
	out.Kind = KindUnion
	for _, t := range append(variants(a), variants(b)...) {
		t = t.NotNull()
		if !slices.ContainsFunc(out.Variants, func(x *Type) bool { return Same(x, t) }) {
			out.Variants = append(out.Variants, t)
		}
	}
}

// joinScalars makes out the type of scalars of two types of one kind: of their constraints those that both have.
func joinScalars(out, a, b *Type) {
	out.Kind = a.Kind
	if len(a.Enum) > 0 && len(b.Enum) > 0 {
		out.Enum = union(a.Enum, b.Enum)
	}
	if a.Format == b.Format {
		out.Format, out.Claimed = a.Format, a.Claimed || b.Claimed
	}
	if sameInt(a.Fraction, b.Fraction) {
		out.Fraction = a.Fraction
	}
	if a.Pattern == b.Pattern {
		out.Pattern = a.Pattern
	}
}

func variants(t *Type) []*Type {
	if t.Kind == KindUnion {
		return t.Variants
	}
	return []*Type{t}
}

// marked returns t with the marks that from has besides.
func marked(t, from *Type) *Type {
	if (!from.Personal || t.Personal) && (!from.Secret || t.Secret) {
		return t
	}
	c := *t
	c.Personal, c.Secret = t.Personal || from.Personal, t.Secret || from.Secret
	return &c
}

func joinRecords(out, a, b *Type, made map[[2]*Type]*Type) *Type {
	out.Kind, out.Open = KindRecord, a.Open || b.Open
	if a.Name == b.Name {
		out.Name = a.Name
	}
	if slices.EqualFunc(a.Choices, b.Choices, sameChoice) {
		out.Choices = a.Choices
	}
	if slices.EqualFunc(a.Present, b.Present, samePresence) {
		out.Present = a.Present
	}
	for _, f := range a.Fields {
		if i := b.Index(f.Name); i >= 0 {
			f.Required = f.Required && b.Fields[i].Required
			f.Type = join(f.Type, b.Fields[i].Type, made)
		} else {
			f.Required = false
		}
		out.Fields = append(out.Fields, f)
	}
	for _, f := range b.Fields {
		if a.Index(f.Name) < 0 {
			f.Required = false
			out.Fields = append(out.Fields, f)
		}
	}
	return out.Seal()
}
