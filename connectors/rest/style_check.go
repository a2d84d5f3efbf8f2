package rest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"fondaco/schema"
)

// styles are the styles of each place, its own first (OpenAPI 3.1, Parameter Object).
var styles = map[string][]string{
	"path":   {"simple", "label", "matrix"},
	"query":  {"form", "spaceDelimited", "pipeDelimited", "deepObject"},
	"header": {"simple"},
	"cookie": {"form"},
	"form":   {"form", "spaceDelimited", "pipeDelimited", "deepObject"}, // the fields of a form
}

// checkStyle returns why values of a type cannot be written in a style at a place, nil if they can.
func checkStyle(in, style string, explode bool, t *schema.Type) error {
	if !slices.Contains(styles[in], style) {
		return fmt.Errorf("style %s is not supported there, expected %s", style, strings.Join(styles[in], ", "))
	}
	switch t.Kind {
	case schema.KindAny, schema.KindUnknown: // a value is looked at when it is sent
		return nil
	case schema.KindUnion:
		for _, v := range t.Variants {
			if err := checkStyle(in, style, explode, v); err != nil {
				return err
			}
		}
		return nil
	case schema.KindList:
		if style == "deepObject" {
			return errors.New("style deepObject writes objects, and its schema is of a list")
		}
		if !schema.Single(t.Elem) {
			return errors.New("its schema is of a list of objects or lists, which no style can write; content: application/json can")
		}
	case schema.KindRecord, schema.KindMap:
		if t.Kind == schema.KindMap && !schema.Single(t.Elem) {
			return errors.New("its schema is of an object of objects or lists, which no style can write; content: application/json can")
		}
		for _, f := range t.Fields {
			list := f.Type.Kind == schema.KindList && schema.Single(f.Type.Elem) && listsWithin(in, style, explode)
			if !list && !schema.Single(f.Type) {
				return fmt.Errorf("its field %s is itself an object or a list, for which style %s has no rule; content: application/json has one",
					f.Name, style)
			}
		}
	default:
		if style == "deepObject" {
			return errors.New("style deepObject writes objects, and its schema is of a single value")
		}
		return nil
	}
	switch {
	case explode && (style == "spaceDelimited" || style == "pipeDelimited"):
		return fmt.Errorf("style %s has no explode: true; style form has", style)
	case explode && in == "cookie":
		return errors.New("a cookie holds one value, and with explode: true a list or an object is several")
	}
	return nil
}

// listsWithin reports whether a field of an object may be a list of single values. OpenAPI has no rule for it; where each field is a
// parameter of its own, as page, size and sort of Spring's Pageable are, servers read such a list as they read any: by its repeated name.
func listsWithin(in, style string, explode bool) bool {
	return in == "query" && style == "form" && explode
}

// mayBeEmpty reports whether an object of which each field is a parameter of its own may be without any: it is then as if it were absent.
func mayBeEmpty(x *parameter, l *layout) bool {
	return l.lists && x.t.Kind == schema.KindRecord && len(x.t.Present) == 0 &&
		!slices.ContainsFunc(x.t.Fields, func(f schema.Field) bool { return f.Required })
}
