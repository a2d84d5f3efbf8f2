package soap

import (
	"errors"
	"strings"

	"fondaco/connectors"
	"fondaco/connectors/soap/wsdl"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
)

// sample makes up an input of an operation that can be sent.
func sample(operation *connectors.Operation) (schema.Value, bool) {
	p, ok := operation.Wire.(*op)
	if !ok || p.in == nil {
		return schema.Value{}, false
	}
	if p.in.Empty {
		v, err := schema.Sample(p.in.Type, nil)
		return v, err == nil
	}
	return sampleOf(p.in, "1.1")
}

// maxTries is how many fields of a sample are taken out again because the encoding wants it so.
const maxTries = 500

// sampleOf makes up an answer that can be written: with as many optional fields as go together, as the branches of a
// choice do not.
func sampleOf(b *wsdl.Body, version string) (schema.Value, bool) {
	m := versions[version].writes(b)
	dropped := map[string]bool{}
	choose := func(path string, f *schema.Field) (bool, schema.Value) {
		if dropped[path] || failing(f.Name) && !f.Required {
			if f.Required && f.Type.Kind == schema.KindList && f.Type.MinLength == nil {
				return true, schema.List(nil)
			}
			return false, schema.Value{}
		}
		return true, b.Sample(path)
	}
	for range maxTries {
		v, err := schema.Sample(b.Type, choose)
		if err != nil {
			break
		}
		var w xsd.Writing
		if _, err = m.write(&w, nil, v, nil); err == nil {
			return v, true
		}
		var wrong *schema.Violation
		if !errors.As(err, &wrong) || !drop(dropped, wrong.Path) {
			break
		}
	}
	v, err := schema.Sample(b.Type, func(path string, f *schema.Field) (bool, schema.Value) {
		if !f.Required {
			return false, schema.Value{}
		}
		return true, b.Sample(path)
	})
	if err != nil {
		return v, false
	}
	var w xsd.Writing
	_, err = m.write(&w, nil, v, nil)
	return v, err == nil
}

// drop notes the field that a path names, or the nearest one around it that is not noted yet.
func drop(dropped map[string]bool, at string) bool {
	for ; at != ""; at = at[:strings.LastIndexByte(at, '/')] {
		if !dropped[at] {
			dropped[at] = true
			return true
		}
	}
	return false
}

// failing reports whether a field, by its name, indicates a failure: a sample is of what goes well.
func failing(field string) bool {
	field = strings.ToLower(field)
	for _, word := range []string{"error", "errore", "fault", "eccezion", "exception"} {
		if strings.Contains(field, word) {
			return true
		}
	}
	return false
}
