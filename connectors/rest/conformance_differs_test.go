package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// expected returns what the request of an input must hold, in the form in which the judge reports it.
func expected(operation *connectors.Operation, in schema.Value) map[string]any {
	p := operation.Wire.(*op)
	want := map[string]any{}
	for i := range p.params {
		x := &p.params[i]
		if v := x.value(in); !v.IsNil() || v.Kind() == schema.KindNull && x.json {
			want[x.in+" "+x.name] = told(v, nil)
		}
	}
	switch {
	case p.body == flatBody:
		fields := map[string]any{}
		for _, f := range p.bodyType.Fields {
			if v := in.Get(f.Name); !v.IsAbsent() {
				fields[f.Name] = told(v, &p.bodyMedia)
			}
		}
		want["body"] = fields
	case p.body == fieldBody:
		if v := in.Get(bodyField); !v.IsAbsent() {
			want["body"] = told(v, &p.bodyMedia)
		}
	}
	return want
}

// told returns a value as encoding/json decodes it; octets as they are where the media type writes them so.
func told(v schema.Value, m *media) any {
	if v.Kind() == schema.KindBytes && m != nil && m.kind == asOctets {
		return string(schema.Octets(v))
	}
	if m != nil && m.kind == asParts {
		switch v.Kind() {
		case schema.KindRecord:
			if content := v.Get("content"); content.Kind() == schema.KindBytes {
				return string(schema.Octets(content))
			}
		case schema.KindList:
			items := []any{}
			for _, item := range v.Items() {
				items = append(items, told(item, m))
			}
			return items
		}
	}
	return generic(codec.AppendJSON(nil, v))
}

func generic(text []byte) (v any) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		panic(err)
	}
	return v
}

// differs returns the first place where what was read is not what was meant, "" if there is none.
func differs(want, got any, path string) string {
	if w, ok := want.(map[string]any); ok {
		g, ok := got.(map[string]any)
		if !ok && !(got == nil && len(w) == 0) {
			return fmt.Sprintf("%s: sent %v, read %v", path, want, got)
		}
		for name := range w {
			if where := differs(w[name], g[name], path+"/"+name); where != "" {
				return where
			}
		}
		for name := range g {
			if _, meant := w[name]; !meant && g[name] != nil {
				return fmt.Sprintf("%s/%s: nothing was sent, read %v", path, name, g[name])
			}
		}
		return ""
	}
	if w, ok := want.([]any); ok {
		g := reflect.ValueOf(got)
		if len(w) == 0 && (got == nil || g.Len() == 0) {
			return ""
		}
		if got == nil || g.Kind() != reflect.Slice || g.Len() != len(w) {
			return fmt.Sprintf("%s: sent %v, read %v", path, want, got)
		}
		for i := range w {
			if where := differs(w[i], g.Index(i).Interface(), fmt.Sprint(path, "/", i)); where != "" {
				return where
			}
		}
		return ""
	}
	if want == got || number(want) != nil && number(got) != nil && number(want).Cmp(number(got)) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: sent %v, read %v", path, want, got)
}

// number returns a number of any of Go's types, nil for anything else.
func number(v any) *big.Rat {
	switch v.(type) {
	case json.Number, float64, float32, int, int32, int64, uint64:
		if r, ok := new(big.Rat).SetString(fmt.Sprint(v)); ok {
			return r
		}
	}
	return nil
}
