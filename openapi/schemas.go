package openapi

import (
	"math"
	"strconv"

	"fondaco/schema"
)

// dialect is the version's own way to write a schema.
type dialect struct {
	lists bool // 3.1: "type" may be a list, null is a type; 3.0 says nullable
	bare  bool // JSON Schema alone: no discriminator, which is OpenAPI's
}

// ref returns the schema of a type where one is used: a reference for a named type, otherwise the schema in place.
func (c *components) ref(t *schema.Type) object { return c.describe(t, nil) }

// describe is ref for a field: its own words are added where the schema stands in place, for nothing may stand beside
// a reference.
func (c *components) describe(t *schema.Type, f *schema.Field) object {
	if t == nil {
		return object{}
	}
	if t.Kind != schema.KindAny && t.Kind != schema.KindUnknown && c.isNamed(t) {
		plain := t
		if t.Nullable {
			plain = c.withoutNull(t)
			if called, lifted := c.called[t]; lifted {
				c.called[plain], c.parts[plain] = called, c.parts[t]
			}
		}
		named := object{{"$ref", "#/components/schemas/" + c.name(plain)}}
		if !t.Nullable {
			return named
		}
		return object{{"anyOf", array{named, c.null()}}}
	}
	o := c.place(t)
	if f == nil {
		return o
	}
	if f.Doc != "" {
		if t.Doc != "" {
			for i := range o {
				if o[i].name == "description" {
					o[i].value = f.Doc
				}
			}
		} else {
			o.set("description", f.Doc)
		}
	}
	if f.ReadOnly {
		o.set("readOnly", true)
	}
	if f.WriteOnly {
		o.set("writeOnly", true)
	}
	return o
}

// withoutNull returns the same copy for every use of a nullable named type, so that it stays one component.
func (c *components) withoutNull(t *schema.Type) *schema.Type {
	if c.plain == nil {
		c.plain = map[*schema.Type]*schema.Type{}
	}
	p := c.plain[t]
	if p == nil {
		p = t.NotNull()
		c.plain[t] = p
	}
	return p
}

// null is the schema that null alone fits.
func (c *components) null() object {
	if c.lists {
		return object{{"type", "null"}}
	}
	return object{{"type", "object"}, {"nullable", true}, {"enum", array{raw("null")}}}
}

// place returns the schema of a type in place, whatever its name.
func (c *components) place(t *schema.Type) object {
	var o object
	switch t.Kind {
	case schema.KindNull:
		return c.null()
	case schema.KindAny, schema.KindUnknown, schema.KindAbsent:
		o.text("description", t.Doc)
		return o
	case schema.KindNever:
		return object{{"not", object{}}}
	case schema.KindUnion:
		c.union(&o, t)
	case schema.KindBool:
		c.kind(&o, t, "boolean")
	case schema.KindInt:
		c.kind(&o, t, "integer")
		o.set("format", intFormat(t))
		c.limits(&o, t)
	case schema.KindDecimal:
		c.kind(&o, t, "number")
		o.set("format", decimalFormat(t))
		c.limits(&o, t)
		if t.Fraction != nil && *t.Fraction == 0 {
			o.set("multipleOf", 1)
		} else if t.Fraction != nil {
			o.set("x-fraction-digits", *t.Fraction) // multipleOf 0.01 is false of 19.99 wherever numbers are floats
		}
	case schema.KindText:
		c.kind(&o, t, "string")
		o.text("format", t.Format)
		c.lengths(&o, t, "minLength", "maxLength")
		o.text("pattern", t.Pattern)
	case schema.KindBytes:
		c.kind(&o, t, "string")
		if c.lists {
			o.set("contentEncoding", "base64")
		} else {
			o.set("format", "byte")
		}
		if t.MaxLength != nil && *t.MaxLength < math.MaxInt32 {
			o.set("maxLength", (*t.MaxLength+2)/3*4)
		}
	case schema.KindDate, schema.KindTime, schema.KindDateTime, schema.KindDuration, schema.KindDateTimeLocal, schema.KindTimeLocal:
		c.kind(&o, t, "string")
		o.set("format", timeFormats[t.Kind])
		o.text("pattern", t.Pattern)
	case schema.KindList:
		c.list(&o, t)
	case schema.KindMap:
		c.kind(&o, t, "object")
		c.lengths(&o, t, "minProperties", "maxProperties")
		if t.Elem == nil || t.Elem.Kind == schema.KindAny || t.Elem.Kind == schema.KindUnknown {
			o.set("additionalProperties", true)
		} else {
			o.set("additionalProperties", c.ref(t.Elem))
		}
		choices(&o, t)
	case schema.KindRecord:
		c.record(&o, t)
	}
	c.values(&o, t)
	o.text("description", t.Doc)
	if t.Personal {
		o.set("x-personal", true)
	}
	return o
}

var timeFormats = map[schema.Kind]string{
	schema.KindDate: "date", schema.KindTime: "time", schema.KindDateTime: "date-time", schema.KindDuration: "duration",
	schema.KindDateTimeLocal: "date-time-local", schema.KindTimeLocal: "time-local",
}

// kind writes the type, with null where it is admitted.
func (c *components) kind(o *object, t *schema.Type, name string) {
	switch {
	case !t.Nullable:
		o.set("type", name)
	case c.lists:
		o.set("type", array{name, "null"})
	default:
		o.set("type", name)
		o.set("nullable", true)
	}
}

// intFormat returns int32 where the limits prove it, int64 otherwise.
func intFormat(t *schema.Type) string {
	if t.Format == "int32" || t.Format == "int64" {
		return t.Format
	}
	small := func(v *schema.Value) bool {
		return v != nil && v.Kind() == schema.KindInt && v.Int() >= math.MinInt32 && v.Int() <= math.MaxInt32
	}
	if small(t.Minimum) && small(t.Maximum) {
		return "int32"
	}
	return "int64"
}

// decimalFormat returns the smallest format of IEEE 754 that holds the digits.
func decimalFormat(t *schema.Type) string {
	switch {
	case t.Format == "float" || t.Format == "double":
		return t.Format
	case t.Digits != nil && *t.Digits <= 7:
		return "decimal32"
	case t.Digits != nil && *t.Digits <= 16:
		return "decimal64"
	}
	return "decimal128"
}

func (c *components) limits(o *object, t *schema.Type) {
	limit := func(v *schema.Value, name, exclusive string, strict bool) {
		switch {
		case v == nil || !v.Kind().Number():
		case !strict:
			o.set(name, valueJSON(*v))
		case c.lists:
			o.set(exclusive, valueJSON(*v))
		default:
			o.set(name, valueJSON(*v))
			o.set(exclusive, true)
		}
	}
	limit(t.Minimum, "minimum", "exclusiveMinimum", t.ExclMin)
	limit(t.Maximum, "maximum", "exclusiveMaximum", t.ExclMax)
}

func (c *components) lengths(o *object, t *schema.Type, least, most string) {
	if t.MinLength != nil && *t.MinLength > 0 {
		o.set(least, *t.MinLength)
	}
	if t.MaxLength != nil {
		o.set(most, *t.MaxLength)
	}
}

func (c *components) list(o *object, t *schema.Type) {
	c.kind(o, t, "array")
	if t.Elem != nil && t.Elem.Kind == schema.KindNever {
		o.set("items", object{})
		o.set("maxItems", 0)
		return
	}
	o.set("items", c.ref(t.Elem))
	c.lengths(o, t, "minItems", "maxItems")
	if t.Unique {
		o.set("uniqueItems", true)
	}
}

func (c *components) record(o *object, t *schema.Type) {
	c.kind(o, t, "object")
	var required array
	var properties object
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Required {
			required = append(required, f.Name)
		}
		properties.set(f.Name, c.describe(f.Type, f))
	}
	if len(required) > 0 {
		o.set("required", required)
	}
	if len(properties) > 0 {
		o.set("properties", properties)
	}
	if !t.Open {
		o.set("additionalProperties", false)
	}
	choices(o, t)
}

// union writes the variants: oneOf where a tag tells them apart, anyOf otherwise, for a value may fit two of them.
func (c *components) union(o *object, t *schema.Type) {
	word := "anyOf"
	if t.Tag != "" {
		word = "oneOf"
	}
	var variants array
	null := t.Nullable
	for _, v := range t.Variants {
		if v.Kind == schema.KindNull {
			null = true
			continue
		}
		variants = append(variants, c.ref(v))
	}
	if null {
		variants = append(variants, c.null())
	}
	o.set(word, variants)
	if t.Tag == "" || null || c.bare {
		return
	}
	var mapping object
	for _, v := range t.Variants {
		i := v.Index(t.Tag)
		if v.Name == "" || v.Kind != schema.KindRecord || i < 0 {
			return // a discriminator needs references
		}
		for _, word := range v.Fields[i].Type.Enum {
			if word.Kind().Textual() {
				mapping.set(word.Str(), "#/components/schemas/"+c.name(v))
			}
		}
	}
	discriminator := object{{"propertyName", t.Tag}}
	if len(mapping) > 0 {
		discriminator.set("mapping", mapping)
	}
	o.set("discriminator", discriminator)
}

// values writes what is said of single values: the only ones, the default, an example.
func (c *components) values(o *object, t *schema.Type) {
	if len(t.Enum) > 0 {
		var words array
		null := false
		for _, v := range t.Enum {
			words = append(words, valueJSON(v))
			null = null || v.Kind() == schema.KindNull
		}
		if t.Nullable && !null {
			words = append(words, raw("null"))
		}
		o.set("enum", words)
	}
	if !t.Default.IsAbsent() {
		o.set("default", valueJSON(t.Default))
	}
	if t.Example.IsAbsent() {
		return
	}
	if c.lists {
		o.set("examples", array{valueJSON(t.Example)})
	} else {
		o.set("example", valueJSON(t.Example))
	}
}

// statusText is the key of a response: 200, 4XX or default.
func statusText(status int) string {
	switch {
	case status == 0:
		return "default"
	case status < 10:
		return strconv.Itoa(status) + "XX"
	}
	return strconv.Itoa(status)
}
