// Package mask shows people what went between us and a system, without its secrets and personal data. What is hidden is
// found by name, as connectors mark it and as secrets are usually called, and by value: a text that is known to be secret
// or personal is hidden wherever it stands.
package mask

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"fondaco/connectors"
	"fondaco/schema"
)

// Hidden is what stands where something is hidden.
const Hidden = "***"

// The shortest texts that are hidden by value: shorter ones would be found everywhere.
const (
	leastSecret   = 2
	leastPersonal = 4
)

// Mask knows what of a connector's messages is hidden. Learn first, then show: not for concurrent use.
type Mask struct {
	personal bool                // personal data is hidden too
	names    map[string]bool     // of fields that are hidden
	wrapping map[string]bool     // of fields that hold hidden ones: documents within text
	texts    map[string]struct{} // that are hidden wherever they stand
	replacer *strings.Replacer   // of texts; nil if they have changed
}

// New returns the mask of a connector: its fields that are marked secret or only ever sent, and, if personal is true, those
// that are personal data.
func New(c *connectors.Connector, personal bool) *Mask {
	m := &Mask{personal: personal, names: map[string]bool{}, wrapping: map[string]bool{}, texts: map[string]struct{}{}}
	for _, op := range c.Operations {
		if personal {
			for _, name := range op.Personal {
				m.names[name.Value] = true
			}
		}
		seen := map[*schema.Type]bool{}
		for _, t := range []*schema.Type{op.Input, op.Output, op.Error, op.FaultDetail} {
			m.collect(t, seen)
		}
	}
	for _, name := range c.Proofs() {
		m.names[name] = true
	}
	if c.Session != nil {
		m.names[c.Session.Send.Value] = true
		m.names[http.CanonicalHeaderKey(c.Session.Send.Value)] = true
	}
	return m
}

// hides reports whether values of a type are hidden as a whole.
func (m *Mask) hides(t *schema.Type) bool { return t.Secret || m.personal && t.Personal }

// collect notes the names of the fields in t that are hidden, and reports whether there are any.
func (m *Mask) collect(t *schema.Type, seen map[*schema.Type]bool) bool {
	if t == nil {
		return false
	}
	if known, been := seen[t]; been {
		return known
	}
	found := m.hides(t)
	seen[t] = found
	for i := range t.Fields {
		f := &t.Fields[i]
		name := wireName(f.Name)
		within := m.collect(f.Type, seen)
		switch {
		case m.hides(f.Type) || f.WriteOnly || f.Type.Elem != nil && m.hides(f.Type.Elem):
			m.names[name], found = true, true
		case within:
			m.wrapping[name], found = true, true
			if at := f.Type.Index("value"); f.Type.Kind == schema.KindRecord && at >= 0 && m.hides(f.Type.Fields[at].Type) {
				m.names[name] = true // the text of an element with attributes
			}
		}
	}
	found = m.collect(t.Elem, seen) || found
	for _, v := range t.Variants {
		found = m.collect(v, seen) || found
	}
	seen[t] = found
	return found
}

// wireName returns the name on the wire of a field that was renamed to differ from another one of its name.
func wireName(field string) string {
	return strings.TrimRight(strings.TrimSuffix(field, "_attribute"), "_")
}

// Fork returns a mask that knows what m knows, and learns for itself. It may be called concurrently, once m learns nothing
// more.
func (m *Mask) Fork() *Mask {
	return &Mask{personal: m.personal, names: m.names, wrapping: m.wrapping, texts: maps.Clone(m.texts)}
}

// Secret learns a text that is a secret.
func (m *Mask) Secret(text string) { m.learn(text, leastSecret) }

func (m *Mask) learn(text string, least int) {
	if len(text) < least {
		return
	}
	m.replacer = nil
	query := url.QueryEscape(text)
	forms := []string{text, query, strings.ReplaceAll(query, "+", "%20"), url.PathEscape(text), xmlEscaped(text), jsonEscaped(text)}
	for _, form := range forms {
		m.texts[form] = struct{}{}
	}
}

// Value learns the personal data and secrets that a value holds: they are then hidden also where another name, or none,
// stands beside them.
func (m *Mask) Value(v schema.Value, t *schema.Type) { m.value(v, t, false) }

func (m *Mask) value(v schema.Value, t *schema.Type, hidden bool) {
	hidden = hidden || t != nil && m.hides(t)
	switch v.Kind() {
	case schema.KindList:
		for _, x := range v.Items() {
			m.value(x, elem(t), hidden)
		}
	case schema.KindMap:
		for i, x := range v.Map().Values {
			m.value(x, elem(t), hidden || m.named(v.Map().Keys[i]))
		}
	case schema.KindRecord:
		for i, f := range v.Type().Fields {
			m.value(v.Field(i), fieldType(t, &v.Type().Fields[i]), hidden || m.named(f.Name))
		}
	default:
		if hidden {
			m.learn(scalar(v), leastPersonal)
		}
	}
}

// elem returns the type of what a list or map holds, nil if it is not known.
func elem(t *schema.Type) *schema.Type {
	if t == nil {
		return nil
	}
	return t.Elem
}

// fieldType returns the type that t declares for a field, else the field's own.
func fieldType(t *schema.Type, f *schema.Field) *schema.Type {
	if t != nil && t.Kind == schema.KindRecord {
		if at := t.Index(f.Name); at >= 0 {
			return t.Fields[at].Type
		}
	}
	return f.Type
}

// named reports whether what stands under a name is hidden.
func (m *Mask) named(name string) bool {
	return m.names[name] || m.names[wireName(name)] || secretive(name)
}

// part reports whether what a query or a form has under a name is hidden: also of a field in brackets, as filtro[codice]
// of the style deepObject.
func (m *Mask) part(name string) bool {
	object, field, _ := strings.Cut(strings.TrimSuffix(name, "]"), "[")
	return m.named(name) || m.named(object) || field != "" && m.named(field)
}

// secretive reports whether something by its name is likely a secret.
func secretive(name string) bool {
	name = strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(name))
	for _, word := range []string{"password", "passwd", "secret", "apikey"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return strings.HasSuffix(name, "pwd") || slices.Contains([]string{
		"authorization", "proxyauthorization", "cookie", "setcookie", "pin", "token", "accesstoken", "refreshtoken",
		"idtoken", "assertion", "clientassertion", "parolachiave",
	}, name)
}

// Text returns a text with what is known to be hidden replaced.
func (m *Mask) Text(s string) string {
	if m.replacer == nil {
		texts := make([]string, 0, len(m.texts))
		for text := range m.texts {
			texts = append(texts, text)
		}
		slices.SortFunc(texts, func(a, b string) int { // the longest first: one may be a part of another
			if len(a) != len(b) {
				return len(b) - len(a)
			}
			return strings.Compare(a, b)
		})
		pairs := make([]string, 0, 2*len(texts))
		for _, text := range texts {
			pairs = append(pairs, text, Hidden)
		}
		m.replacer = strings.NewReplacer(pairs...)
	}
	return m.replacer.Replace(s)
}

// Header returns the fields of a head, in the order of their names.
func (m *Mask) Header(h http.Header) (fields [][2]string) {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range h[name] {
			if m.named(name) || secretive(name) {
				if scheme, _, found := strings.Cut(value, " "); found && strings.Contains(name, "Authorization") {
					value = scheme + " " + Hidden
				} else {
					value = Hidden
				}
			}
			fields = append(fields, [2]string{name, m.Text(value)})
		}
	}
	return fields
}

// URL returns an address.
func (m *Mask) URL(u *url.URL) string {
	shown := *u
	shown.User = nil
	pairs := strings.Split(u.RawQuery, "&")
	for i, pair := range pairs {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil && m.part(plain) {
			pairs[i] = name + "=" + Hidden
		}
	}
	shown.RawQuery = strings.Join(pairs, "&")
	return m.Text(shown.String())
}
