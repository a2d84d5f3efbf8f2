package spec

import (
	"strings"
	"sync"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
)

// Object is the set of fields that a YAML mapping may have.
type Object struct {
	fields []*Field
	name   string // the key that it stands under, "" for a file's root
	parent *Object

	instead []map[string]string // see Instead
}

// objects are those whose decoding has ended, and their fields: a project declares the same few fields for thousands of
// steps and routes. Nobody holds an Object or a Field of it once it is decoded.
var objects = sync.Pool{New: func() any { return &Object{} }}

// release puts the object back into the pool when it is decoded.
func (o *Object) release() {
	for _, f := range o.fields {
		*f = Field{examples: f.examples[:0]}
	}
	o.fields, o.name, o.parent, o.instead = o.fields[:0], "", nil, o.instead[:0]
	objects.Put(o)
}

// Value is a field that decodes itself, as a mapping or a schema does. Decode may be given any node, also null, and
// reports what is wrong; Schema describes what it takes.
type Value interface {
	Decode(n *config.Node, out *diag.List)
	Schema() Schema
}

func (o *Object) add(name string, c Choice) *Field {
	if n := len(o.fields); n < cap(o.fields) && o.fields[:n+1][n] != nil { // of an object that was decoded before
		o.fields = o.fields[:n+1]
	} else {
		o.fields = append(o.fields, &Field{})
	}
	f := o.fields[len(o.fields)-1]
	f.Name, f.choice = name, c
	return f
}

// Instead says what to write in place of keys that are no fields, as a sentence for who reads the problem: words that people bring from
// other systems. It may be called again; of two for one key the first stands. Nobody changes the words afterwards.
func (o *Object) Instead(words map[string]string) { o.instead = append(o.instead, words) }

// meant returns what to write in place of a key that is no field, "" if nobody has said.
func (o *Object) meant(key string) string {
	for _, words := range o.instead {
		if hint := words[key]; hint != "" {
			return hint
		}
	}
	return ""
}

// Text declares a text that keeps its place.
func (o *Object) Text(name string, p *config.Text) *Field { return o.add(name, Text(p)) }

// String declares a text.
func (o *Object) String(name string, p *string) *Field { return o.add(name, String(p)) }

// Bool declares true or false.
func (o *Object) Bool(name string, p *bool) *Field { return o.add(name, Bool(p)) }

// Int declares an integer; Range bounds it.
func (o *Object) Int(name string, p *int) *Field { return o.add(name, Int(p)) }

// Duration declares a time as 5s or 1m30s, above zero; Within bounds it, Zero allows 0s.
func (o *Object) Duration(name string, p *time.Duration) *Field { return o.add(name, Duration(p)) }

// Size declares a number of bytes as 64KiB or 1MiB, above zero.
func (o *Object) Size(name string, p *int64) *Field { return o.add(name, Size(p)) }

// Rate declares a rate as 100/m.
func (o *Object) Rate(name string, p *Rate) *Field { return o.add(name, RateOf(p)) }

// Span declares a span of time as 1s..5m; one duration alone is both ends.
func (o *Object) Span(name string, p *Span) *Field { return o.add(name, SpanOf(p)) }

// Enum declares one of some words.
func (o *Object) Enum(name string, p *string, words ...string) *Field {
	return o.add(name, Words(p, words...))
}

// Texts declares a text or a list of texts.
func (o *Object) Texts(name string, p *[]config.Text) *Field { return o.add(name, Texts(p)) }

// Object declares a nested object.
func (o *Object) Object(name string, declare func(*Object)) *Field { return o.add(name, Of(declare)) }

// List declares a list of objects: item is called for each and returns its declaration.
func (o *Object) List(name string, item func() func(*Object)) *Field {
	return o.add(name, ListOf(item))
}

// Map declares an object with free keys: entry is called for each and returns the declaration of its value.
// Keys are names in ASCII (config.CheckName) unless AnyKeys is said.
func (o *Object) Map(name string, entry func(key config.Text) func(*Object)) *Field {
	return o.add(name, MapOf(entry))
}

// Entries declares an object with free keys whose values are decoded by each. value describes one to editors.
func (o *Object) Entries(name string, value Schema, each func(key config.Text, value *config.Node, out *diag.List)) *Field {
	return o.add(name, EntriesOf(value, each))
}

// Node declares a field that is kept as it stands, for others to decode.
func (o *Object) Node(name string, p **config.Node) *Field {
	return o.add(name, Choice{
		fits: always, schema: func() Schema { return Schema{} }, words: "anything",
		decode: func(_ *context, n *config.Node) { *p = n },
	})
}

// Var declares a field that decodes itself.
func (o *Object) Var(name string, v Value) *Field { return o.add(name, Own(v)) }

// Alternative declares a field of several forms, as a word or an object. The first choice that fits the node's kind
// decodes it.
func (o *Object) Alternative(name string, choices ...Choice) *Field {
	return o.add(name, Either(choices...))
}

func (o *Object) find(name string) *Field {
	for _, f := range o.fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func (o *Object) names() []string {
	var names []string
	for _, f := range o.fields {
		if !f.hidden {
			names = append(names, f.Name)
		}
	}
	return names
}

func list(names []string) string { return strings.Join(names, ", ") }

// Ref declares a text that may hold references; allow lists the spaces, as env and secret.
func (o *Object) Ref(name string, p *config.Ref, allow ...string) *Field {
	return o.add(name, RefOf(p, allow...))
}
