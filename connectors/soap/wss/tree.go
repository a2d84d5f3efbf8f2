package wss

import (
	"bytes"
	"strings"

	"fondaco/transform/codec"
)

// node is an element of an envelope, or a text if local is "". Its strings alias the envelope.
type node struct {
	parent               *node
	prefix, local, space string
	text                 string
	attrs                []attr
	declared             []binding
	children             []*node

	start, inner int // where the start tag begins, and where it ends
	end, after   int // where the end tag begins, and where it ends; both inner if the tag is empty
}

// attr is an attribute that declares no namespace.
type attr struct{ prefix, space, local, value string }

// binding is a prefix ("" for the default) and its namespace.
type binding struct{ prefix, space string }

// parse reads an envelope whole, strictly: the scanner that decodes messages reads it, so there are not two opinions
// about where an element begins. Comments and processing instructions are passed over.
func parse(envelope []byte) (*node, error) {
	s := codec.NewXMLScanner(envelope, codec.XMLOptions{})
	var root, at *node
	for {
		kind, err := s.Next()
		if err != nil {
			return nil, &Error{Reason: NotXML, Err: err}
		}
		switch kind {
		case codec.XMLStart:
			n := element(s)
			n.parent = at
			if at == nil {
				root = n
			} else {
				at.children = append(at.children, n)
			}
			at = n
		case codec.XMLEnd:
			at.end, at.after = s.Offset(), s.Offset()
			if at.inner != at.after { // not <a/>
				at.end = at.inner + bytes.LastIndexByte(envelope[at.inner:at.after], '<')
			}
			at = at.parent
		case codec.XMLText:
			at.children = append(at.children, &node{parent: at, text: s.Text()})
		case codec.XMLEOF:
			return root, nil
		}
	}
}

// element makes a node of the start that was last.
func element(s *codec.XMLScanner) *node {
	n := &node{prefix: s.Prefix(), start: s.Start(), inner: s.Offset()}
	n.space, n.local = s.Name()
	if given := s.Attrs(); len(given) > 0 {
		n.attrs = make([]attr, len(given))
		prefixes := s.AttrPrefixes()
		for i, a := range given {
			n.attrs[i] = attr{space: a.Space, local: a.Local, value: a.Value}
			if a.Space != "" {
				n.attrs[i].prefix, prefixes = prefixes[0], prefixes[1:]
			}
		}
	}
	s.Declared(func(prefix, space string) { n.declared = append(n.declared, binding{prefix, space}) })
	return n
}

func (n *node) is(space, local string) bool { return n.local == local && n.space == space }

// elements returns the elements in n, and false if there is a text among them that is not white space.
func (n *node) elements() (list []*node, only bool) {
	only = true
	for _, c := range n.children {
		if c.local != "" {
			list = append(list, c)
		} else if trim(c.text) != "" {
			only = false
		}
	}
	return list, only
}

// child returns the one element of that name in n, and how many there are.
func (n *node) child(space, local string) (found *node, count int) {
	for _, c := range n.children {
		if c.is(space, local) {
			found = c
			count++
		}
	}
	return found, count
}

// content returns the text of an element that holds nothing else, without the white space around it.
func (n *node) content() (string, bool) {
	text := ""
	for _, c := range n.children {
		if c.local != "" {
			return "", false
		}
		text += c.text
	}
	return trim(text), true
}

// value returns an attribute.
func (n *node) value(space, local string) (string, bool) {
	for _, a := range n.attrs {
		if a.local == local && a.space == space {
			return a.value, true
		}
	}
	return "", false
}

// lookup returns the namespace that a prefix is bound to at n, "" if none is.
func (n *node) lookup(prefix string) string {
	for ; n != nil; n = n.parent {
		for _, b := range n.declared {
			if b.prefix == prefix {
				return b.space
			}
		}
	}
	if prefix == "xml" {
		return xmlSpace
	}
	return ""
}

// declares reports whether n itself binds a prefix.
func (n *node) declares(prefix string) bool {
	for _, b := range n.declared {
		if b.prefix == prefix {
			return true
		}
	}
	return false
}

// id returns the wsu:Id that references call n by, "" if it has none.
func (n *node) id() string {
	v, _ := n.value(wsuSpace, "Id")
	return v
}

// walk calls visit with n and every element within.
func (n *node) walk(visit func(*node)) {
	visit(n)
	for _, c := range n.children {
		if c.local != "" {
			c.walk(visit)
		}
	}
}

func trim(s string) string { return strings.Trim(s, " \t\r\n") }
