package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"fondaco/config/diag"
)

// ErrNoReference says that a reference names nothing that is there.
var ErrNoReference = errors.New("is not set")

// Ref is a text that may hold ${env.X}, ${secret.x} and ${param.x}: taken apart at load, put together at start. The zero
// Ref is the empty text. It is not changed after loading.
type Ref struct {
	Text   Text
	parts  []part
	broken bool // a reference in it cannot be: that is reported
}

// part is literal text, or a reference if space is not empty.
type part struct {
	space, text string
	pos         diag.Pos
}

// Name is one reference.
type Name struct {
	Space string // env, secret, param
	Name  string
	Pos   diag.Pos
}

// ParseRefs takes a text apart. allow lists the spaces that may be named; $${ is a literal ${. It reports references
// that cannot be; the Ref is of use even then.
func ParseRefs(t Text, allow []string, out *diag.List) Ref {
	r := Ref{Text: t}
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			r.parts = append(r.parts, part{text: literal.String()})
			literal.Reset()
		}
	}
	for i := 0; i < len(t.Value); {
		switch {
		case strings.HasPrefix(t.Value[i:], "$${"):
			literal.WriteString("${")
			i += 3
		case strings.HasPrefix(t.Value[i:], "${"):
			end := strings.IndexByte(t.Value[i:], '}')
			if end < 0 {
				out.Report(diag.BadReference, t.At(i), "found ${ that is not closed").WithLen(2).
					WithHint("close it with }, or write $${ for the characters themselves")
				r.broken = true
				return r
			}
			flush()
			inside := t.Value[i+2 : i+end]
			if space, name, ok := reference(t, i, inside, allow, out); ok {
				r.parts = append(r.parts, part{space, name, t.At(i)})
			} else {
				r.broken = true
			}
			i += end + 1
		default:
			literal.WriteByte(t.Value[i])
			i++
		}
	}
	flush()
	return r
}

func reference(t Text, at int, inside string, allow []string, out *diag.List) (space, name string, ok bool) {
	forms := make([]string, len(allow))
	for i, a := range allow {
		forms[i] = "${" + a + ".NAME}"
	}
	space, name, _ = strings.Cut(strings.TrimSpace(inside), ".")
	report := func() *diag.Problem {
		return out.Report(diag.BadReference, t.At(at), "found ${%s}, expected %s", shorten(inside), strings.Join(forms, " or ")).
			WithLen(len([]rune(inside)) + 3)
	}
	if !slices.Contains(allow, space) {
		p := report()
		if near := diag.Nearest(space, allow); near != "" {
			p.WithHint("did you mean ${%s.%s}?", near, name)
		}
		return "", "", false
	}
	for i := range len(name) {
		if c := name[i] | 0x20; c >= 'a' && c <= 'z' || name[i] == '_' || i > 0 && (c >= '0' && c <= '9' || c == '-') {
			continue
		}
		report().WithHint("names have ASCII letters, digits, - and _")
		return "", "", false
	}
	if name == "" || len(name) > 100 {
		report()
		return "", "", false
	}
	return space, name, true
}

// IsLiteral reports whether nothing is referred to, rightly or wrongly.
func (r Ref) IsLiteral() bool {
	return !r.broken && !slices.ContainsFunc(r.parts, func(p part) bool { return p.space != "" })
}

// IsZero reports whether the text is empty.
func (r Ref) IsZero() bool { return r.Text.Value == "" }

// HasSecret reports whether a secret is part of it.
func (r Ref) HasSecret() bool {
	return slices.ContainsFunc(r.parts, func(p part) bool { return p.space == "secret" })
}

// Names lists what is referred to, in order.
func (r Ref) Names() []Name {
	var names []Name
	for _, p := range r.parts {
		if p.space != "" {
			names = append(names, Name{p.space, p.text, p.pos})
		}
	}
	return names
}

// Resolve puts the text together. lookup returns what a name stands for and whether it is secret; secret reports whether
// anything in the text is. The error wraps ErrNoReference and names the reference, never a value.
func (r Ref) Resolve(lookup func(space, name string) (value string, secret, ok bool)) (text string, secret bool, err error) {
	var b strings.Builder
	for _, p := range r.parts {
		if p.space == "" {
			b.WriteString(p.text)
			continue
		}
		value, hidden, ok := lookup(p.space, p.text)
		if !ok {
			return "", secret, fmt.Errorf("%s: ${%s.%s} %w", p.pos, p.space, p.text, ErrNoReference)
		}
		secret = secret || hidden
		b.WriteString(value)
	}
	return b.String(), secret, nil
}

// CheckSecret reports a secret that is written into the file: a parameter with secret: true takes ${secret.x} or
// ${env.X} and no text of its own. name is the parameter's.
func CheckSecret(name string, r Ref, out *diag.List) {
	if len(r.parts) == 0 || slices.ContainsFunc(r.parts, func(p part) bool { return p.space != "" }) {
		return
	}
	r.Text.Report(out, diag.LiteralSecret, "%s: a secret is written into the file", name).
		WithHint("write ${secret.%s}, and put the value into the secrets folder or FONDACO_SECRET_%s", secretName(name), secretVariable(name))
}

func secretName(name string) string { return strings.ReplaceAll(strings.ToLower(name), "-", "_") }

// secretVariable returns the environment's name for a secret, without the prefix.
func secretVariable(name string) string {
	return strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
}
