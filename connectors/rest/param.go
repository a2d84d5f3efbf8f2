package rest

import (
	"fmt"
	"mime"

	"fondaco/config"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/funcs"
)

// param is a parameter, or a field of a form.
type param struct {
	name   string
	in     string // path, query, header, cookie; form for a field of a form
	field  int    // in the operation's input
	t      *schema.Type
	layout layout
	json   bool               // the value is written as JSON: content: application/json
	auto   bool               // of a form: single values are written as they are, lists one by one, and what is nested as JSON
	taken  []string           // names that the fields of a map may not have
	decode *codec.JSONDecoder // of the simulator, where JSON is read
}

// parameter is one parameter before it has its place in the input.
type parameter struct {
	name, in          string
	t                 *schema.Type
	required          bool
	doc               string
	style             string // "" for the place's own
	explode, reserved bool
	content           string      // a media type, "" for a style
	key               config.Text // by hand, its place in the connector
	ticket            bool        // of a session: it keeps its name, and as a cookie it is sent as it was given
}

// laidOut returns the parameter as it is written, and why it cannot be.
func (x *parameter) laidOut() (param, error) {
	p := param{name: x.name, in: x.in, t: x.t}
	style := x.style
	if style == "" {
		style = styles[x.in][0]
	}
	if x.content != "" {
		base, params, err := mime.ParseMediaType(x.content)
		if err != nil {
			return p, fmt.Errorf("content %q is not a media type", x.content)
		}
		switch charset, err := codec.CharsetOf(params["charset"]); {
		case err != nil || charset != nil:
			return p, fmt.Errorf("content %s is not supported: parameters are in UTF-8", x.content)
		case jsonLike(base):
			p.json, p.decode = true, codec.CompileJSON(x.t, codec.JSONOptions{})
		case base != "text/plain":
			return p, fmt.Errorf("content %s is not supported, expected application/json or text/plain", x.content)
		case !schema.Single(x.t):
			return p, fmt.Errorf("content text/plain holds a single value, and its schema is of %s", schema.Noun(x.t))
		}
		p.layout = layoutOf(x.in, styles[x.in][0], false, false)
		return p, nil
	}
	if err := checkStyle(x.in, style, x.explode, x.t); err != nil {
		return p, err
	}
	p.layout = layoutOf(x.in, style, x.explode, x.reserved)
	if x.ticket && x.in == "cookie" {
		p.layout.write, p.layout.read = unchanged, func(s string) (string, error) { return s, nil }
	}
	return p, nil
}

// expand appends the parameter's part of a request for a value, of limit bytes at most in all.
func (p *param) expand(dst []byte, v schema.Value, limit int) ([]byte, error) {
	switch {
	case p.json && !v.IsAbsent():
		return p.asJSON(dst, v, limit)
	case p.auto:
		return p.automatic(dst, v, limit)
	}
	return p.layout.expand(dst, p.name, v, limit, p.taken)
}

// asJSON appends a value as JSON.
func (p *param) asJSON(dst []byte, v schema.Value, limit int) ([]byte, error) {
	text, err := codec.AppendJSONWithin(nil, v, limit)
	if err != nil {
		return dst, err
	}
	return p.layout.expand(dst, p.name, schema.Text(string(text)), limit, nil)
}

// automatic appends a field of a form as OpenAPI has it where nothing is said: single values as text, lists one item at a
// time, objects as JSON (Encoding Object, contentType).
func (p *param) automatic(dst []byte, v schema.Value, limit int) ([]byte, error) {
	switch v.Kind() {
	case schema.KindAbsent, schema.KindNull:
		return dst, nil
	case schema.KindRecord, schema.KindMap:
		return p.asJSON(dst, v, limit)
	case schema.KindList:
		for _, item := range v.Items() {
			var err error
			if item.Kind() == schema.KindList {
				dst, err = p.asJSON(dst, item, limit)
			} else {
				dst, err = p.automatic(dst, item, limit)
			}
			if err != nil {
				return dst, err
			}
		}
		return dst, nil
	}
	return p.layout.expand(dst, p.name, schema.Text(funcs.Print(v)), limit, nil)
}
