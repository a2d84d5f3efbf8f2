// Package typing reads types from YAML: the words of JSON Schema, strictly, with records closed unless said otherwise.
package typing

import (
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
)

// Reader reads types and follows "$ref" into files of the project. Each file is read once. Not for concurrent use.
type Reader struct {
	read   func(file string, at diag.Pos) *config.Node // reports what is wrong and returns nil
	out    *diag.List
	files  map[string]*config.Node
	types  map[string]*schema.Type   // by file and place in it, as schemas/x.yaml#/$defs/y
	later  map[*schema.Type][]func() // of each type that is being read: what to do when it has been
	states int                       // of the patterns
	zone   *schema.Zone              // of moments and times
	file   string                    // whose schema is being read; "" of one that stands in a route or connector
}

// NewReader returns a reader; read returns a file of the project, or reports at and returns nil.
func NewReader(read func(file string, at diag.Pos) *config.Node, out *diag.List) *Reader {
	return &Reader{
		read: read, out: out, files: map[string]*config.Node{}, types: map[string]*schema.Type{},
		later: map[*schema.Type][]func(){},
	}
}

// In makes the reader take moments and times for those of systems that write them in a zone, nil for RFC 3339 as it is. It returns r.
func (r *Reader) In(zone *schema.Zone) *Reader {
	r.zone = zone
	return r
}

// Read returns the type of a schema. also lists words that the caller reads himself, as required of a parameter. It never
// returns nil: what cannot be understood is reported and unknown.
func (r *Reader) Read(n *config.Node, also ...string) *schema.Type {
	if n == nil {
		return schema.TypeAny
	}
	if n.Kind != config.NodeMap {
		n.Report(r.out, diag.WrongType, "found %s, expected a schema", n.Found()).WithHint("for example { type: string }")
		return schema.TypeUnknown
	}
	if ref := n.Get("$ref"); ref != nil {
		return r.ref(n, ref, also)
	}
	if all := n.Get("allOf"); all != nil {
		return r.allOf(n, all, also)
	}
	for _, word := range [...]string{"oneOf", "anyOf"} {
		if variants := n.Get(word); variants != nil && !conditionsAlone(variants) {
			return r.union(n, variants, also)
		}
	}
	t := &schema.Type{}
	kind := r.kind(n, t)
	r.unknown(n, kind, also)
	r.common(n, t)
	switch kind {
	case "string":
		r.text(n, t)
	case "integer", "number":
		r.number(n, t, kind)
	case "boolean":
		t.Kind = schema.KindBool
	case "object":
		r.object(n, t)
		r.presence(n, t)
	case "array":
		r.array(n, t)
	case "null":
		t.Kind, t.Nullable = schema.KindNull, true
	default:
		if n.Get("type") != nil {
			return schema.TypeUnknown // it is no type, which is reported
		}
		t.Kind, t.Nullable = schema.KindAny, true
	}
	if kind != "object" && (conditionsAlone(n.Get("anyOf")) || conditionsAlone(n.Get("oneOf"))) {
		n.Report(r.out, diag.BadSchema, "required within anyOf or oneOf is about the fields of an object, and the schema is of %s",
			schema.Noun(t))
	}
	if v := n.Get("default"); v != nil {
		if t.Default = r.value(v, t, "default"); !v.IsScalar() {
			v.Report(r.out, diag.WrongType, "default: found %s, expected a single value", v.Found())
		}
	}
	if v := n.Get("example"); v != nil {
		t.Example = r.value(v, t, "example")
	} else if list := n.Get("examples"); list.Is(config.NodeList) && len(list.Items) > 0 {
		t.Example = r.value(list.Items[0], t, "examples")
	}
	t.Seal()
	r.fits(n.Get("default"), t.Default, t, "default")
	return t
}

// kind finds the JSON type.
func (r *Reader) kind(n *config.Node, t *schema.Type) string {
	named := n.Get("type")
	if named == nil {
		switch {
		case n.Get("properties") != nil || n.Get("additionalProperties") != nil:
			return "object"
		case n.Get("items") != nil:
			return "array"
		case n.Get("enum") != nil || n.Get("const") != nil:
			return kindOfConstants(n)
		case n.Get("pattern") != nil || n.Get("format") != nil:
			return "string"
		case conditional(n):
			return "object"
		}
		return ""
	}
	items := []*config.Node{named}
	if named.Kind == config.NodeList {
		items = named.Items
	}
	kind := ""
	for _, item := range items {
		word := item.Text.Value
		switch {
		case word == "null" || item.Kind == config.NodeNull:
			t.Nullable = true
			if len(items) == 1 {
				kind = "null"
			}
		case words[word] == nil || word == "":
			item.Report(r.out, diag.BadValue, "found type %q, expected string, integer, number, boolean, object, array or null", word).
				WithHint("%s", typeHint(word))
		case kind != "":
			item.Report(r.out, diag.BadValue, "found several types, expected one and perhaps null").WithHint("write oneOf for a choice")
		default:
			kind = word
		}
	}
	return kind
}

// unknown reports words that nobody knows.
func (r *Reader) unknown(n *config.Node, kind string, also []string) {
	known := slices.Concat(words[""], words[kind], also)
	for _, e := range n.Entries {
		if slices.Contains(known, e.Key.Value) || strings.HasPrefix(e.Key.Value, "x-") {
			continue
		}
		p := e.Key.Report(r.out, diag.UnknownField, "unknown word %q in a schema", e.Key.Value)
		if kind != "" {
			p.Message = "unknown word \"" + e.Key.Value + "\" in a schema of type " + kind
		}
		if instead := wordHabits[e.Key.Value]; instead != "" {
			p.WithHint("%s", instead)
			continue
		}
		p.WithNearest(e.Key.Value, known)
	}
}

func (r *Reader) common(n *config.Node, t *schema.Type) {
	if v := n.Get("description"); v != nil {
		t.Doc = v.Text.Value
	}
	if v := n.Get("title"); v != nil {
		if t.Name = v.Text.Value; t.Doc == "" {
			t.Doc = v.Text.Value
		}
	}
	t.Nullable = t.Nullable || r.flag(n, "nullable")
	t.Personal = t.Personal || r.flag(n, "personal")
}

// flag reads true or false; false if it is not there.
func (r *Reader) flag(n *config.Node, word string) bool {
	v := n.Get(word)
	if v == nil {
		return false
	}
	b, ok := v.Bool()
	if !ok {
		v.Report(r.out, diag.WrongType, "%s: found %s, expected true or false", word, v.Found())
	}
	return b
}

// Schema describes schemas to editors.
func Schema() spec.Schema {
	return spec.Schema{"type": "object", "description": "A schema in the words of JSON Schema; records are closed unless " +
		"additionalProperties: true."}
}
