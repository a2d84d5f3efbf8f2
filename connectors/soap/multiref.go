package soap

import (
	"bytes"
	"errors"
	"strings"

	"fondaco/connectors/soap/xsd"
	"fondaco/transform/codec"
)

// maxExpanded is how many bytes a message may have once its references are followed.
const maxExpanded = 10 << 20

// maxReferring is how many elements a message in SOAP encoding may have: each value that stands apart is one more.
const maxReferring = 200_000

var errExpanded = errors.New("the message is larger than allowed once its references are followed")

var errReference = errors.New("the message refers to values that it does not hold, or to itself")

// node is an element of a message whose values stand apart from where they belong.
type node struct {
	xsd.Name
	attrs []codec.XMLAttr
	typ   xsd.Name // what xsi:type says, resolved where it stands
	text  string
	kids  []*node // elements, and texts that have no name
}

// refers reports whether a message may hold references to values that stand apart.
func refers(data []byte) bool {
	return bytes.Contains(data, []byte(`href="#`)) || bytes.Contains(data, []byte(`href='#`))
}

// follow returns a message in SOAP encoding with every value where it is referred to (SOAP 1.1, 5.4.1), and without the
// elements that stand apart. A message that refers to what it does not hold, or round in circles, is refused.
func follow(data []byte) ([]byte, error) {
	root, ids, err := readNodes(data)
	if err != nil {
		return nil, err
	}
	for _, part := range root.kids {
		if part.Local == "Body" {
			n := 0
			for _, k := range part.kids {
				if k.Local == "" || k.Local != "multiRef" && (n == 0 || k.attr("id") == "") {
					part.kids[n] = k
					n++
				}
			}
			part.kids = part.kids[:n]
		}
	}
	x := &expansion{ids: ids, prefixes: map[string]string{}}
	x.types(root)
	if err := x.write(root, 0, ""); err != nil {
		return nil, err
	}
	return x.dst, nil
}

func (n *node) attr(local string) string {
	for _, a := range n.attrs {
		if a.Space == "" && a.Local == local {
			return a.Value
		}
	}
	return ""
}

// readNodes reads a message whole, and finds the elements by their id.
func readNodes(data []byte) (root *node, ids map[string]*node, err error) {
	s := codec.NewXMLScanner(data, codec.XMLOptions{MaxElements: maxReferring})
	ids = map[string]*node{}
	open := []*node{{}}
	for {
		kind, err := s.Next()
		if err != nil {
			return nil, nil, err
		}
		top := open[len(open)-1]
		switch kind {
		case codec.XMLStart:
			n := &node{attrs: append([]codec.XMLAttr(nil), s.Attrs()...)}
			n.Space, n.Local = s.Name()
			for _, a := range n.attrs {
				if a.Space == xsd.InstanceSpace && a.Local == "type" {
					n.typ = qualifiedName(s, a.Value)
				}
			}
			if id := n.attr("id"); id != "" {
				if ids[id] != nil {
					return nil, nil, errReference
				}
				ids[id] = n
			}
			top.kids = append(top.kids, n)
			open = append(open, n)
		case codec.XMLText:
			top.kids = append(top.kids, &node{text: s.Text()})
		case codec.XMLEnd:
			open = open[:len(open)-1]
		default:
			return open[0].kids[0], ids, nil
		}
	}
}

// qualifiedName resolves a qualified name in a value, where the scanner stands.
func qualifiedName(s *codec.XMLScanner, value string) xsd.Name {
	word := xsd.Collapse(value)
	prefix, local, found := strings.Cut(word, ":")
	if !found {
		prefix, local = "", word
	}
	space, _ := s.Lookup(prefix)
	return xsd.Name{Space: space, Local: local}
}

// expansion is the writing of a message with its references followed.
type expansion struct {
	ids      map[string]*node
	dst      []byte
	prefixes map[string]string // of the namespaces of types, declared at the root
	spaces   []string
}

// types assigns prefixes to the namespaces of the types that values name.
func (x *expansion) types(n *node) {
	if space := n.typ.Space; space != "" && x.prefixes[space] == "" {
		x.prefixes[space] = "t" + itoa(len(x.spaces))
		x.spaces = append(x.spaces, space)
	}
	for _, k := range n.kids {
		x.types(k)
	}
}

func (x *expansion) write(n *node, depth int, around string) error {
	switch {
	case depth > 64:
		return errReference
	case len(x.dst) > maxExpanded:
		return errExpanded
	}
	if n.Local == "" {
		x.dst = codec.AppendXMLText(x.dst, n.text)
		return nil
	}
	value := n
	if id, refers := strings.CutPrefix(n.attr("href"), "#"); refers {
		if value = x.ids[id]; value == nil {
			return errReference
		}
	}
	x.dst = append(append(x.dst, '<'), n.Local...)
	if n.Space != around {
		x.dst = append(codec.AppendXMLAttr(append(x.dst, ` xmlns="`...), n.Space), '"')
	}
	if depth == 0 {
		x.dst = append(x.dst, ` xmlns:i="`+xsd.InstanceSpace+`"`...)
		for _, space := range x.spaces {
			x.dst = append(codec.AppendXMLAttr(append(x.dst, " xmlns:"+x.prefixes[space]+`="`...), space), '"')
		}
	}
	x.attributes(value)
	x.dst = append(x.dst, '>')
	for _, k := range value.kids {
		if err := x.write(k, depth+1, n.Space); err != nil {
			return err
		}
	}
	x.dst = append(append(append(x.dst, "</"...), n.Local...), '>')
	return nil
}

// attributes appends those of a value in the place of the element that refers to it.
func (x *expansion) attributes(value *node) {
	if value.typ.Local != "" {
		prefix := ""
		if value.typ.Space != "" {
			prefix = x.prefixes[value.typ.Space] + ":"
		}
		x.dst = append(append(append(x.dst, ` i:type="`+prefix...), value.typ.Local...), '"')
	}
	for _, a := range value.attrs {
		switch {
		case a.Space == xsd.InstanceSpace && a.Local != "type":
			x.dst = append(codec.AppendXMLAttr(append(x.dst, ` i:`+a.Local+`="`...), a.Value), '"')
		case a.Space == "" && a.Local != "id" && (a.Local != "href" || !strings.HasPrefix(a.Value, "#")):
			x.dst = append(codec.AppendXMLAttr(append(x.dst, ` `+a.Local+`="`...), a.Value), '"')
		}
	}
}
