package openapi

import (
	"slices"
	"strconv"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
)

// maxCombined bounds the work on one document, in schemas laid over each other: combinations of combinations grow fast.
// The largest published documents take some thousands.
const maxCombined = 200_000

// maxParts bounds the schemas of one allOf, with all that they consist of.
const maxParts = 500

// types turns the document's schemas into types. A schema that refers to itself becomes a type that does.
type types struct {
	*refs
	done   map[*config.Node]*schema.Type // what a schema became, or is becoming
	open   map[*schema.Type]bool         // those that are becoming
	within map[*config.Node]bool         // oneOf and anyOf that are being laid over what stands beside them
	count  int
	states int                   // of the patterns
	zone   *schema.Zone          // of moments and times
	unions []*schema.Type        // with a tag that is still to be proved
	spoken map[*config.Node]bool // whose words were looked at
	once   map[string]bool       // what was told once for the document

	client   bool // for those who call the API: paths that a server could not tell apart are fine
	overlaid bool // what stands beside $ref holds too: OpenAPI 3.1
}

func newTypes(r *refs) *types {
	return &types{
		refs: r, done: map[*config.Node]*schema.Type{}, open: map[*schema.Type]bool{}, within: map[*config.Node]bool{},
		spoken: map[*config.Node]bool{}, once: map[string]bool{},
	}
}

// read returns the type of a schema; nil of nothing. It never fails: what cannot be understood is reported and Unknown.
func (t *types) read(n *config.Node) *schema.Type {
	if n == nil {
		return nil
	}
	target, name := t.reach(n)
	if target == nil {
		return schema.TypeUnknown
	}
	if known := t.done[target]; known != nil {
		return known
	}
	if target.Kind == config.NodeBool {
		if target.Text.Value == "true" {
			return schema.TypeAny
		}
		return schema.TypeNever
	}
	if target.Kind != config.NodeMap {
		t.report(target, "found %s, expected a schema", nodeWord(target))
		return schema.TypeUnknown
	}
	made := &schema.Type{Kind: schema.KindUnknown, Nullable: true}
	t.done[target], t.open[made] = made, true
	defer delete(t.open, made)
	*made = *t.combine(t.flatten(target, nil, nil))
	if made.Tag != "" {
		t.unions = append(t.unions, made) // of what was combined this is a copy
	}
	if target != n && made.Kind != schema.KindAny {
		made.Name = name
	}
	made.Seal()
	return made
}

// flatten returns the schemas that must all hold: n's allOf, in depth and in their order, then n itself.
func (t *types) flatten(n *config.Node, within, parts []*config.Node) []*config.Node {
	target, _ := t.reach(n)
	if target == nil || target.Kind != config.NodeMap || t.count > maxCombined {
		return parts
	}
	if slices.Contains(within, target) {
		t.report(target, "the schema's allOf contains the schema itself")
		return parts
	}
	t.words(target)
	if next, _, refers := t.step(target); refers && next != nil {
		parts = t.flatten(next, append(slices.Clone(within), target), parts)
	}
	if all := target.Get("allOf"); all != nil {
		for _, item := range all.Items {
			parts = t.flatten(item, append(slices.Clone(within), target), parts)
			if len(parts) >= maxParts {
				t.report(outermost(within, target), "the schema's allOf has more than %d parts", maxParts)
				return parts
			}
		}
	}
	for _, word := range [...]string{"oneOf", "anyOf"} {
		if variants := target.Get(word); variants != nil && slices.ContainsFunc(variants.Items, func(v *config.Node) bool {
			variant, _ := t.follow(v)
			return variant != nil && slices.Contains(within, variant)
		}) {
			// A base that lists its heirs says nothing more to one of them.
			target = without([]*config.Node{target}, word)[0]
		}
	}
	return append(parts, target)
}

// outermost returns the schema at which flatten began.
func outermost(within []*config.Node, target *config.Node) *config.Node {
	if len(within) > 0 {
		return within[0]
	}
	return target
}

// combine makes a type of schemas that must all hold; where two speak of one thing, the later one counts.
func (t *types) combine(parts []*config.Node) *schema.Type {
	if t.count += 1 + len(parts); t.count > maxCombined {
		t.report(t.root, "the document's schemas are combined more than %d times", maxCombined)
		return schema.TypeUnknown
	}
	made := &schema.Type{Doc: textsOf(parts, "description"), Format: textsOf(parts, "format")}
	if made.Doc == "" {
		made.Doc = textsOf(parts, "title")
	}
	if n := last(parts, "x-personal"); n != nil {
		made.Personal = n.Text.Value == "true"
	}
	if values := enumNodes(parts); len(values) > 0 && !slices.ContainsFunc(values,
		func(v *config.Node) bool { return v.Kind != config.NodeNull }) {
		return &schema.Type{Kind: schema.KindNull, Nullable: true, Doc: made.Doc}
	}
	ruled := t.nots(parts)
	words, null := t.kinds(parts)
	free := len(words) == 0 && last(parts, "type") == nil && variantsOf(parts, "oneOf") == nil && variantsOf(parts, "anyOf") == nil
	words, null, some := ruled.kinds(words, null, free, len(enumNodes(parts)) == 0)
	switch {
	case ruled.nothing() || !some:
		return &schema.Type{Kind: schema.KindNever, Doc: made.Doc}
	case free && len(words) == 0 && len(ruled.spoken) > 0: // all types but null
		return &schema.Type{Kind: schema.KindNull, Nullable: true, Doc: made.Doc}
	}
	made.Nullable = null
	for _, word := range [...]string{"oneOf", "anyOf"} {
		if variants := variantsOf(parts, word); variants != nil && !t.within[variants] {
			return t.union(made, parts, word, variants, words)
		}
	}
	switch len(words) {
	case 0:
		if null && last(parts, "type") != nil { // "type": "null"
			return &schema.Type{Kind: schema.KindNull, Nullable: true, Doc: made.Doc}
		}
		made.Kind, made.Nullable, made.Format = schema.KindAny, true, ""
		t.composite(parts, "")
		t.enum(made, parts)
		ruled.values(made)
		ruled.rest(made)
		return made
	case 1:
		t.fill(made, parts, words[0], ruled)
		ruled.rest(made)
		return made
	}
	made.Kind = schema.KindUnion
	for _, word := range words {
		variant := &schema.Type{Format: made.Format}
		t.fill(variant, parts, word, ruled)
		if variant.Kind != schema.KindNever {
			made.Variants = append(made.Variants, variant.Seal())
		}
	}
	made.Format = ""
	ruled.rest(made)
	return made
}

// kinds returns the JSON types that are said or can be told from the other words, and whether null is among them.
func (t *types) kinds(parts []*config.Node) (words []string, null bool) {
	for _, name := range [...]string{"nullable", "x-nullable"} {
		if n := last(parts, name); n != nil && n.Text.Value == "true" {
			null = true
		}
	}
	if n := last(parts, "type"); n != nil {
		items := n.Items
		if n.Kind != config.NodeList {
			items = []*config.Node{n}
		}
		for _, item := range items {
			switch word := item.Text.Value; word {
			case "null":
				null = true
			case "string", "integer", "number", "boolean", "object", "array", "file":
				words = append(words, word)
			default:
				t.report(item, "found type %q, expected string, integer, number, boolean, object, array or null", word)
			}
		}
		return words, null
	}
	for _, sign := range [...][2]string{
		{"properties", "object"},
		{"additionalProperties", "object"},
		{"patternProperties", "object"},
		{"propertyNames", "object"},
		{"minProperties", "object"},
		{"maxProperties", "object"},
		{"dependentRequired", "object"},
		{"items", "array"},
		{"prefixItems", "array"},
		{"contains", "array"},
		{"minItems", "array"},
		{"maxItems", "array"},
		{"uniqueItems", "array"},
		{"pattern", "string"},
		{"maxLength", "string"},
		{"minLength", "string"},
		{"minimum", "number"},
		{"maximum", "number"},
		{"multipleOf", "number"},
	} {
		if last(parts, sign[0]) != nil {
			return []string{sign[1]}, null
		}
	}
	if saysPresence(parts) || last(parts, "required") != nil && last(parts, "oneOf") == nil && last(parts, "anyOf") == nil {
		return []string{"object"}, null
	}
	values := enumNodes(parts)
	word := ""
	for _, v := range values {
		w := map[config.NodeKind]string{
			config.NodeText: "string", config.NodeInt: "integer", config.NodeFloat: "number",
			config.NodeBool: "boolean",
		}[v.Kind]
		switch {
		case v.Kind == config.NodeNull:
			null = true
		case ofSeveral(v):
			return nil, null
		case word == "" || word == w:
			word = w
		default:
			return nil, null
		}
	}
	if word != "" {
		return []string{word}, null
	}
	return nil, null
}

// fill sets made's kind and constraints, those of one JSON type.
func (t *types) fill(made *schema.Type, parts []*config.Node, word string, ruled *nots) {
	switch word {
	case "boolean":
		made.Kind, made.Format = schema.KindBool, ""
	case "integer":
		made.Kind = schema.KindInt
		if t.number(made, parts); made.Format == "uint64" || made.Format == "bigint" {
			made.Kind, made.Fraction, made.Format = schema.KindDecimal, new(int), ""
		}
	case "number":
		made.Kind = schema.KindDecimal
		t.number(made, parts)
	case "string":
		t.text(made, parts)
	case "file":
		made.Kind, made.Format = schema.KindBytes, ""
	case "array":
		t.array(made, parts)
	case "object":
		made.Format = ""
		t.record(made, parts)
		t.presence(made, parts, ruled)
	}
	t.composite(parts, word)
	if word != "object" && word != "array" {
		t.enum(made, parts)
		if n := last(parts, "default"); n != nil {
			made.Default = scalar(n, made.Kind)
		}
		for _, name := range [...]string{"example", "x-example"} {
			if n := last(parts, name); n != nil && made.Example.IsAbsent() {
				made.Example = scalar(n, made.Kind)
			}
		}
	}
	ruled.values(made)
}

func (t *types) warn(at *config.Node, format string, args ...any) {
	if !t.told[at] {
		t.told[at] = true
		t.out.Report(diag.BadSchema, at.Pos(), format, args...).AsWarning()
	}
}

// finish keeps the tag of a union only where each variant has that field with constants, and no two variants have one alike.
func (t *types) finish() {
	for _, u := range t.unions {
		var taken []schema.Value
		for _, v := range u.Variants {
			i := v.Index(u.Tag)
			if v.Kind != schema.KindRecord || i < 0 || len(v.Fields[i].Type.Enum) == 0 {
				u.Tag = ""
				break
			}
			for _, constant := range v.Fields[i].Type.Enum {
				if slices.ContainsFunc(taken, func(other schema.Value) bool { return schema.Equal(other, constant) }) {
					u.Tag = ""
				}
				taken = append(taken, constant)
			}
		}
	}
	t.unions = nil
}

// last returns what the last of the parts that speaks of name says of it.
func last(parts []*config.Node, name string) *config.Node {
	for i := len(parts) - 1; i >= 0; i-- {
		if n := parts[i].Get(name); n != nil {
			return n
		}
	}
	return nil
}

func textsOf(parts []*config.Node, name string) string {
	if n := last(parts, name); n != nil {
		return strings.TrimSpace(n.Text.Value)
	}
	return ""
}

// said returns the text under name, "" if there is none.
func said(n *config.Node, name string) string { return textsOf([]*config.Node{n}, name) }

// nodeWord names what a node is, in messages.
func nodeWord(n *config.Node) string {
	switch n.Kind {
	case config.NodeNull:
		return "nothing"
	case config.NodeList:
		return "a list"
	case config.NodeMap:
		return "an object"
	}
	return strconv.Quote(n.Text.Value)
}
