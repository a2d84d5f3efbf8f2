package queue

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"fondaco/schema"
)

// template is a topic or a routing key with holes for parameters.
type template struct {
	text  string
	parts []part
	form  *regexp.Regexp // of what is made of it
}

// part is literal text, or the name of a parameter.
type part struct {
	text string
	hole bool
	at   int // where it stands in the text of the template
}

var holeForm = regexp.MustCompile(`\{[^{}]*\}`)

// badTopic says why a template is invalid, and where.
type badTopic struct {
	from, to      int
	message, hint string
}

// parseTopic reads a template.
func parseTopic(text string) (*template, *badTopic) {
	t := &template{text: text}
	last := 0
	for _, m := range holeForm.FindAllStringIndex(text, -1) {
		t.parts = append(t.parts, part{text: text[last:m[0]], at: last}, part{text: text[m[0]+1 : m[1]-1], hole: true, at: m[0]})
		last = m[1]
	}
	t.parts = append(t.parts, part{text: text[last:], at: last})
	var form strings.Builder
	for _, p := range t.parts {
		if p.hole {
			form.WriteString(`([^/]+)`)
			continue
		}
		form.WriteString(regexp.QuoteMeta(p.text))
		if i := strings.IndexAny(p.text, "{}"); i >= 0 {
			return nil, &badTopic{p.at + i, p.at + i + 1, "found a brace of no pair, expected {name}", ""}
		}
		if i := strings.IndexFunc(p.text, forbidden); i >= 0 {
			r, n := utf8.DecodeRuneInString(p.text[i:])
			return nil, &badTopic{
				p.at + i, p.at + i + n, fmt.Sprintf("found %q, expected one topic without wildcards", r),
				"write {name} for a word that is a parameter",
			}
		}
	}
	switch {
	case text == "":
		return nil, &badTopic{0, 0, "the topic is empty", ""}
	case len(text) > mostTopic:
		return nil, &badTopic{0, len(text), fmt.Sprintf("it has %d bytes, expected %d at most", len(text), mostTopic), ""}
	case strings.HasPrefix(text, "$"):
		return nil, &badTopic{0, 1, "found $, with which the topics begin that are the broker's own", ""}
	}
	t.form = regexp.MustCompile(`^` + form.String() + `$`)
	return t, nil
}

// mostTopic is how many bytes a topic or a routing key may have: those of a short string of AMQP.
const mostTopic = 255

// forbidden reports whether a character stands in no topic and no routing key that is published to.
func forbidden(r rune) bool {
	return r == '+' || r == '#' || r == '*' || unicode.IsControl(r) || r == utf8.RuneError || r == '\u2028' || r == '\u2029'
}

// holes lists the names of the parameters, each once.
func (t *template) holes() (names []string) {
	for _, p := range t.parts {
		if p.hole && !slices.Contains(names, p.text) {
			names = append(names, p.text)
		}
	}
	return names
}

var (
	errEmptyWord = errors.New("it is empty")
	errWord      = errors.New("it holds a wildcard, a control character, or what separates words")
	errLongTopic = fmt.Errorf("the topic is longer than %d bytes", mostTopic)
	errOwnTopic  = errors.New("the topic begins with $: it is the broker's own")
)

// fill returns the topic with values in its holes. The error names the parameter, without its value. dots says that words are separated by
// dots.
func (t *template) fill(value func(name string) schema.Value, dots bool) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		if !p.hole {
			b.WriteString(p.text)
			continue
		}
		text := argument(value(p.text))
		var err error
		switch {
		case text == "":
			err = errEmptyWord
		case strings.ContainsFunc(text, forbidden), strings.Contains(text, "/"), dots && strings.Contains(text, "."):
			err = errWord
		}
		if err != nil {
			return "", fmt.Errorf("the parameter %s cannot be a word of a topic: %w", p.text, err)
		}
		b.WriteString(text)
	}
	switch {
	case b.Len() > mostTopic:
		return "", errLongTopic
	case strings.HasPrefix(b.String(), "$"):
		return "", errOwnTopic
	}
	return b.String(), nil
}

// words returns the values that stand in the holes of a topic; false if it is none of the template.
func (t *template) words(topic string) (map[string]string, bool) {
	found := t.form.FindStringSubmatch(topic)
	if found == nil {
		return nil, false
	}
	words, i := map[string]string{}, 0
	for _, p := range t.parts {
		if p.hole {
			i++
			words[p.text] = found[i]
		}
	}
	return words, true
}

// argument returns a value as it stands in a topic.
func argument(v schema.Value) string {
	switch {
	case v.Kind().Textual():
		return v.Str()
	case v.Kind() == schema.KindInt:
		return fmt.Sprint(v.Int())
	}
	return ""
}

// wordsOf makes the template that finds the words of a topic that is received; {#} stands for all that follow.
func wordsOf(text string) *template {
	t := &template{text: text}
	var form strings.Builder
	last := 0
	literal := func(text string, at int) {
		t.parts = append(t.parts, part{text: text, at: at})
		form.WriteString(regexp.QuoteMeta(text))
	}
	for _, m := range holeForm.FindAllStringIndex(text, -1) {
		before := text[last:m[0]]
		name := text[m[0]+1 : m[1]-1]
		switch {
		case name == "#" && before != "":
			literal(strings.TrimSuffix(before, "/"), last)
			form.WriteString(`((?:/.*)?)`) // a topic without the last level fits too
		case name == "#":
			form.WriteString(`(.*)`)
		default:
			literal(before, last)
			form.WriteString(`([^/]*)`)
		}
		t.parts = append(t.parts, part{text: name, hole: true, at: m[0]})
		last = m[1]
	}
	literal(text[last:], last)
	t.form = regexp.MustCompile(`(?s)^` + form.String() + `$`)
	return t
}
