package server

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// page is a fixed document beside the routes: a description of the API, a reader for it.
type page struct {
	path    string
	handler http.Handler
}

func sortPages(m map[string]http.Handler) []page {
	var all []page
	for path, h := range m {
		all = append(all, page{path, h})
	}
	slices.SortFunc(all, func(a, b page) int { return cmp.Or(len(b.path)-len(a.path), strings.Compare(a.path, b.path)) })
	return all
}

// page returns what is served under a path, nil for nothing.
func (t *router) page(path string) http.Handler {
	for _, p := range t.pages {
		if path == p.path || strings.HasSuffix(p.path, "/") && strings.HasPrefix(path, p.path) {
			return p.handler
		}
	}
	return nil
}
