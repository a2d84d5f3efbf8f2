package schema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Misfit is one reason why values of one type cannot stand where another is expected.
type Misfit struct {
	Path    string // a JSON Pointer into the type, with * for any item: /multe/*/importo
	Message string // found and expected, without a full stop
	Field   string // of a field that is missing or unknown: its name
	Missing bool   // the field called Field is required and not given
	Unknown bool   // the field called Field is given and not known
}

// Fits reports why values of type from may not stand where to is expected; nothing if they all may. Whole numbers stand
// for decimals, dates and times for text. What cannot be known from types alone (patterns, lengths, limits) is no
// misfit: NeedsCheck reports whether the values are to be checked when they come.
func Fits(from, to *Type) []Misfit {
	var out []Misfit
	fits(from, to, "", &out, map[[2]*Type]bool{})
	return out
}

// fits appends to out and returns whether from fits. A pair that is seen again while it is looked at fits as far as it is
// concerned: types may refer to themselves.
func fits(from, to *Type, path string, out *[]Misfit, seen map[[2]*Type]bool) bool {
	if from == to || from.Kind == KindUnknown || to.Kind == KindUnknown || from.Kind == KindNever || seen[[2]*Type{from, to}] {
		return true
	}
	seen[[2]*Type{from, to}] = true
	miss := func(m Misfit) bool {
		if m.Path == "" {
			m.Path = path
		}
		*out = append(*out, m)
		return false
	}
	mismatch := func() bool { return miss(Misfit{Message: fmt.Sprintf("found %s, expected %s", from, to)}) }
	if to.Kind == KindAny {
		return true
	}
	if from.Kind == KindNull && to.Nullable {
		return true
	}
	if from.Kind == KindNull || from.Nullable && !to.Nullable {
		return mismatch()
	}
	if from.Kind == KindUnion {
		for _, v := range from.Variants {
			if !fits(v, to, path, out, seen) {
				return false
			}
		}
		return true
	}
	if to.Kind == KindUnion {
		return fitsOne(from.NotNull(), to.Variants, path, seen) || mismatch()
	}
	return fitsPlain(from, to, path, out, seen, miss)
}

// fitsPlain is fits for types that are neither unions nor null; miss reports a misfit and returns false.
func fitsPlain(from, to *Type, path string, out *[]Misfit, seen map[[2]*Type]bool, miss func(Misfit) bool) bool {
	mismatch := func() bool { return miss(Misfit{Message: fmt.Sprintf("found %s, expected %s", from, to)}) }
	switch {
	case from.Kind == KindInt && to.Kind == KindDecimal:
		return true
	case to.Kind == KindText && from.Kind.Textual():
		return enumFits(from, to) || mismatch()
	case from.Kind == KindRecord && to.Kind == KindMap:
		all := true
		for _, f := range from.Fields {
			all = fits(f.Type, to.Elem, path+"/"+pointer(f.Name), out, seen) && all
		}
		return presenceFits(from, to, miss) && all
	case from.Kind != to.Kind:
		return mismatch()
	case from.Kind == KindList || from.Kind == KindMap:
		return fits(from.Elem, to.Elem, path+"/*", out, seen)
	case from.Kind == KindRecord:
		return recordFits(from, to, path, out, seen, miss)
	}
	return enumFits(from, to) || mismatch()
}

// fitsOne reports whether values of a type fit one of several.
func fitsOne(from *Type, variants []*Type, path string, seen map[[2]*Type]bool) bool {
	for _, v := range variants {
		var none []Misfit
		if fits(from, v, path, &none, maps.Clone(seen)) {
			return true
		}
	}
	return false
}

func recordFits(from, to *Type, path string, out *[]Misfit, seen map[[2]*Type]bool, miss func(Misfit) bool) bool {
	all := true
	for _, f := range from.Fields {
		i := to.Index(f.Name)
		if i < 0 {
			if !to.Open {
				all = miss(Misfit{Path: path + "/" + pointer(f.Name), Message: fmt.Sprintf("unknown field %q", f.Name), Field: f.Name, Unknown: true})
			}
			continue
		}
		want := to.Fields[i]
		given := f.Type
		if !want.Required && given.Nullable && !want.Type.Nullable {
			given = given.NotNull() // null where nothing may stand: it is left out
		}
		if given.Kind == KindNull && !want.Required {
			continue
		}
		if want.Required && !f.Required {
			all = miss(Misfit{
				Path: path + "/" + pointer(f.Name), Message: fmt.Sprintf("field %q may be absent, and is required", f.Name),
				Field: f.Name,
			})
			continue
		}
		all = fits(given, want.Type, path+"/"+pointer(f.Name), out, seen) && all
	}
	for _, f := range to.Fields {
		if f.Required && from.Index(f.Name) < 0 {
			all = miss(Misfit{
				Path: path + "/" + pointer(f.Name), Message: fmt.Sprintf("field %q is missing, and is required", f.Name),
				Field: f.Name, Missing: true,
			})
		}
	}
	for i := range to.Choices {
		if message, field := to.Choices[i].Misfit(from); message != "" {
			at := path
			if field != "" {
				at += "/" + pointer(field)
			}
			all = miss(Misfit{Path: at, Message: message, Field: field})
		}
	}
	return presenceFits(from, to, miss) && all
}

// presenceFits reports whether records of type from may have fields together as to asks for.
func presenceFits(from, to *Type, miss func(Misfit) bool) bool {
	all := true
	for i := range to.Present {
		if message := to.Present[i].Misfit(from); message != "" {
			all = miss(Misfit{Message: message})
		}
	}
	return all
}

// enumFits reports whether the constants that from is known to be are all among those that to admits; a text that could
// be anything is checked when it comes.
func enumFits(from, to *Type) bool {
	if len(to.Enum) == 0 || len(from.Enum) == 0 {
		return true
	}
	return len(Without(from.Enum, to.Enum)) == 0
}

func in(v Value, list []Value) bool {
	for _, x := range list {
		if Equal(v, x) {
			return true
		}
	}
	return false
}

// pointer escapes a name for a JSON Pointer (RFC 6901).
func pointer(name string) string {
	for i := range len(name) {
		if name[i] == '~' || name[i] == '/' {
			b := []byte(name[:i])
			for _, c := range []byte(name[i:]) {
				switch c {
				case '~':
					b = append(b, "~0"...)
				case '/':
					b = append(b, "~1"...)
				default:
					b = append(b, c)
				}
			}
			return string(b)
		}
	}
	return name
}

func item(path string, i int) string { return path + "/" + strconv.Itoa(i) }

// NeedsCheck reports whether values of type from, which Fits to, may still break a constraint of to: they are then
// checked when they come.
func NeedsCheck(from, to *Type) bool { return needsCheck(from, to, map[[2]*Type]bool{}) }

func needsCheck(from, to *Type, seen map[[2]*Type]bool) bool {
	if from == to || seen[[2]*Type{from, to}] {
		return false
	}
	seen[[2]*Type{from, to}] = true
	if to.Kind == KindAny {
		return false
	}
	if from.Kind == KindUnion || to.Kind == KindUnion || from.Kind == KindAny || from.Kind == KindUnknown {
		return !Same(from, to)
	}
	if len(to.Enum) > 0 && len(from.Enum) == 0 {
		return true
	}
	if len(from.Enum) > 0 {
		c := NewChecker(to)
		for _, v := range from.Enum {
			if c.Check(v) != nil {
				return true
			}
		}
	} else if constrainsMore(from, to) {
		return true
	}
	if from.Elem != nil && to.Elem != nil && needsCheck(from.Elem, to.Elem, seen) {
		return true
	}
	return partsNeedCheck(from, to, seen)
}

// constrainsMore reports whether a type has constraints of scalars and lists that another of its kind does not ensure.
func constrainsMore(from, to *Type) bool {
	return (to.Format != from.Format || from.Claimed) && !to.Claimed && formats[to.Format] != nil ||
		to.Pattern != "" && to.Pattern != from.Pattern ||
		tighter(to.MinLength, from.MinLength, func(a, b int) bool { return a > b }) ||
		tighter(to.MaxLength, from.MaxLength, func(a, b int) bool { return a < b }) ||
		tighter(to.Digits, from.Digits, func(a, b int) bool { return a < b }) ||
		tighter(to.Fraction, from.Fraction, func(a, b int) bool { return a < b }) && from.Kind != KindInt ||
		to.Minimum != nil && (!sameLimit(to.Minimum, from.Minimum) || to.ExclMin && !from.ExclMin) ||
		to.Maximum != nil && (!sameLimit(to.Maximum, from.Maximum) || to.ExclMax && !from.ExclMax) ||
		to.Unique && !from.Unique
}

// partsNeedCheck is needsCheck for the fields of records and the choices between them.
func partsNeedCheck(from, to *Type, seen map[[2]*Type]bool) bool {
	for i := range to.Choices {
		if from.Kind == KindRecord && !to.Choices[i].proves(from) && !slices.EqualFunc(from.Choices, to.Choices, sameChoice) {
			return true
		}
	}
	for i := range to.Present {
		if !to.Present[i].Proved(from) {
			return true
		}
	}
	for _, f := range from.Fields {
		if to.Kind == KindMap && needsCheck(f.Type, to.Elem, seen) {
			return true
		}
		if i := to.Index(f.Name); i >= 0 && needsCheck(f.Type, to.Fields[i].Type, seen) {
			return true
		}
	}
	return false
}

func tighter(to, from *int, than func(a, b int) bool) bool {
	return to != nil && (from == nil || than(*to, *from))
}
