package trigger

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"fondaco/schema"
)

// Language is what built-in problems are written in: "" and "en" for English, as they stand in the code, "it" for Italian. What a
// project writes itself stays as it is.
type Language string

// Problem returns p in the language; p itself, which is for logs too, stays in English.
func (l Language) Problem(p *Problem) *Problem {
	if l != "it" {
		return p
	}
	c := *p
	c.Detail = italian.text(p.Detail)
	if p.Type == "" || p.Title == "" { // the title of a type belongs to who made the type
		c.Title = italian.text(p.title())
	}
	c.Errors = slices.Clone(p.Errors)
	for i := range c.Errors {
		c.Errors[i].Detail = italian.text(c.Errors[i].Detail)
	}
	return &c
}

// Answer returns the media type and the body by which a problem is answered: it is written in the language, or is what stands in its place.
func (l Language) Answer(p *Problem) (contentType string, body []byte) {
	if p.Own != nil {
		return p.Own.ContentType, p.Own.Body
	}
	return ProblemType, l.Problem(p).AppendJSON(make([]byte, 0, 512))
}

// Stored returns the JSON of a problem that was kept, in the language. What is no problem is returned as it is.
func (l Language) Stored(body []byte) []byte {
	if l != "it" {
		return body
	}
	var kept struct {
		Type, Title, Detail, Instance string
		Status                        int
		Errors                        []Invalid
	}
	if err := json.Unmarshal(body, &kept); err != nil || kept.Status == 0 {
		return body
	}
	p := Problem{Type: kept.Type, Title: kept.Title, Status: kept.Status, Detail: kept.Detail, Instance: kept.Instance, Errors: kept.Errors}
	p.Members = furtherMembers(body)
	if p.Type == "about:blank" {
		p.Type = ""
	} else if p.Title == http.StatusText(p.Status) {
		p.Title = ""
	}
	return l.Problem(&p).AppendJSON(nil)
}

// furtherMembers returns the members of a problem that are not its own, in their order, as Problem has them.
func furtherMembers(body []byte) (members []byte) {
	d := json.NewDecoder(bytes.NewReader(body))
	if _, err := d.Token(); err != nil {
		return nil
	}
	for d.More() {
		key, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return nil
		}
		name, _ := key.(string)
		if slices.ContainsFunc(ProblemSchema.Fields, func(own schema.Field) bool { return own.Name == name }) {
			continue
		}
		if members != nil {
			members = append(members, ',')
		}
		members = append(append(appendText(members, name), ':'), value...)
	}
	return members
}

// translation is the table of one language.
type translation struct {
	exact map[string]string
	forms []form // texts with holes, in the order in which they are tried
}

// form is a text with holes: what stands between them, and the text that they are put into.
type form struct {
	pieces []string
	to     string
}

// newTranslation reads pairs of a text and its translation; {} in both stands for what changes, in the same order.
func newTranslation(pairs [][2]string) *translation {
	t := &translation{exact: map[string]string{}}
	for _, pair := range pairs {
		from, to := pair[0], pair[1]
		t.exact[from] = to
		if strings.Contains(from, "{}") {
			t.forms = append(t.forms, form{strings.Split(from, "{}"), to})
		}
	}
	// The most particular first, in whatever order they are written.
	slices.SortFunc(t.forms, func(a, b form) int {
		left, right := strings.Join(a.pieces, "{}"), strings.Join(b.pieces, "{}")
		if len(left) != len(right) {
			return len(right) - len(left)
		}
		return strings.Compare(left, right)
	})
	return t
}

// text returns the translation of a text, and the text itself where there is none.
func (t *translation) text(s string) string {
	to, _ := t.find(s, 0)
	return to
}

// deepest is how far texts are looked for within the holes of others.
const deepest = 3

func (t *translation) find(s string, depth int) (string, bool) {
	if to, ok := t.exact[s]; ok {
		return to, true
	}
	if depth == deepest || len(s) > maxDetail {
		return s, false
	}
	for _, f := range t.forms {
		held, ok := f.match(s)
		if !ok {
			continue
		}
		to := f.to
		var b strings.Builder
		for _, h := range held {
			before, after, _ := strings.Cut(to, "{}")
			b.WriteString(before)
			inner, _ := t.find(h, depth+1)
			b.WriteString(inner)
			to = after
		}
		b.WriteString(to)
		return b.String(), true
	}
	return t.alternatives(s, depth)
}

// alternatives translates what is one thing or another, as types are described: each is a quoted text, which stays, or has a translation.
func (t *translation) alternatives(s string, depth int) (string, bool) {
	list := splitUnquoted(s, " or ")
	if len(list) < 2 {
		return s, false
	}
	for i, one := range list {
		if one == "..." || len(one) > 1 && one[0] == '"' && one[len(one)-1] == '"' {
			continue
		}
		to, ok := t.find(one, depth+1)
		if !ok {
			return s, false
		}
		list[i] = to
	}
	return strings.Join(list, " o "), true
}

// splitUnquoted splits a text where a separator stands outside of quotes; nil if a quote does not end.
func splitUnquoted(s, separator string) (list []string) {
	quoted, from := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case !quoted && strings.HasPrefix(s[i:], separator):
			list = append(list, s[from:i])
			from = i + len(separator)
			i = from - 1
		}
	}
	if quoted {
		return nil
	}
	return append(list, s[from:])
}

// match returns what the holes of a form hold in s; a hole is never empty, and ends where what follows it first stands.
func (f *form) match(s string) (held []string, ok bool) {
	s, ok = strings.CutPrefix(s, f.pieces[0])
	if !ok {
		return nil, false
	}
	last := len(f.pieces) - 1
	for i, piece := range f.pieces[1:] {
		at := strings.Index(s, piece)
		if i+1 == last {
			if at = len(s) - len(piece); at < 0 || s[at:] != piece {
				return nil, false
			}
		}
		if at <= 0 {
			return nil, false
		}
		held = append(held, s[:at])
		s = s[at+len(piece):]
	}
	return held, true
}
