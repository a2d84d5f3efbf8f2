package wss

import (
	"cmp"
	"slices"
	"strings"
)

// canonical appends an element in the form of Exclusive XML Canonicalization 1.0, without comments. inclusive are the
// prefixes that its InclusiveNamespaces lists, "" standing for #default.
//
// It is written here, over the scanner that decodes messages, because what there is for Go differs from the
// specification where it hurts: see docs/decisions/005-canonical-xml.md.
func canonical(dst []byte, n *node, inclusive []string) []byte {
	c := canonicalizer{dst: dst, apex: len(dst), inclusive: inclusive}
	c.element(n)
	return c.dst
}

type canonicalizer struct {
	dst       []byte
	apex      int // how long dst was
	inclusive []string
	rendered  []binding // what the elements that are open have declared in the output
	attrs     []attr    // room for sorting
}

func (c *canonicalizer) element(n *node) {
	before := len(c.rendered)
	c.declare(n, n.prefix)
	for _, a := range n.attrs {
		if a.prefix != "" {
			c.declare(n, a.prefix)
		}
	}
	for _, p := range c.inclusive { // below the apex only what is declared there can differ
		if (len(c.dst) == c.apex || n.declares(p)) && (p == "" || n.lookup(p) != "") {
			c.declare(n, p)
		}
	}
	c.dst = appendName(append(c.dst, '<'), n.prefix, n.local)
	mine := c.rendered[before:]
	slices.SortFunc(mine, func(a, b binding) int { return strings.Compare(a.prefix, b.prefix) })
	for _, b := range mine {
		c.dst = append(c.dst, " xmlns"...)
		if b.prefix != "" {
			c.dst = append(append(c.dst, ':'), b.prefix...)
		}
		c.dst = append(appendEscaped(append(c.dst, `="`...), b.space, &valueEscapes), '"')
	}
	c.attrs = append(c.attrs[:0], n.attrs...)
	slices.SortFunc(c.attrs, func(a, b attr) int {
		return cmp.Or(strings.Compare(a.space, b.space), strings.Compare(a.local, b.local))
	})
	for _, a := range c.attrs {
		c.dst = appendName(append(c.dst, ' '), a.prefix, a.local)
		c.dst = append(appendEscaped(append(c.dst, `="`...), a.value, &valueEscapes), '"')
	}
	c.dst = append(c.dst, '>')
	for _, child := range n.children {
		if child.local == "" {
			c.dst = appendEscaped(c.dst, child.text, &textEscapes)
		} else {
			c.element(child)
		}
	}
	c.dst = append(appendName(append(c.dst, "</"...), n.prefix, n.local), '>')
	c.rendered = c.rendered[:before]
}

// declare declares a prefix in the output, unless what is open says the same of it already.
func (c *canonicalizer) declare(n *node, prefix string) {
	if prefix == "xml" {
		return
	}
	space, said := n.lookup(prefix), ""
	for i := len(c.rendered) - 1; i >= 0; i-- {
		if c.rendered[i].prefix == prefix {
			said = c.rendered[i].space
			break
		}
	}
	if space != said {
		c.rendered = append(c.rendered, binding{prefix, space})
	}
}

func appendName(dst []byte, prefix, local string) []byte {
	if prefix != "" {
		dst = append(append(dst, prefix...), ':')
	}
	return append(dst, local...)
}

// The escapes of Canonical XML 1.0, section 2.3.
var (
	textEscapes  = [64]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '\r': "&#xD;"}
	valueEscapes = [64]string{'&': "&amp;", '<': "&lt;", '"': "&quot;", '\t': "&#x9;", '\n': "&#xA;", '\r': "&#xD;"}
)

func appendEscaped(dst []byte, s string, escapes *[64]string) []byte {
	plain := 0
	for i := range len(s) {
		if c := s[i]; c < 64 && escapes[c] != "" {
			dst = append(append(dst, s[plain:i]...), escapes[c]...)
			plain = i + 1
		}
	}
	return append(dst, s[plain:]...)
}
