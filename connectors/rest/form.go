package rest

import (
	"errors"
	"fmt"
	"mime"
	"net/url"
	"strings"

	"fondaco/openapi"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// form is how an object is written as application/x-www-form-urlencoded.
type form struct {
	t      *schema.Type
	fields []param // of a record, in the order of its fields
	rest   *param  // of a map: how each entry is written

	charset *codec.Charset
}

// formOf prepares the forms of a type. The error says why its values cannot be written as forms.
func formOf(t *schema.Type, encoding map[string]openapi.Encoding, charset *codec.Charset) (*form, error) {
	f := &form{t: t, charset: charset}
	if !charset.Narrow() {
		return nil, fmt.Errorf("a form in %s is not supported; write it in UTF-8 or a charset of one octet a character", charset.Name)
	}
	switch t.Kind {
	case schema.KindMap:
		p, err := formField("", t.Elem, openapi.Encoding{})
		p.layout.write = escapingIn(charset)
		f.rest = &p
		return f, err
	case schema.KindRecord:
		for _, field := range t.Fields {
			p, err := formField(field.Name, field.Type, encoding[field.Name])
			if err != nil {
				return nil, fmt.Errorf("the form's field %s: %w", field.Name, err)
			}
			if !charset.Has(field.Name) {
				return nil, fmt.Errorf("the form's field %s: its name has characters that %s does not have", field.Name, charset.Name)
			}
			p.layout.write = escapingIn(charset)
			for _, other := range t.Fields {
				if other.Name != field.Name {
					p.taken = append(p.taken, other.Name)
				}
			}
			f.fields = append(f.fields, p)
		}
		return f, nil
	}
	return nil, fmt.Errorf("a form holds the fields of an object, and its schema is of %s", schema.Noun(t))
}

// formField returns how a field of a form is written.
func formField(name string, t *schema.Type, e openapi.Encoding) (param, error) {
	if e.Binary {
		return param{}, errors.New("octets as they are (format: binary) are not supported within a form")
	}
	if e.Styled {
		x := parameter{name: name, in: "form", t: t, style: e.Style, explode: e.Explode, reserved: e.AllowReserved}
		return x.laidOut()
	}
	p := param{name: name, in: "form", t: t, layout: layoutOf("form", "form", true, false), decode: codec.CompileJSON(t, codec.JSONOptions{})}
	if e.ContentType == "" {
		p.auto = true
		return p, nil
	}
	base, params, err := mime.ParseMediaType(strings.TrimSpace(strings.Split(e.ContentType, ",")[0]))
	if err != nil {
		return p, fmt.Errorf("contentType %q is not a media type", e.ContentType)
	}
	switch charset, err := codec.CharsetOf(params["charset"]); {
	case err != nil || charset != nil:
		return p, fmt.Errorf("contentType %s is not supported: a field has the charset of its form", e.ContentType)
	case jsonLike(base):
		p.json = true
	case base == "text/plain" && (schema.Single(t) || t.Kind == schema.KindList && schema.Single(t.Elem)):
	default:
		return p, fmt.Errorf("contentType %s is not supported for %s", e.ContentType, schema.Noun(t))
	}
	return p, nil
}

// append appends the fields of v that are the form's, or the entries of a map.
func (f *form) append(dst []byte, v schema.Value, limit int) ([]byte, error) {
	at := len(dst)
	var err error
	for i := range f.fields {
		if err := inCharset(f.charset, v.Get(f.fields[i].name), f.fields[i].name); err != nil {
			return dst, err
		}
		if dst, err = f.fields[i].expand(dst, v.Get(f.fields[i].name), limit); err != nil {
			return dst, err
		}
	}
	if entries := v.Map(); f.rest != nil && entries != nil {
		for i, key := range entries.Keys {
			p := *f.rest
			p.name = key
			if err := inCharset(f.charset, entries.Values[i], key); err != nil {
				return dst, err
			}
			if dst, err = p.expand(dst, entries.Values[i], limit); err != nil {
				return dst, err
			}
		}
	}
	if len(dst) > at { // each part begins with &
		dst = append(dst[:at], dst[at+1:]...)
	}
	return dst, nil
}

// pruned returns how forms are read as values of want: the form's type, or what schema.Prune has left of it.
func (f *form) pruned(want *schema.Type, options codec.JSONOptions) *form {
	own := &form{t: want, charset: f.charset}
	if f.rest != nil && want.Kind == schema.KindMap {
		p := *f.rest
		p.t, p.decode = want.Elem, codec.CompileJSON(want.Elem, options)
		own.rest = &p
		return own
	}
	for _, field := range want.Fields {
		if at := f.t.Index(field.Name); at >= 0 {
			p := f.fields[at]
			p.t, p.decode = field.Type, codec.CompileJSON(field.Type, options)
			own.fields = append(own.fields, p)
		}
	}
	return own
}

// decode reads a form in UTF-8 as a value of its type.
func (f *form) decode(body []byte, l *lenient) (schema.Value, error) {
	ps, err := pairsOf(string(body), "&", url.QueryUnescape)
	if err != nil {
		return schema.Value{}, errNotForm
	}
	if f.rest != nil {
		m := &schema.Map{}
		for _, key := range ps.order {
			p := *f.rest
			p.name, p.layout.lenient = key, l
			v, err := p.fromPairs(ps)
			if err != nil {
				lost, may := l.entry(p.t, err)
				if !may {
					return v, schema.Under(err, key)
				}
				if v = lost; v.IsAbsent() {
					continue
				}
			}
			m.Keys, m.Values = append(m.Keys, key), append(m.Values, v)
		}
		return schema.MapOf(m), nil
	}
	slots := schema.Slots(f.t)
	for i := range f.fields {
		p := &f.fields[i]
		if l != nil {
			own := *p
			own.layout.lenient = l
			p = &own
		}
		at := f.t.Index(p.name)
		v, err := p.fromPairs(ps)
		if err != nil {
			lost, may := l.field(&f.t.Fields[at], err)
			if !may {
				return v, schema.Under(err, p.name)
			}
			slots[at+1] = lost
			continue
		}
		switch {
		case v.IsAbsent() && f.t.Fields[at].Required:
			return v, missing(p.name)
		}
		slots[at+1] = v
	}
	return schema.Complete(f.t, slots)
}

var errNotForm = errors.New("expected a form (application/x-www-form-urlencoded)")
