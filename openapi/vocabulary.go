package openapi

import (
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
)

// outcome is what becomes of a word of a schema.
type outcome uint8

const (
	checked    outcome = iota + 1 // types carry it, or the reader says at load what of it they do not
	annotation                    // it asks nothing of values
	unchecked                     // a warning says that nothing checks it
)

// keyword is a word of the vocabularies that a schema may have.
type keyword struct {
	outcome outcome
	why     string // of one that is not checked
	with    string // the word beside which alone it says something, and which is told
}

// vocabulary holds every word of JSON Schema of draft 4, as OpenAPI 3.0 has it, 2019-09 and 2020-12, and those that OpenAPI adds.
var vocabulary = map[string]keyword{
	// core
	"$schema": {outcome: annotation}, "$id": {outcome: annotation}, "id": {outcome: annotation}, "$comment": {outcome: annotation},
	"$vocabulary": {outcome: annotation}, "$defs": {outcome: annotation}, "definitions": {outcome: annotation},
	"$ref": {outcome: checked}, "$anchor": {outcome: checked}, "$dynamicAnchor": {outcome: checked},
	"$dynamicRef":      {outcome: unchecked, why: "more than one schema has that anchor, or none, and anything is taken"},
	"$recursiveRef":    {outcome: unchecked, why: "it is not followed, and anything is taken"},
	"$recursiveAnchor": {outcome: annotation, with: "$recursiveRef"},

	// applicator
	"allOf": {outcome: checked}, "anyOf": {outcome: checked}, "oneOf": {outcome: checked}, "not": {outcome: checked},
	"properties": {outcome: checked}, "additionalProperties": {outcome: checked}, "patternProperties": {outcome: checked},
	"items": {outcome: checked}, "prefixItems": {outcome: checked}, "additionalItems": {outcome: checked},
	"dependentSchemas": {outcome: checked}, "dependencies": {outcome: checked},
	"if":            {outcome: unchecked, why: "what then and else ask is not"},
	"then":          {outcome: annotation, with: "if"},
	"else":          {outcome: annotation, with: "if"},
	"contains":      {outcome: unchecked, why: "a list is taken whichever items it has"},
	"propertyNames": {outcome: unchecked, why: "an object is taken whatever its fields are called"},

	// unevaluated
	"unevaluatedItems": {outcome: checked}, "unevaluatedProperties": {outcome: checked},

	// validation
	"type": {outcome: checked}, "enum": {outcome: checked}, "const": {outcome: checked}, "multipleOf": {outcome: checked},
	"maximum": {outcome: checked}, "exclusiveMaximum": {outcome: checked}, "minimum": {outcome: checked},
	"exclusiveMinimum": {outcome: checked}, "maxLength": {outcome: checked}, "minLength": {outcome: checked}, "pattern": {outcome: checked},
	"maxItems": {outcome: checked}, "minItems": {outcome: checked}, "uniqueItems": {outcome: checked},
	"maxContains": {outcome: annotation, with: "contains"}, "minContains": {outcome: annotation, with: "contains"},
	"maxProperties": {outcome: checked}, "minProperties": {outcome: checked}, "required": {outcome: checked},
	"dependentRequired": {outcome: checked},

	// format, content
	"format": {outcome: checked}, "contentEncoding": {outcome: checked}, "contentMediaType": {outcome: checked},
	"contentSchema": {outcome: unchecked, why: "the text is taken whatever it holds; fromJSON(text, …) reads it as a type"},

	// metadata
	"title": {outcome: checked}, "description": {outcome: checked}, "default": {outcome: checked}, "deprecated": {outcome: annotation},
	"readOnly": {outcome: checked}, "writeOnly": {outcome: checked}, "examples": {outcome: annotation},

	// OpenAPI
	"nullable": {outcome: checked}, "discriminator": {outcome: checked}, "xml": {outcome: checked},
	"externalDocs": {outcome: annotation}, "example": {outcome: checked},
}

// ofParameters are the words of parameters and headers of Swagger 2, which are schemas too.
var ofParameters = []string{"name", "in", "collectionFormat", "allowEmptyValue"}

// beside are the words that, beside $ref, ask nothing of values.
var beside = []string{
	"$ref", "$schema", "title", "description", "default", "readOnly", "writeOnly", "example", "examples", "xml", "$anchor",
	"$dynamicAnchor", "discriminator", "summary",
}

// words looks at the words of a schema, once: what nothing checks is told.
func (t *types) words(n *config.Node) {
	if t.spoken[n] {
		return
	}
	t.spoken[n] = true
	for i := range n.Entries {
		e := &n.Entries[i]
		word := e.Key.Value
		k, known := vocabulary[word]
		switch {
		case known && k.outcome == unchecked && !(word == "propertyNames" && anyName(e.Value)) && !(word == "$dynamicRef" && t.dynamic(n) != nil):
			t.unspoken(e.Value, word, word, k.why)
		case word == "required" && e.Value != nil && e.Value.Kind == config.NodeBool && n.Get("in") == nil:
			t.tell(e.Key, "required as "+e.Value.Text.Value, "required: %s says nothing of a schema", e.Value.Text.Value).
				WithHint("list the field's name under required of the object that has it")
		case !known && !strings.HasPrefix(word, "x-") && !(slices.Contains(ofParameters, word) && t.root.Get("swagger") != nil):
			t.tell(e.Key, "word "+word, "%q is not a word of JSON Schema or OpenAPI, and nothing is made of it", word).
				WithNearest(word, spokenWords())
		}
	}
}

// spokenWords lists the vocabulary in order.
func spokenWords() []string {
	var all []string
	for word := range vocabulary {
		all = append(all, word)
	}
	slices.Sort(all)
	return all
}

// anyName reports whether a schema of names admits all of them.
func anyName(n *config.Node) bool {
	return n == nil || n.Kind == config.NodeBool && n.Text.Value == "true" || n.Kind == config.NodeMap &&
		(len(n.Entries) == 0 || len(n.Entries) == 1 && said(n, "type") == "string")
}

// unspoken warns that something which a word asks is not checked, once a word and document.
func (t *types) unspoken(at *config.Node, word, what, why string) {
	t.tellAt(at, word, "%s is not checked: %s", what, why).
		WithHint("what matters of it is checked in the route, with a step validate, or choose and fail")
}

// tell warns once for the document of what is called key. What it returns is never nil.
func (t *types) tell(at config.Text, key, format string, args ...any) *diag.Problem {
	if t.once[key] {
		return &diag.Problem{}
	}
	t.once[key] = true
	return t.out.Report(diag.BadSchema, at.Pos, format, args...).AsWarning().WithLen(len(at.Value))
}

func (t *types) tellAt(at *config.Node, key, format string, args ...any) *diag.Problem {
	return t.tell(config.Text{Pos: at.Pos()}, key, format, args...)
}

// composite warns of lists and objects among the only values of a schema.
func (t *types) composite(parts []*config.Node, word string) {
	for _, n := range enumNodes(parts) {
		if ofSeveral(n) && (word == "" || word == "object" || word == "array") {
			t.unspoken(n, "enum", "a list or an object under enum or const", "only single values are compared")
		}
	}
}

// ofSeveral reports whether a value is a list or an object.
func ofSeveral(n *config.Node) bool { return n.Kind == config.NodeList || n.Kind == config.NodeMap }

// encoded warns of a contentEncoding that is not read.
func (t *types) encoded(n *config.Node) {
	switch strings.ToLower(n.Text.Value) {
	case "", "7bit", "8bit", "binary":
		return
	}
	t.tellAt(n, "contentEncoding", "contentEncoding %s is not read: the text passes as it stands, expected base64", n.Text.Value).
		WithHint("let the route encode and decode it")
}

// octetLimits warns of lengths of octets, which systems mean in either way; our own documents count the text in base64.
func (t *types) octetLimits(parts []*config.Node) {
	if !t.client {
		return
	}
	for _, word := range [...]string{"minLength", "maxLength"} {
		if n := last(parts, word); n != nil {
			t.unspoken(n, word+" of octets", word+" of octets", "descriptions mean it of the octets or of the text that holds them")
		}
	}
}

// reach is follow for a schema. In OpenAPI 3.1 it stops at one that asks something of values beside its reference: both hold. Before,
// what stands beside a reference says nothing (OpenAPI 3.0.3, Reference Object), and a warning tells it.
func (t *types) reach(n *config.Node) (target *config.Node, name string) {
	for range maxHops {
		if word, asks := t.asksBeside(n); asks && t.overlaid {
			return n, name
		} else if asks {
			t.tell(word, "beside $ref", "%q beside $ref says nothing in OpenAPI %s, and is passed over", word.Value, t.version()).
				WithHint("write allOf: [{ $ref: … }] with it")
		}
		next, called, refers := t.step(n)
		switch {
		case !refers:
			return n, name
		case next == nil:
			return nil, ""
		}
		n, name = next, called
	}
	return t.follow(n)
}

// version returns the line of OpenAPI that the document is written in.
func (t *types) version() string {
	if t.root.Get("swagger") != nil {
		return "2.0"
	}
	return "3.0"
}

// asksBeside returns the first word beside a reference that asks something of values.
func (t *types) asksBeside(n *config.Node) (config.Text, bool) {
	if len(n.Entries) < 2 || n.Get("$ref") == nil && n.Get("$dynamicRef") == nil {
		return config.Text{}, false
	}
	for _, e := range n.Entries {
		k, known := vocabulary[e.Key.Value]
		if known && (k.outcome == checked || k.outcome == unchecked && e.Key.Value != "$dynamicRef") && !slices.Contains(beside, e.Key.Value) {
			return e.Key, true
		}
	}
	return config.Text{}, false
}
