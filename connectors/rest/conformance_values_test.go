package rest

import (
	"hash/fnv"
	"strings"
	"testing/fstest"

	"fondaco/connectors"
	"fondaco/schema"
)

// odd are values that wires like to break. Those of parameters hold no character that separates the values of a list: the
// judge decodes before it splits.
var odd = map[schema.Kind][]string{
	schema.KindText: {
		"città & qui=1?#", "a+b%20c", "x/y;z:@!$'()*", "\"q\\\" <b>", "riga\nriga\ttab", "😀€", "  largo  ", "null", "0",
		"true", "]]>&amp;", "--boundary--",
	},
	schema.KindInt:      {"-1", "0", "9007199254740991", "2147483647", "-2147483648", "42"},
	schema.KindDecimal:  {"0.1", "-0.01", "100", "12345678.125", "0"},
	schema.KindBool:     {"false", "true"},
	schema.KindDate:     {"2024-02-29", "2026-12-31"},
	schema.KindDateTime: {"2026-01-31T09:30:00Z", "2026-06-30T23:59:59.123+02:00"},
}

var oddParameters = []string{"città & qui=1?#", "a+b%20c", "x/y:@!$'()*", "\"q\\\" <b>", "😀€", "null", "0", "true", "&amp;"}

// oddHeaders hold what a header can: no control character, no space at an end, and one octet a character.
var oddHeaders = []string{"a+b%20c", "x/y:@!$'()*", "null", "0", "true", "&amp;"}

// made makes an input of an operation: with all that it may have, with the least, or with odd values wherever they fit.
func made(operation *connectors.Operation, kind string) (schema.Value, error) {
	p := operation.Wire.(*op)
	in := map[string]string{} // the place of each parameter, by the field it is
	for i := range p.params {
		in[operation.Input.Fields[p.params[i].field].Name] = p.params[i].in
	}
	switch kind {
	case "whole":
		return schema.Sample(operation.Input, schema.Every)
	case "least":
		return schema.Sample(operation.Input, nil)
	}
	return schema.Sample(operation.Input, func(path string, f *schema.Field) (bool, schema.Value) {
		top, _, nested := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		top = strings.NewReplacer("~1", "/", "~0", "~").Replace(top)
		h := fnv.New32a()
		_, _ = h.Write([]byte(operation.Name + path))
		seed := h.Sum32()
		if nested {
			return true, oddOf(f.Type, in[top], seed)
		}
		return true, oddOf(f.Type, in[f.Name], seed)
	})
}

// oddOf returns an odd value of a type at a place, absent if none fits.
func oddOf(t *schema.Type, in string, seed uint32) schema.Value {
	if t.Kind == schema.KindList {
		var items []schema.Value
		for i := range uint32(3) {
			if v := oddOf(t.Elem, in, seed+i); !v.IsAbsent() {
				items = append(items, v)
			}
		}
		if v := schema.List(items); len(items) > 0 && schema.Check(v, t) == nil {
			return v
		}
		return schema.Value{}
	}
	if t.Nullable && t.Kind != schema.KindAny && in == "" && seed%7 == 0 {
		return schema.Null
	}
	list := odd[t.Kind]
	if t.Kind == schema.KindText {
		switch in {
		case "":
		case "header", "cookie":
			list = oddHeaders
		default:
			list = oddParameters
		}
	}
	for i := range len(list) {
		v, err := schema.ParseText(list[(int(seed)+i)%len(list)], t)
		if err == nil && schema.Check(v, t) == nil {
			return v
		}
	}
	return schema.Value{}
}

func mapFS(name, text string) fstest.MapFS { return fstest.MapFS{name: {Data: []byte(text)}} }
