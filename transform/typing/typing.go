// Package typing reads types from YAML: the words of JSON Schema, strictly, with records closed unless said otherwise.
package typing

import (
	"path"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
)

// Reader reads types and follows "$ref" into files of the project. Each file is read once. Not for concurrent use.
type Reader struct {
	read  func(file string, at diag.Pos) *config.Node // reports what is wrong and gives nil
	out   *diag.List
	files map[string]*schema.Type
}

// NewReader gives a reader; read gives a file of the project, or reports at and gives nil.
func NewReader(read func(file string, at diag.Pos) *config.Node, out *diag.List) *Reader {
	return &Reader{read: read, out: out, files: map[string]*schema.Type{}}
}

// words are the words of a schema, by what they are about.
var words = map[string][]string{
	"":        {"type", "title", "description", "nullable", "personal", "default", "example", "examples", "enum", "const", "oneOf", "anyOf", "allOf", "$ref", "readOnly", "writeOnly", "deprecated", "discriminator"},
	"string":  {"format", "pattern", "minLength", "maxLength"},
	"number":  {"format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
	"integer": {"format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
	"boolean": {},
	"object":  {"properties", "required", "additionalProperties", "minProperties", "maxProperties"},
	"array":   {"items", "minItems", "maxItems", "uniqueItems"},
	"null":    {},
}

// Read gives the type of a schema. also lists words that the caller reads himself, as required of a parameter. It never
// gives nil: what cannot be understood is reported and unknown.
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
		if variants := n.Get(word); variants != nil {
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
	case "array":
		r.array(n, t)
	case "null":
		t.Kind, t.Nullable = schema.KindNull, true
	default:
		t.Kind, t.Nullable = schema.KindAny, true
	}
	if v := n.Get("default"); v != nil {
		t.Default = r.value(v, t, "default")
	}
	if v := n.Get("example"); v != nil {
		t.Example = r.value(v, t, "example")
	}
	return t.Seal()
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
		case n.Get("enum") != nil || n.Get("const") != nil || n.Get("pattern") != nil || n.Get("format") != nil:
			return "string"
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
				WithNearest(word, []string{"string", "integer", "number", "boolean", "object", "array", "null"})
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
	if v := n.Get("nullable"); v != nil && v.Text.Value == "true" {
		t.Nullable = true
	}
	if v := n.Get("personal"); v != nil && v.Text.Value == "true" {
		t.Personal = true
	}
}

var textKinds = map[string]schema.Kind{
	"date": schema.KindDate, "date-time": schema.KindDateTime, "time": schema.KindTime, "duration": schema.KindDuration,
	"byte": schema.KindBytes, "binary": schema.KindBytes,
}

func (r *Reader) text(n *config.Node, t *schema.Type) {
	t.Kind = schema.KindText
	if f := n.Get("format"); f != nil {
		if kind, ok := textKinds[f.Text.Value]; ok {
			t.Kind = kind
		} else if t.Format = f.Text.Value; !schema.FormatKnown(t.Format) {
			f.Report(r.out, diag.BadValue, "unknown format %q", t.Format).WithNearest(t.Format, schema.Formats())
			t.Format = ""
		}
	}
	t.MinLength, t.MaxLength = r.whole(n, "minLength"), r.whole(n, "maxLength")
	if p := n.Get("pattern"); p != nil {
		if _, err := schema.CompilePattern(p.Text.Value); err != nil {
			p.Report(r.out, diag.BadSchema, "%s", err)
		} else {
			t.Pattern = p.Text.Value
		}
	}
	r.enum(n, t)
}

func (r *Reader) number(n *config.Node, t *schema.Type, kind string) {
	t.Kind = schema.KindDecimal
	if kind == "integer" {
		t.Kind = schema.KindInt
	}
	if f := n.Get("format"); f != nil {
		switch f.Text.Value {
		case "int64", "float", "double", "decimal":
		case "int32":
			least, most := schema.Int(-1<<31), schema.Int(1<<31-1)
			t.Minimum, t.Maximum = &least, &most
			t.Format = "int32"
		default:
			f.Report(r.out, diag.BadValue, "unknown format %q of a number", f.Text.Value).WithNearest(f.Text.Value, []string{"int32", "int64", "float", "double", "decimal"})
		}
	}
	limit := func(word string) *schema.Value {
		v := n.Get(word)
		if v == nil {
			return nil
		}
		d, err := schema.ParseDecimal(v.Text.Value)
		if err != nil {
			v.Report(r.out, diag.WrongType, "%s: found %s, expected a number", word, v.Found())
			return nil
		}
		if i, err := schema.ToInt(d); err == nil && t.Kind == schema.KindInt {
			d = i
		}
		return &d
	}
	if v := limit("minimum"); v != nil {
		t.Minimum = v
	}
	if v := limit("maximum"); v != nil {
		t.Maximum = v
	}
	if v := limit("exclusiveMinimum"); v != nil {
		t.Minimum, t.ExclMin = v, true
	}
	if v := limit("exclusiveMaximum"); v != nil {
		t.Maximum, t.ExclMax = v, true
	}
	if m := n.Get("multipleOf"); m != nil {
		whole, rest, _ := strings.Cut(m.Text.Value, ".")
		digits := len(rest)
		switch {
		case m.Text.Value == "1":
			zero := 0
			t.Fraction = &zero
		case strings.Trim(whole, "0") == "" && strings.Trim(rest, "0") == "1" && strings.HasSuffix(rest, "1"):
			t.Fraction = &digits
		default:
			m.Report(r.out, diag.BadValue, "multipleOf: found %q, expected 1, 0.1, 0.01 and so on", m.Text.Value)
		}
	}
	r.enum(n, t)
}

func (r *Reader) enum(n *config.Node, t *schema.Type) {
	if c := n.Get("const"); c != nil {
		t.Enum = []schema.Value{r.value(c, t, "const")}
	}
	list := n.Get("enum")
	if list == nil {
		return
	}
	if list.Kind != config.NodeList || len(list.Items) == 0 {
		list.Report(r.out, diag.WrongType, "enum: found %s, expected a list of values", list.Found())
		return
	}
	for _, item := range list.Items {
		if item.Kind == config.NodeNull {
			t.Nullable = true
			continue
		}
		if v := r.value(item, t, "enum"); !v.IsAbsent() {
			t.Enum = append(t.Enum, v)
		}
	}
}

// value reads a value of a scalar type as it stands in the file.
func (r *Reader) value(n *config.Node, t *schema.Type, word string) schema.Value {
	s := n.Text.Value
	var v schema.Value
	var err error
	switch {
	case n.Kind == config.NodeList || n.Kind == config.NodeMap:
		return schema.Value{} // examples of records are for people
	case n.Kind == config.NodeNull:
		return schema.Null
	case t.Kind == schema.KindBool:
		if s != "true" && s != "false" {
			n.Report(r.out, diag.WrongType, "%s: found %s, expected true or false", word, n.Found())
			return schema.Value{}
		}
		return schema.Bool(s == "true")
	case t.Kind == schema.KindInt:
		v, err = schema.ParseInt(s)
	case t.Kind == schema.KindDecimal:
		v, err = schema.ParseDecimal(s)
	case t.Kind == schema.KindDate:
		v, err = schema.ParseDate(s)
	case t.Kind == schema.KindTime:
		v, err = schema.ParseTime(s)
	case t.Kind == schema.KindDateTime:
		v, err = schema.ParseDateTime(s)
	case t.Kind == schema.KindDuration:
		v, err = schema.ParseDuration(s)
	default:
		return schema.Text(s)
	}
	if err != nil {
		n.Report(r.out, diag.WrongType, "%s: found %s, expected %s", word, n.Found(), schema.Article(&schema.Type{Kind: t.Kind}))
		return schema.Value{}
	}
	return v
}

func (r *Reader) whole(n *config.Node, word string) *int {
	v := n.Get(word)
	if v == nil {
		return nil
	}
	i, err := schema.ParseInt(v.Text.Value)
	if err != nil || i.Int() < 0 || i.Int() > 1<<31 {
		v.Report(r.out, diag.WrongType, "%s: found %s, expected a whole number that is not negative", word, v.Found())
		return nil
	}
	k := int(i.Int())
	return &k
}

func (r *Reader) object(n *config.Node, t *schema.Type) {
	required := map[string]config.Text{}
	if list := n.Get("required"); list != nil {
		if list.Kind != config.NodeList {
			list.Report(r.out, diag.WrongType, "required: found %s, expected a list of fields", list.Found())
		}
		for _, item := range list.Items {
			required[item.Text.Value] = item.Text
		}
	}
	more := n.Get("additionalProperties")
	properties := n.Get("properties")
	if properties == nil && more != nil && more.Text.Value != "false" {
		t.Kind, t.Elem = schema.KindMap, schema.TypeAny
		if more.Kind == config.NodeMap {
			t.Elem = r.Read(more)
		}
		t.MinLength, t.MaxLength = r.whole(n, "minProperties"), r.whole(n, "maxProperties")
		return
	}
	if properties == nil {
		t.Kind, t.Elem = schema.KindMap, schema.TypeAny
		return
	}
	t.Kind = schema.KindRecord
	t.Open = more != nil && more.Text.Value == "true"
	var names []string
	for _, e := range properties.Entries {
		ft := r.Read(e.Value)
		f := schema.Field{Name: e.Key.Value, Type: ft, Doc: ft.Doc}
		f.ReadOnly = flag(e.Value, "readOnly")
		f.WriteOnly = flag(e.Value, "writeOnly")
		if _, ok := required[f.Name]; ok {
			f.Required = true
			delete(required, f.Name)
		}
		names = append(names, f.Name)
		t.Fields = append(t.Fields, f)
	}
	for name, at := range required {
		at.Report(r.out, diag.BadSchema, "required names %q, and there is no such property", name).WithNearest(name, names)
	}
}

func flag(n *config.Node, word string) bool {
	v := n.Get(word)
	return v != nil && v.Text.Value == "true"
}

func (r *Reader) array(n *config.Node, t *schema.Type) {
	t.Kind = schema.KindList
	t.Elem = r.Read(n.Get("items"))
	t.MinLength, t.MaxLength = r.whole(n, "minItems"), r.whole(n, "maxItems")
	t.Unique = flag(n, "uniqueItems")
}

func (r *Reader) union(n, variants *config.Node, also []string) *schema.Type {
	r.unknown(n, "", also)
	t := &schema.Type{Kind: schema.KindUnion}
	r.common(n, t)
	for _, item := range variants.Items {
		v := r.Read(item)
		if v.Kind == schema.KindNull {
			t.Nullable = true
			continue
		}
		t.Variants = append(t.Variants, v)
	}
	if d := n.Get("discriminator"); d != nil {
		if name := d.Get("propertyName"); name != nil {
			t.Tag = name.Text.Value
		}
	}
	if len(t.Variants) == 1 {
		one := *t.Variants[0]
		one.Nullable = one.Nullable || t.Nullable
		return &one
	}
	return t
}

// allOf merges records.
func (r *Reader) allOf(n, all *config.Node, also []string) *schema.Type {
	t := &schema.Type{Kind: schema.KindRecord}
	parts := slices.Clone(all.Items)
	rest := &config.Node{Kind: config.NodeMap, Text: n.Text}
	for _, e := range n.Entries {
		if e.Key.Value != "allOf" {
			rest.Entries = append(rest.Entries, e)
		}
	}
	if rest.Get("properties") != nil {
		parts = append(parts, rest)
	} else {
		r.unknown(rest, "object", also)
	}
	for _, p := range parts {
		x := r.Read(p)
		if x.Kind != schema.KindRecord {
			p.Report(r.out, diag.BadSchema, "allOf: found %s, expected records", x)
			return schema.TypeUnknown
		}
		t.Open = t.Open || x.Open
		for _, f := range x.Fields {
			if i := t.Index(f.Name); i >= 0 {
				f.Required = f.Required || t.Fields[i].Required
				t.Fields[i] = f
				continue
			}
			t.Fields = append(t.Fields, f)
		}
	}
	r.common(n, t)
	return t.Seal()
}

// ref reads another file: $ref: schemas/x.yaml. Words beside it count too, as personal or description.
func (r *Reader) ref(n, ref *config.Node, also []string) *schema.Type {
	file := ref.Text.Value
	if strings.Contains(file, "://") || strings.HasPrefix(file, "#") {
		ref.Report(r.out, diag.BadReference, "found %q, expected a file of the project", file).WithHint("for example schemas/segnalazione.yaml")
		return schema.TypeUnknown
	}
	file = path.Clean(file)
	t := r.files[file]
	if t == nil {
		made := &schema.Type{Kind: schema.KindUnknown, Nullable: true}
		r.files[file] = made
		root := r.read(file, ref.Pos())
		if root == nil {
			return made
		}
		*made = *r.Read(root)
		if made.Name == "" {
			made.Name = strings.TrimSuffix(path.Base(file), path.Ext(file))
		}
		t = made.Seal()
	}
	r.unknown(n, "", also)
	beside := &schema.Type{}
	r.common(n, beside)
	if !beside.Nullable && !beside.Personal && beside.Doc == "" {
		return t
	}
	c := *t
	c.Nullable, c.Personal = c.Nullable || beside.Nullable, c.Personal || beside.Personal
	if beside.Doc != "" {
		c.Doc = beside.Doc
	}
	return &c
}

// Schema describes schemas to editors.
func Schema() spec.Schema {
	return spec.Schema{"type": "object", "description": "A schema in the words of JSON Schema; records are closed unless additionalProperties: true."}
}
