package asyncapi

import (
	"bytes"
	"encoding/json"
)

// object is a JSON object whose members keep the order in which they were set.
type object []member

type member struct {
	name  string
	value any
}

// set adds a member.
func (o *object) set(name string, value any) { *o = append(*o, member{name, value}) }

// text adds a member if the text says something.
func (o *object) text(name, value string) {
	if value != "" {
		o.set(name, value)
	}
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := marshal(m.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), nil
}

// marshal writes a value without HTML's escapes.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), nil
}

// ref is a reference to a part of the document. Names on its way hold neither "/" nor "~".
func ref(path string) object { return object{{"$ref", "#/" + path}} }
