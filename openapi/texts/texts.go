// Package texts holds what Fondaco itself writes into the documents of an API, in the languages of a project: one table, looked up by
// key. What a project says itself, and the names of operations, are not texts: they are the same in every language.
package texts

import (
	"maps"
	"net/http"
	"slices"
)

// Language is that of a document's texts: "en" for English; "it" and, as no other is known, whatever else for Italian.
type Language string

// Text returns a text in the language.
func (l Language) Text(k Key) string { return l.of(table[k]) }

// Status returns what a status of HTTP means in the language, 0 being that of answers of which no status is told.
func (l Language) Status(status int) string {
	if pair, known := statuses[status]; known {
		return l.of(pair)
	}
	if text := http.StatusText(status); text != "" {
		return text
	}
	return l.Text(OtherStatus)
}

// All returns every text in the language, so that tests can look for one that stands in a document of another.
func (l Language) All() (all []string) {
	for _, p := range table {
		all = append(all, l.of(p))
	}
	for _, status := range slices.Sorted(maps.Keys(statuses)) {
		all = append(all, l.of(statuses[status]))
	}
	return all
}

func (l Language) of(p pair) string {
	if l == "en" {
		return p.en
	}
	return p.it
}

// pair is one text in both languages.
type pair struct{ it, en string }
