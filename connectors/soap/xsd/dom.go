package xsd

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"fondaco/config/diag"
	"fondaco/transform/codec"
)

// Name is an expanded XML name.
type Name struct{ Space, Local string }

// Element is a part of a WSDL or XSD document, held while it is read. It is not changed once it was read. What annotates it, which is the
// most of many schemas, is no child: its words are in Doc, and the rest of it is passed over.
type Element struct {
	Name
	Attrs []codec.XMLAttr
	names []qnames // the attributes that hold qualified names, resolved where they stand
	Kids  []*Element
	Text  string
	Doc   string // the first xs:documentation, as it was written
	Pos   diag.Pos
}

// qnames are the qualified names in one attribute.
type qnames struct {
	attribute string
	names     []Name
}

// named returns the qualified names in an attribute, nil if it has none.
func (e *Element) named(attribute string) []Name {
	for i := range e.names {
		if e.names[i].attribute == attribute {
			return e.names[i].names
		}
	}
	return nil
}

// Attr returns the value of an attribute without namespace, "" if it is not there.
func (e *Element) Attr(local string) string {
	v, _ := e.Find(local)
	return v
}

// Find returns the value of an attribute without namespace, with white space taken off its ends, and whether it is there.
func (e *Element) Find(local string) (value string, ok bool) {
	for _, a := range e.Attrs {
		if a.Space == "" && a.Local == local {
			return strings.TrimSpace(a.Value), true
		}
	}
	return "", false
}

// QName returns the first qualified name in an attribute; the zero name if there is none.
func (e *Element) QName(local string) Name {
	if names := e.named(local); len(names) > 0 {
		return names[0]
	}
	return Name{}
}

// First returns the first child of a name, nil if there is none.
func (e *Element) First(space, local string) *Element {
	for _, k := range e.Kids {
		if k.Space == space && k.Local == local {
			return k
		}
	}
	return nil
}

// Walk visits an element and all elements in it, in the document's order.
func (e *Element) Walk(visit func(*Element)) {
	visit(e)
	for _, k := range e.Kids {
		k.Walk(visit)
	}
}

// qualified are the attributes of WSDL and XSD whose values are qualified names.
var qualified = map[string]bool{
	"type": true, "ref": true, "base": true, "itemType": true, "memberTypes": true, "substitutionGroup": true,
	"element": true, "message": true, "binding": true,
}

// maxElements is how many elements all documents of a connector may have together: each takes some 300 bytes while they
// are read. The largest published ones, NeTEx with all that it imports, have some 150,000.
const maxElements = 250_000

// schemaLimits are for documents of the project, which are larger than messages.
var schemaLimits = codec.XMLOptions{MaxDepth: 256, MaxElements: maxElements}

// readDOM reads a document; what is wrong with it goes to out, and it is nil then. A document type declaration, as
// xmldsig's schema has one, is passed over: nothing in it is ever expanded or fetched.
func readDOM(file string, data []byte, out *diag.List) *Element {
	root, _ := readElements(file, data, maxElements, out)
	return root
}

// readElements is readDOM with a limit on the elements; it returns how many there are as well.
func readElements(file string, data []byte, most int, out *diag.List) (root *Element, elements int) {
	data, _, err := codec.XMLUTF8(data, "")
	if err != nil {
		out.Report(diag.BadSchema, diag.Pos{File: file, Line: 1, Col: 1}, "the document is not XML that can be read: %v", err)
		return nil, 0
	}
	data = withoutDoctype(data)
	limits := schemaLimits
	limits.MaxElements = max(most, 1)
	s := codec.NewXMLScanner(data, limits)
	places := places{data: data, line: 1}
	var open []*Element
	var texts []*strings.Builder // of those open elements whose text comes in several pieces
	for {
		kind, err := s.Next()
		if err != nil {
			unreadable(err, &places, file, out)
			return nil, elements
		}
		switch kind {
		case codec.XMLStart:
			if space, local := s.Name(); space == Space && local == "annotation" && len(open) > 0 {
				words, err := annotation(s)
				if err != nil {
					unreadable(err, &places, file, out)
					return nil, elements
				}
				if e := open[len(open)-1]; e.Doc == "" {
					e.Doc = words
				}
				continue
			}
			elements++
			e := &Element{Pos: diag.Pos{File: file}}
			e.Space, e.Local = s.Name()
			e.Pos.Line, e.Pos.Col = places.at(s.Start())
			e.Attrs = append(e.Attrs, s.Attrs()...)
			e.resolve(s)
			if len(open) == 0 {
				root = e
			} else {
				up := open[len(open)-1]
				up.Kids = append(up.Kids, e)
			}
			open, texts = append(open, e), append(texts, nil)
		case codec.XMLText:
			last := len(open) - 1
			switch e := open[last]; {
			case e.Text == "":
				e.Text = s.Text()
			case texts[last] == nil:
				texts[last] = &strings.Builder{}
				texts[last].WriteString(e.Text)
				fallthrough
			default:
				texts[last].WriteString(s.Text())
			}
		case codec.XMLEnd:
			last := len(open) - 1
			if texts[last] != nil {
				open[last].Text = texts[last].String()
			}
			open, texts = open[:last], texts[:last]
		case codec.XMLEOF:
			return root, elements
		}
	}
}

// annotation passes over an annotation that was begun, and returns the text of its first documentation.
func annotation(s *codec.XMLScanner) (words string, err error) {
	depth, within, done := s.Depth(), false, false
	var pieces []string
	for s.Depth() >= depth {
		kind, err := s.Next()
		if err != nil {
			return "", err
		}
		switch space, local := s.Name(); {
		case kind == codec.XMLStart && s.Depth() == depth+1:
			within = !done && space == Space && local == "documentation"
		case kind == codec.XMLText && within && s.Depth() == depth+1:
			pieces = append(pieces, s.Text())
		case kind == codec.XMLEnd && s.Depth() == depth && within:
			within, done = false, true
		}
	}
	return strings.Join(pieces, ""), nil
}

// unreadable reports a document that is no XML.
func unreadable(err error, places *places, file string, out *diag.List) {
	pos := diag.Pos{File: file}
	reason := err.Error()
	var syntax *codec.SyntaxError
	if errors.As(err, &syntax) {
		pos.Line, pos.Col = places.at(syntax.Offset)
		reason = syntax.Reason
	}
	out.Report(diag.BadSchema, pos, "the document is not XML that can be read: %s", reason)
}

// mayName reports whether a value of the schema's own types stands in an attribute, which may be a qualified name.
func (e *Element) mayName(attribute string) bool {
	return e.Space == Space && (e.Local == "enumeration" && attribute == "value" || attribute == "fixed" || attribute == "default")
}

// resolve expands the qualified names in the attributes. A prefix that is not declared leaves the name with its colon,
// which nothing is called.
func (e *Element) resolve(s *codec.XMLScanner) {
	for _, a := range e.Attrs {
		value := a.Value
		switch {
		case a.Space == definitionsSpace && a.Local == "arrayType":
			value, _, _ = strings.Cut(value, "[")
		case a.Space == "" && e.mayName(a.Local):
			if prefix, _, found := strings.Cut(value, ":"); !found {
				continue
			} else if _, bound := s.Lookup(strings.TrimSpace(prefix)); !bound { // most are texts, as an address
				continue
			}
		case a.Space != "" || !qualified[a.Local]:
			continue
		}
		var names []Name
		for _, word := range strings.Fields(value) {
			n := Name{Local: word}
			prefix, local, found := strings.Cut(word, ":")
			if !found {
				prefix, local = "", word
			}
			if space, ok := s.Lookup(prefix); ok || prefix == "" {
				n = Name{Collapse(space), local} // as targetNamespace is read, which is an xs:anyURI
			}
			names = append(names, n)
		}
		switch had := e.named(a.Local); {
		case had == nil && names != nil:
			e.names = append(e.names, qnames{a.Local, names})
		case names != nil: // two attributes of one local name, as type and xsi:type
			e.names = slices.DeleteFunc(e.names, func(q qnames) bool { return q.attribute == a.Local })
			e.names = append(e.names, qnames{a.Local, append(had, names...)})
		}
	}
}

// ScanDocument returns a scanner of a document of the project, which passes over its document type declaration.
func ScanDocument(data []byte) *codec.XMLScanner {
	return codec.NewXMLScanner(withoutDoctype(data), schemaLimits)
}

// withoutDoctype returns the document with spaces in place of its document type declaration.
func withoutDoctype(data []byte) []byte {
	start := bytes.Index(data, []byte("<!DOCTYPE"))
	if root := firstTag(data); start < 0 || root >= 0 && root < start {
		return data
	}
	depth, quote := 0, byte(0)
	for i := start; i < len(data); i++ {
		c := data[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '<' && (bytes.HasPrefix(data[i:], []byte("<!--")) || bytes.HasPrefix(data[i:], []byte("<?"))):
			end := "-->"
			if data[i+1] == '?' {
				end = "?>"
			}
			n := bytes.Index(data[i:], []byte(end)) // what is in it is neither quoted nor nested
			if n < 0 {
				return data
			}
			i += n + len(end) - 1
		case c == '"' || c == '\'':
			quote = c
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == '>' && depth <= 0:
			blank := bytes.Clone(data)
			for j := start; j <= i; j++ {
				if blank[j] != '\n' {
					blank[j] = ' '
				}
			}
			return blank
		}
	}
	return data
}

// firstTag returns where the first start tag begins, -1 if there is none.
func firstTag(data []byte) int {
	for i := 0; i+1 < len(data); i++ {
		if c := data[i+1]; data[i] == '<' && c != '!' && c != '?' {
			return i
		}
		if bytes.HasPrefix(data[i:], []byte("<!--")) {
			end := bytes.Index(data[i:], []byte("-->"))
			if end < 0 {
				return -1
			}
			i += end
		}
	}
	return -1
}

// places turns offsets that do not go back into lines and columns.
type places struct {
	data            []byte
	done, line, beg int
}

func (p *places) at(offset int) (line, col int) {
	offset = min(max(offset, p.done), len(p.data))
	for i := p.done; i < offset; i++ {
		if p.data[i] == '\n' {
			p.line++
			p.beg = i + 1
		}
	}
	p.done = offset
	return p.line, offset - p.beg + 1
}
