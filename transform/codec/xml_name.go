package codec

import (
	"fmt"
	"unicode/utf8"
	"unsafe"
)

// The namespaces of the prefixes that no document declares.
const (
	xmlSpace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsSpace = "http://www.w3.org/2000/xmlns/"
)

const unboundPrefix = "a prefix that no namespace is bound to"

// xmlName is a name as it stands in the document; colon is where its prefix ends, -1 without one.
type xmlName struct {
	raw   string
	colon int
}

func (n *xmlName) prefix() string {
	if n.colon < 0 {
		return ""
	}
	return n.raw[:n.colon]
}

func (n *xmlName) local() string { return n.raw[n.colon+1:] }

// xmlBinding is a prefix ("" for none) and its namespace.
type xmlBinding struct{ prefix, space string }

// name reads a name with or without prefix. A name that was read lately is neither checked again nor a new string.
func (s *XMLScanner) name() *xmlName {
	start, data := s.pos, s.data
	i, hash := start, uint32(0)
	for i < len(data) && xmlClass[data[i]]&nameByte != 0 {
		hash = hash*31 + uint32(data[i])
		i++
	}
	n := &s.names[(hash^hash>>6)%uint32(len(s.names))]
	if raw := data[start:i]; len(raw) == 0 || n.raw != string(raw) {
		if len(raw) > maxXMLName {
			s.fail(start, fmt.Sprintf("a name of more than %d bytes", maxXMLName))
			return n
		}
		colon, ok := checkName(raw)
		if !ok {
			s.fail(start, "expected a name")
			return n
		}
		n.raw, n.colon = aliasXML(raw), colon
	}
	s.pos = i
	return n
}

// checkName reports whether b is a name by Namespaces in XML: one or two names joined by a colon.
func checkName(b []byte) (colon int, ok bool) {
	colon = -1
	first := true
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			return 0, false
		case r == ':':
			if first || colon >= 0 {
				return 0, false
			}
			colon, first = i, true
		case !nameStart(r) && (first || !nameRune(r)):
			return 0, false
		default:
			first = false
		}
		i += n
	}
	return colon, !first
}

// nameStart reports whether a name may begin with r, the colon aside (XML 1.0, fifth edition, [4]).
func nameStart(r rune) bool {
	switch {
	case r < 0x80:
		return r|0x20 >= 'a' && r|0x20 <= 'z' || r == '_'
	case r < 0x2000:
		return r >= 0xc0 && r != 0xd7 && r != 0xf7 && (r < 0x300 || r >= 0x370) && r != 0x37e
	case r < 0x3001:
		return r == 0x200c || r == 0x200d || r >= 0x2070 && r <= 0x218f || r >= 0x2c00 && r <= 0x2fef
	}
	return r <= 0xd7ff || r >= 0xf900 && r <= 0xfdcf || r >= 0xfdf0 && r <= 0xfffd || r >= 0x10000 && r <= 0xeffff
}

// nameRune reports whether r may follow in a name, besides those that may begin it ([4a]).
func nameRune(r rune) bool {
	return r >= '0' && r <= '9' || r == '-' || r == '.' || r == 0xb7 ||
		r >= 0x300 && r <= 0x36f || r == 0x203f || r == 0x2040
}

// attributes reads the rest of a start tag. before is how many bindings were in scope.
func (s *XMLScanner) attributes(before int) {
	for count := 1; ; count++ {
		blank := s.blank()
		if s.pos >= len(s.data) {
			s.fail(s.pos, "the tag does not end")
			return
		}
		switch s.data[s.pos] {
		case '>':
			s.pos++
			s.resolve()
			return
		case '/':
			if !s.starts("/>") {
				s.fail(s.pos, "expected />")
				return
			}
			s.pos += 2
			s.empty = true
			s.resolve()
			return
		}
		if !blank {
			s.fail(s.pos, "expected white space, > or />")
			return
		}
		if count > s.max.MaxAttrs {
			s.fail(s.pos, fmt.Sprintf("more than %d attributes", s.max.MaxAttrs))
			return
		}
		at := s.pos
		name := s.name()
		if s.err != nil {
			return
		}
		s.blank()
		if !s.starts("=") {
			s.fail(s.pos, "expected =")
			return
		}
		s.pos++
		s.blank()
		value := s.value()
		switch prefix, local := name.prefix(), name.local(); {
		case s.err != nil:
			return
		case prefix == "xmlns":
			s.bind(at, before, local, value)
		case prefix == "" && local == "xmlns":
			s.bind(at, before, "", value)
		default:
			if prefix != "" {
				s.prefixed = append(s.prefixed, prefix)
			}
			s.attrs = append(s.attrs, XMLAttr{Space: prefix, Local: local, Value: value})
		}
	}
}

// bind brings a namespace into scope.
func (s *XMLScanner) bind(at, before int, prefix, space string) {
	for _, b := range s.bindings[before:] {
		if b.prefix == prefix {
			s.fail(at, "an attribute that stands twice in one element")
			return
		}
	}
	switch {
	case prefix == "xmlns", space == xmlnsSpace, (prefix == "xml") != (space == xmlSpace):
		s.fail(at, "a reserved prefix or namespace")
	case prefix != "" && space == "":
		s.fail(at, "a prefix without a namespace")
	case len(s.bindings) >= maxXMLBindings:
		s.fail(at, fmt.Sprintf("more than %d namespaces", maxXMLBindings))
	default:
		s.bindings = append(s.bindings, xmlBinding{prefix, space})
	}
}

// resolve puts namespaces in the place of the attributes' prefixes and refuses twins.
func (s *XMLScanner) resolve() {
	for i := range s.attrs {
		a := &s.attrs[i]
		if a.Space == "" {
			continue
		}
		space, ok := s.Lookup(a.Space)
		if !ok {
			s.fail(s.pos, unboundPrefix)
			return
		}
		a.Space = space
	}
	if len(s.attrs) > len(s.attrsRoom)*2 {
		s.manyTwins()
		return
	}
	for i := range s.attrs {
		for j := range i {
			if s.attrs[i].Local == s.attrs[j].Local && s.attrs[i].Space == s.attrs[j].Space {
				s.fail(s.pos, "an attribute that stands twice in one element")
				return
			}
		}
	}
}

func (s *XMLScanner) manyTwins() {
	if s.twins == nil {
		s.twins = make(map[XMLAttr]struct{}, len(s.attrs))
	}
	clear(s.twins)
	for _, a := range s.attrs {
		s.twins[XMLAttr{Space: a.Space, Local: a.Local}] = struct{}{}
	}
	if len(s.twins) < len(s.attrs) {
		s.fail(s.pos, "an attribute that stands twice in one element")
	}
}

// Lookup returns the namespace that a prefix is bound to at this place, for values that are names with a prefix. The
// prefix "" has the default namespace, "" if there is none. After an end the element's own scope still holds.
func (s *XMLScanner) Lookup(prefix string) (space string, ok bool) {
	for i := len(s.bindings) - 1; i >= 0; i-- {
		if b := &s.bindings[i]; b.prefix == prefix {
			return b.space, true
		}
	}
	switch prefix {
	case "":
		return "", true
	case "xml":
		return xmlSpace, true
	}
	return "", false
}

// aliasXML returns bytes of the document as a string without copying them.
func aliasXML(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
