package openapi

import (
	"fmt"
	"slices"

	"fondaco/schema"
)

// maxMisfits is how many differences of one type are told; who sees ten needs no eleventh.
const maxMisfits = 10

// fit finds where a value of one type may not be one of another as JSON tells them apart: a date fits a text, a whole
// number a decimal one. Of patterns and lengths nothing is said, for they cannot be compared.
type fit struct {
	misfits []string
	seen    map[[2]*schema.Type]bool
}

func (f *fit) report(path, format string, args ...any) {
	if path == "" {
		path = "the whole"
	}
	if len(f.misfits) < maxMisfits {
		f.misfits = append(f.misfits, path+" "+fmt.Sprintf(format, args...))
	}
}

func (f *fit) check(path string, from, to *schema.Type) {
	pair := [2]*schema.Type{from, to}
	if from == nil || to == nil || f.seen[pair] {
		return
	}
	f.seen[pair] = true
	switch {
	case loose(to) || from.Kind == schema.KindUnknown || from.Kind == schema.KindNever:
		return
	case from.Nullable && from.Kind != schema.KindAny && !to.Nullable && !hasNull(to):
		f.report(path, "may be null here, never there")
		if from.Kind == schema.KindNull {
			return
		}
	case from.Kind == schema.KindNull:
		return
	}
	if from.Kind == schema.KindUnion || to.Kind == schema.KindUnion {
		f.unions(path, from, to)
		return
	}
	if !kindFits(from.Kind, to.Kind) {
		f.report(path, "is %s here, %s there", from.Kind, to.Kind)
		return
	}
	f.words(path, from, to)
	switch {
	case to.Kind == schema.KindRecord && from.Kind == schema.KindRecord:
		f.record(path, from, to)
	case to.Kind == schema.KindMap && from.Kind == schema.KindRecord:
		f.present(path, from, to)
		for i := range from.Fields {
			f.check(path+"/"+from.Fields[i].Name, from.Fields[i].Type, to.Elem)
		}
	case to.Kind == schema.KindList || to.Kind == schema.KindMap:
		f.present(path, from, to)
		f.check(path+"/*", from.Elem, to.Elem)
	}
}

// unions checks two types of which one at least is a union: each variant must fit, into one of the other's.
func (f *fit) unions(path string, from, to *schema.Type) {
	if from.Kind == schema.KindUnion {
		for _, v := range from.Variants {
			f.check(path, v, to)
		}
		return
	}
	for _, v := range to.Variants {
		try := &fit{seen: map[[2]*schema.Type]bool{{from, to}: true}}
		if try.check(path, from.NotNull(), v); len(try.misfits) == 0 {
			return
		}
	}
	f.report(path, "is %s here, and none of the %d variants there", from.Kind, len(to.Variants))
}

func (f *fit) record(path string, from, to *schema.Type) {
	for i := range to.Fields {
		want := &to.Fields[i]
		at := from.Index(want.Name)
		switch {
		case at < 0 && want.Required:
			f.report(path+"/"+want.Name, "is missing here, required there")
		case at < 0:
		default:
			if want.Required && !from.Fields[at].Required {
				f.report(path+"/"+want.Name, "is optional here, required there")
			}
			f.check(path+"/"+want.Name, from.Fields[at].Type, want.Type)
		}
	}
	f.present(path, from, to)
	if to.Open {
		return
	}
	for i := range from.Fields {
		if to.Index(from.Fields[i].Name) < 0 {
			f.report(path+"/"+from.Fields[i].Name, "is here, unknown there")
		}
	}
}

// present compares which fields are there together.
func (f *fit) present(path string, from, to *schema.Type) {
	for i := range to.Present {
		if !to.Present[i].Proved(from) {
			f.report(path, "may break here what is required there: %s", &to.Present[i])
		}
	}
}

// words compares enums.
func (f *fit) words(path string, from, to *schema.Type) {
	if len(to.Enum) == 0 {
		return
	}
	if len(from.Enum) == 0 {
		f.report(path, "may be any %s here, one of %d values there", from.Kind, len(to.Enum))
		return
	}
	for _, v := range from.Enum {
		if !slices.ContainsFunc(to.Enum, func(w schema.Value) bool { return valueJSON(v) == valueJSON(w) }) && v.Kind() != schema.KindNull {
			f.report(path, "may be %s here, not there", valueJSON(v))
		}
	}
}

func loose(t *schema.Type) bool { return t.Kind == schema.KindAny || t.Kind == schema.KindUnknown }

func hasNull(t *schema.Type) bool {
	return slices.ContainsFunc(t.Variants, func(v *schema.Type) bool { return v.Nullable || hasNull(v) })
}

func kindFits(from, to schema.Kind) bool {
	switch {
	case from == to, from == schema.KindInt && to == schema.KindDecimal, from == schema.KindRecord && to == schema.KindMap:
		return true
	}
	return to == schema.KindText && (from.Textual() || from == schema.KindBytes)
}
