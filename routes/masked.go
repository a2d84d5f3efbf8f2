package routes

import (
	"fmt"
	"net/url"
	"slices"

	"fondaco/connectors"
	"fondaco/connectors/mask"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// Masked is a message as people see it who gave no reason: personal data, secrets, and what no type describes are hidden.
type Masked struct {
	Body string // for people to read

	mask    *mask.Mask
	keyless bool
}

// Text returns a text that stands beside the body, as a header, with what is hidden in the body hidden there too.
func (m Masked) Text(s string) string { return m.mask.Text(s) }

// Key returns the message's key, hidden where it is made of personal data.
func (m Masked) Key(key string) string {
	if m.keyless && key != "" {
		return mask.Hidden
	}
	return m.Text(key)
}

// Untyped returns a message whose type is not known, as where its route is gone: nothing of its body is shown.
func Untyped(body []byte) Masked {
	return Masked{mask: noMask(), Body: fmt.Sprintf("(%d bytes: no route of the project reads them, so personal data cannot be recognized)",
		len(body)), keyless: true}
}

func noMask() *mask.Mask { return mask.New(&connectors.Connector{}, true) }

// Mask returns the body of a message of the consumer for people.
func (c *Consumer) Mask(body []byte) Masked {
	v, t, ok := c.read(body)
	if !ok {
		m := Untyped(body)
		m.Body = fmt.Sprintf("(%d bytes that cannot be read, so personal data cannot be recognized)", len(body))
		return m
	}
	h := &hiding{mask: noMask()}
	shown := h.shown(v, []*schema.Type{t})
	text := h.mask.Body("application/json", h.mask.JSON(shown, nil))
	if h.learned > mostLearned { // what is hidden might stand elsewhere too, and that cannot be looked for
		text = fmt.Sprintf("(%d bytes, with more than %d values that are personal or of no type)", len(body), mostLearned)
	}
	return Masked{Body: text, mask: h.mask, keyless: c.PersonalKey}
}

var readAny = codec.CompileJSON(schema.TypeAny, codec.JSONOptions{})

// reads returns what reads a body of JSON that is, or is meant to be, of a type.
func reads(t *schema.Type) func(body []byte) (schema.Value, *schema.Type, bool) {
	return func(body []byte) (schema.Value, *schema.Type, bool) {
		v, err := readAny.Decode(body)
		return v, t, err == nil
	}
}

// readsAccepted returns what reads an accepted request of a route, with its parameters by their names.
func readsAccepted(r *TypedRoute) func(body []byte) (schema.Value, *schema.Type, bool) {
	var fields []schema.Field
	for i, place := range places {
		fields = append(fields, schema.Field{Name: place, Type: r.params[i].Record})
	}
	if r.Model.Body != nil {
		fields = append(fields, schema.Field{Name: "body", Type: r.Model.Body})
	}
	t := schema.RecordType(append(fields, schema.Field{Name: "user", Type: trigger.UserType.OrNull()})...)
	return func(body []byte) (v schema.Value, _ *schema.Type, ok bool) {
		req, err := unpackRequest(body)
		if err != nil {
			return v, nil, false
		}
		out := &schema.Map{}
		add := func(name string, v schema.Value) {
			out.Keys, out.Values = append(out.Keys, name), append(out.Values, v)
		}
		path, query, header := &schema.Map{}, &schema.Map{}, &schema.Map{}
		for i, p := range r.params[0].Describe("") {
			if i < len(req.Path) {
				path.Keys, path.Values = append(path.Keys, p.Name), append(path.Values, schema.Text(req.Path[i]))
			}
		}
		pairs, err := url.ParseQuery(req.Query)
		if err != nil {
			return v, nil, false
		}
		for _, p := range r.params[1].Describe("") {
			listed(query, p.Name, pairs[p.Name])
		}
		for _, p := range r.params[2].Describe("") {
			listed(header, p.Name, req.Header.Values(p.Name))
		}
		for i, m := range []*schema.Map{path, query, header} {
			if len(m.Keys) > 0 {
				add(places[i], schema.MapOf(m))
			}
		}
		if r.Model.Body != nil {
			inner, err := readAny.Decode(req.Body)
			if err != nil {
				return v, nil, false
			}
			add("body", inner)
		}
		if !req.User.IsNil() {
			add("user", req.User)
		}
		return schema.MapOf(out), t, true
	}
}

// listed adds the values of a parameter.
func listed(m *schema.Map, name string, values []string) {
	if len(values) == 0 {
		return
	}
	var items []schema.Value
	for _, v := range values {
		items = append(items, schema.Text(v))
	}
	v := schema.List(items)
	if len(items) == 1 {
		v = items[0]
	}
	m.Keys, m.Values = append(m.Keys, name), append(m.Values, v)
}

const (
	leastLearned = 4    // characters of a hidden text that is hidden elsewhere too: a shorter one is found everywhere
	mostLearned  = 2000 // texts that are hidden elsewhere too
)

// hiding is a value on its way to people.
type hiding struct {
	mask    *mask.Mask
	learned int
}

// hide returns what stands in the place of a value, and learns its texts.
func (h *hiding) hide(v schema.Value) schema.Value {
	switch v.Kind() {
	case schema.KindAbsent, schema.KindNull:
		return v
	case schema.KindList:
		for _, x := range v.Items() {
			h.hide(x)
		}
	case schema.KindMap:
		for i, x := range v.Map().Values {
			h.learn(v.Map().Keys[i])
			h.hide(x)
		}
	case schema.KindRecord:
		for _, x := range v.Fields() {
			h.hide(x)
		}
	case schema.KindBool:
	default:
		switch {
		case v.HasText():
			h.learn(v.Str())
		case v.Kind().Number():
			h.learn(string(schema.AppendNumber(nil, v)))
		}
	}
	return schema.Text(mask.Hidden)
}

func (h *hiding) learn(text string) {
	if len(text) < leastLearned {
		return
	}
	if h.learned++; h.learned <= mostLearned {
		h.mask.Secret(text)
	}
}

// shown returns a value whose type is one of several, with what is hidden replaced. Where one of the types hides it, or
// none describes it, it is hidden.
func (h *hiding) shown(v schema.Value, types []*schema.Type) schema.Value {
	types = flat(types)
	if len(types) == 0 || slices.ContainsFunc(types, func(t *schema.Type) bool {
		return t.Personal || t.Secret || t.Kind == schema.KindAny || t.Kind == schema.KindUnknown
	}) {
		return h.hide(v)
	}
	switch v.Kind() {
	case schema.KindAbsent, schema.KindNull:
		return v
	case schema.KindList:
		return h.list(v, types)
	case schema.KindMap:
		return h.entries(v.Map(), types)
	case schema.KindRecord:
		out := &schema.Map{}
		for i := range v.Type().Fields {
			if !v.Field(i).IsAbsent() {
				out.Keys, out.Values = append(out.Keys, v.Type().Fields[i].Name), append(out.Values, v.Field(i))
			}
		}
		return h.entries(out, types)
	}
	if slices.ContainsFunc(types, func(t *schema.Type) bool {
		return t.Kind != schema.KindList && t.Kind != schema.KindRecord && t.Kind != schema.KindMap
	}) {
		return v
	}
	return h.hide(v)
}

func (h *hiding) list(v schema.Value, types []*schema.Type) schema.Value {
	var elems []*schema.Type
	for _, t := range types {
		if t.Kind == schema.KindList && t.Elem != nil {
			elems = append(elems, t.Elem)
		}
	}
	items := make([]schema.Value, v.Len())
	for i, x := range v.Items() {
		items[i] = h.shown(x, elems)
	}
	return schema.List(items)
}

// entries shows named values. What no type names is hidden with its name.
func (h *hiding) entries(m *schema.Map, types []*schema.Type) schema.Value {
	out, unknown := &schema.Map{}, false
	for i, name := range m.Keys {
		var inner []*schema.Type
		for _, t := range types {
			at := t.Index(name)
			switch {
			case t.Kind == schema.KindMap && t.Elem != nil:
				inner = append(inner, t.Elem)
			case t.Kind == schema.KindRecord && at >= 0:
				inner = append(inner, t.Fields[at].Type)
				if t.Fields[at].WriteOnly {
					inner = append(inner, schema.TypeUnknown)
				}
			}
		}
		if len(inner) == 0 {
			h.learn(name)
			h.hide(m.Values[i])
			unknown = true
			continue
		}
		out.Keys, out.Values = append(out.Keys, name), append(out.Values, h.shown(m.Values[i], inner))
	}
	if unknown {
		out.Keys, out.Values = append(out.Keys, mask.Hidden), append(out.Values, schema.Text(mask.Hidden))
	}
	return schema.MapOf(out)
}

// flat returns the types with the variants of unions in their place.
func flat(types []*schema.Type) []*schema.Type {
	var all []*schema.Type
	for _, t := range types {
		switch {
		case t == nil:
			all = append(all, schema.TypeUnknown)
		case t.Kind == schema.KindUnion && !t.Personal && !t.Secret:
			all = append(all, flat(t.Variants)...)
		default:
			all = append(all, t)
		}
	}
	return all
}
