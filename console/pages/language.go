package pages

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fondaco/routes"
)

// language is that of a page's texts: it or en.
type language string

// text returns a text of the table, and the key itself with a question mark for one that it does not have.
func (l language) text(key string, values ...any) string {
	p, known := texts[key]
	text := p.it
	switch {
	case !known:
		return "?" + key
	case l == "en":
		text = p.en
	}
	if len(values) > 0 {
		return fmt.Sprintf(text, values...)
	}
	return text
}

// languageOf returns the language that the operator's browser likes best of ours (RFC 9110, 12.5.4), that of the project if it likes
// neither, and Italian if nothing is said.
func languageOf(accept string, t *routes.Typed) language {
	best, most := language(""), 0.0
	for part := range strings.SplitSeq(accept, ",") {
		tag, rest, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if text, weighs := strings.CutPrefix(strings.ReplaceAll(rest, " ", ""), "q="); weighs {
			q, _ = strconv.ParseFloat(text, 64)
		}
		name, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if slices.Contains([]string{"it", "en"}, name) && q > most {
			best, most = language(name), q
		}
	}
	if best == "" && t != nil && t.Model.Project.Language == "en" {
		return "en"
	}
	if best == "" {
		return "it"
	}
	return best
}
