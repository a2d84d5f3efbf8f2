package openapi

import (
	"net/url"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
)

// maxHops bounds references that lead to references.
const maxHops = 32

// refs finds what "$ref" means. Only pieces of the same document are found: nothing is fetched, no file is opened.
type refs struct {
	root *config.Node
	out  *diag.List
	told map[*config.Node]bool // references already reported

	entries map[*config.Node]map[string]*config.Node // of the large maps that references led through
	anchors map[string][]*config.Node                // by $anchor and $dynamicAnchor; nil until one is looked for
}

// largeMap is how many entries a map has from which on they are found by an index.
const largeMap = 32

// get finds what stands under a name of a map.
func (r *refs) get(n *config.Node, name string) *config.Node {
	if len(n.Entries) < largeMap {
		return n.Get(name)
	}
	index, made := r.entries[n]
	if !made {
		index = make(map[string]*config.Node, len(n.Entries))
		for _, e := range n.Entries {
			index[e.Key.Value] = e.Value
		}
		if r.entries == nil {
			r.entries = map[*config.Node]map[string]*config.Node{}
		}
		r.entries[n] = index
	}
	return index[name]
}

// follow returns what n stands for, itself if it refers to nothing, with the last segment of the last reference. It returns
// nil after reporting a reference that leads nowhere.
func (r *refs) follow(n *config.Node) (target *config.Node, name string) {
	for range maxHops {
		next, called, refers := r.step(n)
		if !refers {
			return n, name
		}
		if next == nil {
			return nil, ""
		}
		n, name = next, called
	}
	r.report(n, "$ref leads from reference to reference without an end")
	return nil, ""
}

// step returns what the reference of n leads to, nil after reporting that it leads nowhere, and reports whether n has one.
func (r *refs) step(n *config.Node) (next *config.Node, name string, refers bool) {
	ref := n.Get("$ref")
	if ref == nil {
		ref = r.dynamic(n)
	}
	if ref == nil || ref.Kind != config.NodeText {
		return nil, "", false
	}
	pointer, local := strings.CutPrefix(ref.Text.Value, "#")
	if !local {
		r.report(ref, "$ref %q leads out of the document, only its own parts (#/...) are read", ref.Text.Value)
		return nil, "", true
	}
	if next = r.at(pointer); next == nil {
		r.report(ref, "$ref %q leads nowhere", ref.Text.Value)
		return nil, "", true
	}
	return next, pointer[strings.LastIndexByte(pointer, '/')+1:], true
}

func (r *refs) report(at *config.Node, format string, args ...any) {
	if !r.told[at] {
		r.told[at] = true
		r.out.Report(diag.BadSchema, at.Pos(), format, args...)
	}
}

// at finds what a JSON Pointer (RFC 6901, perhaps percent-encoded) names; nil if there is nothing.
func (r *refs) at(pointer string) *config.Node {
	n := r.root
	if pointer == "" {
		return n
	}
	if pointer[0] != '/' {
		if found := r.anchor(pointer); len(found) == 1 {
			return found[0]
		}
		return nil
	}
	for _, part := range strings.Split(pointer[1:], "/") {
		if plain, err := url.PathUnescape(part); err == nil {
			part = plain
		}
		part = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
		if n.Kind == config.NodeList {
			i, ok := wholeNumber(part)
			if !ok || i >= len(n.Items) {
				return nil
			}
			n = n.Items[i]
		} else {
			n = r.get(n, part)
		}
		if n == nil {
			return nil
		}
	}
	return n
}

func wholeNumber(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' || n > 1<<20 {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}
