package files

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"fondaco/connectors/files/driver"
	"fondaco/schema"
)

// template is a path with holes for parameters.
type template struct {
	parts    []part
	patterns bool // * and ? of the last element stand for any text and any character
}

// part is literal text, or the name of a parameter.
type part struct {
	text string
	hole bool
	at   int // where it stands in the text of the template
}

var holeForm = regexp.MustCompile(`\{[^{}]*\}`)

// badTemplate says why a template is invalid, and where.
type badTemplate struct {
	from, to      int
	message, hint string
}

// parseTemplate reads a path.
func parseTemplate(text string, patterns bool) (*template, *badTemplate) {
	t := &template{patterns: patterns}
	last := 0
	for _, m := range holeForm.FindAllStringIndex(text, -1) {
		t.parts = append(t.parts, part{text: text[last:m[0]], at: last}, part{text: text[m[0]+1 : m[1]-1], hole: true, at: m[0]})
		last = m[1]
	}
	t.parts = append(t.parts, part{text: text[last:], at: last})
	for _, p := range t.parts {
		if i := strings.IndexAny(p.text, "{}"); !p.hole && i >= 0 {
			return nil, &badTemplate{p.at + i, p.at + i + 1, "found a brace of no pair, expected {name}", ""}
		}
	}
	example := t.example()
	switch {
	case text == "":
		return nil, &badTemplate{0, 0, "the path is empty", ""}
	case strings.HasPrefix(text, "/"), strings.Contains(text, `\`), len(text) > 1 && text[1] == ':':
		return nil, &badTemplate{0, len(text), fmt.Sprintf("found %q, expected a path relative to the address, with /", text), ""}
	case !driver.ValidPath(example):
		message := fmt.Sprintf("the path %q does not lead to a file below the address", text)
		return nil, &badTemplate{0, len(text), message, "write it as out/{nome}.txt"}
	}
	wild := strings.IndexAny(text, "*?[")
	switch {
	case wild >= 0 && !patterns:
		message := fmt.Sprintf("found %q, expected the path of one file", text[wild:wild+1])
		return nil, &badTemplate{wild, wild + 1, message, "* and ? belong to list and match"}
	case wild >= 0 && text[wild] == '[':
		return nil, &badTemplate{wild, wild + 1, "found [, expected * or ?", ""}
	case strings.ContainsAny(path.Dir(text), "*?"):
		return nil, &badTemplate{wild, wild + 1, "found a sign for any text in a folder's name, expected it in the last element", ""}
	}
	return t, nil
}

// example returns the path with a text in each hole.
func (t *template) example() string {
	var b strings.Builder
	for _, p := range t.parts {
		if p.hole {
			b.WriteString("x")
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
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

// fill returns the path with values in its holes. The error names the parameter that would lead elsewhere, without its value. In a pattern
// values stand for themselves.
func (t *template) fill(value func(name string) schema.Value) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		if !p.hole {
			b.WriteString(p.text)
			continue
		}
		text := argument(value(p.text))
		if err := driver.CheckName("x" + text); err != nil || text == "" {
			if text == "" {
				err = errEmpty
			}
			return "", fmt.Errorf("the parameter %s cannot be a part of a file's name: %w", p.text, err)
		}
		if t.patterns {
			text = quoted.Replace(text)
		}
		b.WriteString(text)
	}
	whole := b.String()
	for _, element := range strings.Split(whole, "/") {
		if t.patterns {
			element = strings.ReplaceAll(element, `\`, "")
		}
		if err := driver.CheckName(element); err != nil {
			return "", fmt.Errorf("the parameters %s make no name of a file: %w", strings.Join(t.holes(), ", "), err)
		}
	}
	return whole, nil
}

var quoted = strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`)

// argument returns a value as it stands in a path.
func argument(v schema.Value) string {
	switch {
	case v.Kind().Textual():
		return v.Str()
	case v.Kind() == schema.KindInt:
		return fmt.Sprint(v.Int())
	}
	return ""
}
