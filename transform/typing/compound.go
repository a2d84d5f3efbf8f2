package typing

import (
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
)

func (r *Reader) object(n *config.Node, t *schema.Type) {
	required := r.required(n)
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
	if !properties.Is(config.NodeMap) {
		properties.Report(r.out, diag.WrongType, "properties: found %s, expected an object", properties.Found())
		t.Kind, t.Nullable = schema.KindUnknown, true
		return
	}
	if more.Is(config.NodeMap) {
		more.Report(r.out, diag.BadSchema, "additionalProperties: found a schema beside properties, expected true or false")
	}
	t.Kind = schema.KindRecord
	t.Open = more != nil && more.Text.Value == "true"
	var names []string
	needed := make(map[string]bool, len(required))
	for _, name := range required {
		needed[name.Value] = true
	}
	for _, e := range properties.Entries {
		ft := r.Read(e.Value)
		f := schema.Field{Name: e.Key.Value, Type: ft, Doc: ft.Doc}
		f.ReadOnly = r.flag(e.Value, "readOnly")
		f.WriteOnly = r.flag(e.Value, "writeOnly")
		f.Required = needed[f.Name]
		names = append(names, f.Name)
		t.Fields = append(t.Fields, f)
	}
	r.unlisted(required, names)
}

// required reads the names of the fields that must be there.
func (r *Reader) required(n *config.Node) (names []config.Text) {
	list := n.Get("required")
	if list == nil {
		return nil
	}
	if list.Kind != config.NodeList {
		list.Report(r.out, diag.WrongType, "required: found %s, expected a list of fields", list.Found())
	}
	for _, item := range list.Items {
		names = append(names, item.Text)
	}
	return names
}

// unlisted reports names that are required and that no field has.
func (r *Reader) unlisted(required []config.Text, names []string) {
	for _, at := range required {
		if !slices.Contains(names, at.Value) {
			at.Report(r.out, diag.BadSchema, "required names %q, and there is no such property", at.Value).WithNearest(at.Value, names)
		}
	}
}

func (r *Reader) array(n *config.Node, t *schema.Type) {
	t.Kind = schema.KindList
	t.Elem = r.Read(n.Get("items"))
	t.MinLength, t.MaxLength = r.whole(n, "minItems"), r.whole(n, "maxItems")
	t.Unique = r.flag(n, "uniqueItems")
}

func (r *Reader) union(n, variants *config.Node, also []string) *schema.Type {
	r.unknown(n, "", also)
	t := &schema.Type{Kind: schema.KindUnion}
	r.common(n, t)
	if other := n.Get("anyOf"); other != nil && other != variants {
		other.Report(r.out, diag.BadSchema, "oneOf and anyOf beside each other are not supported").
			WithHint("which fields are there together is said by each of the variants that are objects")
	}
	if !variants.Is(config.NodeList) || len(variants.Items) == 0 {
		variants.Report(r.out, diag.WrongType, "found %s, expected a list of schemas", variants.Found())
	}
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
		return r.vary(t.Variants[0], func(c *schema.Type) { c.Nullable, c.Personal = c.Nullable || t.Nullable, c.Personal || t.Personal })
	}
	return t
}

// allOf merges records.
func (r *Reader) allOf(n, all *config.Node, also []string) *schema.Type {
	t := &schema.Type{Kind: schema.KindRecord}
	rest := &config.Node{Kind: config.NodeMap, Text: n.Text}
	for _, e := range n.Entries {
		if e.Key.Value != "allOf" {
			rest.Entries = append(rest.Entries, e)
		}
	}
	if all.Kind != config.NodeList {
		all.Report(r.out, diag.WrongType, "allOf: found %s, expected a list of schemas", all.Found())
	}
	var required []config.Text
	var whole []*config.Node
	for _, p := range append(slices.Clone(all.Items), rest) {
		if p.Is(config.NodeMap) && p.Get("properties") == nil && p.Get("$ref") == nil && p.Get("allOf") == nil &&
			(p == rest || p.Get("required") != nil || conditional(p)) {
			r.unknown(p, "object", also) // words about the whole
			required = append(required, r.required(p)...)
			whole = append(whole, p)
			continue
		}
		if !r.merge(t, p, also) {
			return schema.TypeUnknown
		}
	}
	names := make([]string, len(t.Fields))
	for i := range t.Fields {
		f := &t.Fields[i]
		names[i] = f.Name
		f.Required = f.Required || slices.ContainsFunc(required, func(t config.Text) bool { return t.Value == f.Name })
	}
	r.unlisted(required, names)
	for _, p := range whole {
		r.presence(p, t)
	}
	r.common(n, t)
	return t.Seal()
}

// merge adds the fields of the record that p describes to t.
func (r *Reader) merge(t *schema.Type, p *config.Node, also []string) bool {
	x := r.Read(p, also...)
	if x.Kind != schema.KindRecord {
		if x.Kind != schema.KindUnknown {
			p.Report(r.out, diag.BadSchema, "allOf: found %s, expected records", x)
		}
		return false
	}
	t.Open = t.Open || x.Open
	t.Present = append(t.Present, x.Present...)
	for _, f := range x.Fields {
		if i := t.Index(f.Name); i >= 0 {
			f.Required = f.Required || t.Fields[i].Required
			t.Fields[i] = f
			continue
		}
		t.Fields = append(t.Fields, f)
	}
	return true
}
