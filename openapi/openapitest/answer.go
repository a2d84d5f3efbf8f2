package openapitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Answer is an answer that a document describes.
type Answer struct {
	Status    int
	MediaType string
	Body      []byte
}

// Answers makes answers in JSON of an operation, whose path is as the document writes it: one of each status of 2xx, of
// default where there is none, with all that its schema may have (whole) or the least. None is made that the document itself
// does not admit; skipped counts those that were given up for it.
func (j *Judge) Answers(method, path string, whole bool) (list []Answer, skipped int) {
	_, operation, err := j.find(method, path)
	if err != nil {
		return nil, 0
	}
	described := operation.Responses.Map()
	success := func(key string) bool { return strings.HasPrefix(key, "2") }
	if !slices.ContainsFunc(slices.Collect(maps.Keys(described)), success) {
		success = func(key string) bool { return key == "default" }
	}
	for _, key := range slices.Sorted(maps.Keys(described)) {
		if !success(key) || described[key].Value == nil {
			continue
		}
		status, err := strconv.Atoi(key)
		switch {
		case err != nil:
			status = 200
		case status == 204, status == 205: // whatever the document says, they have no body (RFC 9110 §15.3.5)
			list = append(list, Answer{Status: status})
			continue
		}
		content := described[key].Value.Content
		for _, name := range slices.Sorted(maps.Keys(content)) {
			base, _, err := mime.ParseMediaType(name)
			if err != nil || base != "application/json" || content[name].Schema == nil {
				continue
			}
			body, err := j.instance(content[name].Schema, whole)
			if err != nil {
				skipped++
				continue
			}
			list = append(list, Answer{status, name, body})
		}
	}
	return list, skipped
}

// instance makes a JSON text that a schema admits in an answer.
func (j *Judge) instance(s *openapi3.SchemaRef, whole bool) ([]byte, error) {
	m := &maker{whole: whole, left: 3000}
	v, ok := m.value(s, 0)
	if !ok {
		return nil, fmt.Errorf("no value was found")
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		return nil, err
	}
	return text, s.Value.VisitJSON(plain, openapi3.VisitAsResponse())
}

// maker makes values of schemas.
type maker struct {
	whole bool
	left  int // how many more values it makes
	count int
}

// deepest is how deep values go before what may be left out is.
const deepest = 6

func (m *maker) value(ref *openapi3.SchemaRef, depth int) (any, bool) {
	if m.left--; ref == nil || ref.Value == nil || m.left < 0 || depth > 2*deepest {
		return nil, false
	}
	s := ref.Value
	m.count++
	switch {
	case s.Nullable && m.whole && m.count%5 == 0:
		return nil, true
	case len(s.Enum) > 0:
		v := s.Enum[m.count%len(s.Enum)]
		return v, v != nil || s.Nullable
	case len(s.OneOf) > 0 && len(s.Properties) == 0:
		return m.value(s.OneOf[m.count%len(s.OneOf)], depth+1)
	case len(s.AnyOf) > 0 && len(s.Properties) == 0:
		return m.value(s.AnyOf[m.count%len(s.AnyOf)], depth+1)
	case len(s.AllOf) > 0:
		return m.all(s, depth)
	}
	switch {
	case s.Type.Is("boolean"):
		return m.count%2 == 0, true
	case s.Type.Is("integer"), s.Type.Is("number"):
		return m.number(s), true
	case s.Type.Is("string"):
		return m.text(s), true
	case s.Type.Is("array"), s.Type == nil && s.Items != nil:
		list := []any{}
		for range m.items(s, depth) {
			v, ok := m.value(s.Items, depth+1)
			if !ok {
				return list, s.MinItems == 0
			}
			list = append(list, v)
		}
		return list, true
	case s.Type.Is("object"), len(s.Properties) > 0:
		return m.object(s, depth)
	}
	return []any{"libero", 1.5, map[string]any{"a": nil}}[m.count%3], true
}

func (m *maker) items(s *openapi3.Schema, depth int) int {
	n := int(s.MinItems)
	if m.whole && depth < deepest && n < 2 && !s.UniqueItems {
		n = 2
		if s.MaxItems != nil {
			n = min(n, int(*s.MaxItems))
		}
	}
	return n
}

// all lays the values of an allOf over each other.
func (m *maker) all(s *openapi3.Schema, depth int) (any, bool) {
	merged := map[string]any{}
	own := *s
	own.AllOf = nil
	parts := slices.Clone(s.AllOf)
	if len(own.Properties) > 0 || len(own.Required) > 0 {
		parts = append(parts, &openapi3.SchemaRef{Value: &own})
	}
	for _, part := range parts {
		v, ok := m.value(part, depth+1)
		fields, object := v.(map[string]any)
		switch {
		case !ok:
			return nil, false
		case object:
			maps.Copy(merged, fields)
		case len(parts) == 1:
			return v, true
		}
	}
	return merged, true
}

func (m *maker) object(s *openapi3.Schema, depth int) (any, bool) {
	fields := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		required := slices.Contains(s.Required, name)
		if p.Value == nil || p.Value.WriteOnly || !required && (!m.whole || depth >= deepest) {
			continue
		}
		v, ok := m.value(p, depth+1)
		if !ok {
			if required {
				return nil, false
			}
			continue
		}
		fields[name] = v
	}
	for _, name := range s.Required {
		if s.Properties[name] == nil {
			fields[name] = "richiesto"
		}
	}
	if more := s.AdditionalProperties.Schema; more != nil && len(s.Properties) == 0 && (m.whole || s.MinProps > 0) {
		if v, ok := m.value(more, depth+1); ok {
			fields["più"] = v
		}
	}
	return fields, true
}

func (m *maker) number(s *openapi3.Schema) any {
	list := []float64{0, -1, 1, 42, 2147483647, -2147483648}
	if s.Type.Is("number") {
		list = append(list, 0.5, -12345.625)
	}
	if s.Format == "int64" {
		list = append(list, 9007199254740991, -9007199254740991)
	}
	n := list[m.count%len(list)]
	if s.Min != nil {
		n = math.Max(n, *s.Min)
	}
	if s.Max != nil {
		n = math.Min(n, *s.Max)
	}
	return n
}

var texts = []string{"città", "", "a \"b\" \\c", "riga\nriga", "😀", "null", " largo ", "<&>"}

var formats = map[string]string{
	"date": "2024-02-29", "date-time": "2026-06-30T23:59:59.123+02:00", "time": "09:30:00Z", "uuid": "6f1c3c56-9d0e-4d4b-8f0a-2b1d5c7e9a31",
	"email": "nome@example.org", "uri": "https://www.example.org/a?b=c", "url": "https://www.example.org/", "byte": "Y2l0dMOg",
	"ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "hostname": "www.example.org",
}

func (m *maker) text(s *openapi3.Schema) string {
	if v, known := formats[s.Format]; known && s.Pattern == "" {
		return v
	}
	if s.Pattern != "" {
		if v := patterned(s.Pattern, int(s.MinLength)); v != "" {
			return v
		}
		if v, ok := s.Example.(string); ok {
			return v
		}
	}
	v := texts[m.count%len(texts)]
	for uint64(len([]rune(v))) < s.MinLength {
		v += "x"
	}
	if s.MaxLength != nil && uint64(len([]rune(v))) > *s.MaxLength {
		v = string([]rune(v)[:*s.MaxLength])
	}
	return v
}
