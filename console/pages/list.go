package pages

import (
	"net/url"
	"strings"
)

// shown is how many rows a page has at most: pages stay under 50 KB.
const shown = 50

// list is a page of rows that are counted.
type list[T any] struct {
	Rows  []T
	Total int
	Query string // what was searched for
	Next  string // the address of the next page, "" at the end
	Start bool   // it is the first page
}

// part returns the page of rows that a visitor asks for, of those whose texts hold what is searched for.
func part[T any](v *visit, all []T, texts func(T) []string) list[T] {
	return partOf(v, all, shown, texts)
}

// partOf is part with another number of rows on a page.
func partOf[T any](v *visit, all []T, shown int, texts func(T) []string) list[T] {
	q := strings.ToLower(strings.TrimSpace(v.query.Get("q")))
	l := list[T]{Query: v.query.Get("q")}
	var found []T
	for _, row := range all {
		if q == "" || strings.Contains(strings.ToLower(strings.Join(texts(row), "\n")), q) {
			found = append(found, row)
		}
	}
	l.Total = len(found)
	from := max(min(number(v.query.Get("from")), (len(found)-1)/shown*shown), 0) // beyond the end, the last page
	l.Start = from == 0
	l.Rows = found[from:min(from+shown, len(found))]
	if from+shown < len(found) {
		l.Next = address(v.r.URL.Path, "q", l.Query, "from", decimal(from+shown))
	}
	return l
}

// address returns a path with the parameters that have a value.
func address(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
