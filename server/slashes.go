package server

import (
	"net/url"
	"strings"
)

// encodedSlash stands in a decoded path for a slash that came as %2F: it is a part of a value, and separates no segments. No path has it
// otherwise, as the door lets no control characters in.
const encodedSlash = '\x00'

// slashRefused answers a path that has %2F where no parameter takes it.
const slashRefused = "The path encodes a slash, and no parameter there takes one."

var markSlashes = strings.NewReplacer("%2F", string(encodedSlash), "%2f", string(encodedSlash))

// decoded returns the path of a target, with encodedSlash for each slash that came encoded.
func decoded(u *url.URL) string {
	if u.RawPath == "" {
		return u.Path
	}
	marked := markSlashes.Replace(u.RawPath)
	if marked == u.RawPath {
		return u.Path
	}
	path, err := url.PathUnescape(marked)
	if err != nil { // the door lets none in
		return u.Path
	}
	return path
}

// unslash gives values of the path their encoded slashes back, and reports whether all of these stand where the route takes them.
func (b *bound) unslash(values []string) bool {
	for i, value := range values {
		if strings.IndexByte(value, encodedSlash) < 0 {
			continue
		}
		if i >= len(b.Slashes) || !b.Slashes[i] {
			return false
		}
		values[i] = strings.ReplaceAll(value, string(encodedSlash), "/")
	}
	return true
}

// takesSlashes reports whether a route, of whatever method, takes the encoded slashes of a path.
func (t *router) takesSlashes(path string) bool {
	for m := range methods {
		if b, values := t.find(m, path); b != nil && b.unslash(values) {
			return true
		}
	}
	return false
}
