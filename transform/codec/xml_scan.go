package codec

import (
	"bytes"
	"fmt"
)

// XMLKind says what a step of the scanner has found.
type XMLKind uint8

// What the scanner finds.
const (
	XMLStart XMLKind = iota + 1 // a start tag; <a/> is a start and an end
	XMLEnd                      // an end tag
	XMLText                     // character data or a CDATA section, never empty
	XMLEOF                      // the end of a document that was well formed
)

// XMLAttr is an attribute: its namespace ("" for a name without prefix), its name and its value, entities resolved and
// white space normalized.
type XMLAttr struct{ Space, Local, Value string }

// XMLOptions limit a document. Zero fields stand for the usual limits.
type XMLOptions struct {
	MaxDepth    int // of elements within elements; 0 means 64
	MaxElements int // in the whole document; 0 means 100,000
	MaxAttrs    int // of one element, declarations of namespaces counted; 0 means 256
}

// Limits that hold for every document.
const (
	maxXMLName     = 1000    // bytes of a name with its prefix
	maxXMLAttr     = 1 << 20 // bytes of an attribute's value
	maxXMLBindings = 256     // prefixes in scope at one place
)

// XMLScanner walks over an XML 1.0 document with namespaces, strictly: what is not well formed is refused, and so is
// every document type declaration, hence nothing is ever expanded or fetched. Its strings alias the document wherever
// nothing had to be resolved, so the document must not change while they are in use. It serves one goroutine.
type XMLScanner struct {
	data     []byte
	pos      int
	began    int // of the last start tag
	max      XMLOptions
	err      *SyntaxError
	narrow   bool // the document came in an encoding of one byte a character: offsets count characters
	empty    bool // the start was <a/>: its end comes next
	closed   bool // the end was given; its scope is left with the next step
	rooted   bool // the root was seen
	elements int

	countedTo, count int // of a narrow document: how many characters are before a place that was asked for

	space, local, text string
	attrs              []XMLAttr
	prefixed           []string // the prefixes of those attributes that have one
	open               []xmlElement
	bindings           []xmlBinding
	twins              map[XMLAttr]struct{} // names of one element that has many attributes
	resolved           []byte               // room for texts that are not the document's own bytes

	names     [64]xmlName
	attrsRoom [8]XMLAttr
	openRoom  [16]xmlElement
	bindRoom  [8]xmlBinding
}

// xmlElement is an element that is open.
type xmlElement struct {
	raw, space, local string
	bindings          int // how many were in scope before it
}

// NewXMLScanner begins to read a document. Its encoding is told by byte order mark and declaration: UTF-8, US-ASCII,
// ISO-8859-1 and windows-1252 are read, the first step refuses others.
func NewXMLScanner(data []byte, o XMLOptions) *XMLScanner {
	if o.MaxDepth == 0 {
		o.MaxDepth = defaultDepth
	}
	if o.MaxElements == 0 {
		o.MaxElements = 100_000
	}
	if o.MaxAttrs == 0 {
		o.MaxAttrs = 256
	}
	s := &XMLScanner{data: data, max: o}
	s.attrs, s.open, s.bindings = s.attrsRoom[:0], s.openRoom[:0], s.bindRoom[:0]
	s.begin()
	return s
}

// Next takes a step. Comments, processing instructions and the declaration are passed over; white space around the
// root is too. The error is a *SyntaxError and stays: no step follows it. XMLEOF comes again at every later step.
func (s *XMLScanner) Next() (XMLKind, error) {
	if s.err != nil {
		return XMLEOF, s.err
	}
	if s.closed {
		s.leave()
	}
	if s.empty {
		s.empty = false
		s.end()
		return XMLEnd, nil
	}
	for s.err == nil {
		if s.pos >= len(s.data) {
			return s.finish()
		}
		if s.data[s.pos] != '<' {
			if len(s.open) == 0 {
				s.outside()
				continue
			}
			s.characters()
			return s.found(XMLText)
		}
		next := byte(0)
		if s.pos+1 < len(s.data) {
			next = s.data[s.pos+1]
		}
		switch next {
		case '/':
			s.endTag()
			return s.found(XMLEnd)
		case '?':
			s.instruction()
		case '!':
			if s.markup() {
				return s.found(XMLText)
			}
		default:
			s.began = s.pos
			s.startTag()
			return s.found(XMLStart)
		}
	}
	return XMLEOF, s.err
}

func (s *XMLScanner) found(k XMLKind) (XMLKind, error) {
	if s.err != nil {
		return XMLEOF, s.err
	}
	return k, nil
}

func (s *XMLScanner) finish() (XMLKind, error) {
	switch {
	case len(s.open) > 0:
		s.fail(s.pos, "the document ends inside an element")
	case !s.rooted:
		s.fail(s.pos, "no root element")
	default:
		return XMLEOF, nil
	}
	return XMLEOF, s.err
}

// Name returns namespace and name of the start or end that was last. The same name of one document is the same string.
func (s *XMLScanner) Name() (space, local string) { return s.space, s.local }

// Attrs returns the attributes of the start that was last, without declarations of namespaces. The slice is valid until
// the next step, its strings for longer.
func (s *XMLScanner) Attrs() []XMLAttr { return s.attrs }

// Text returns the piece of text that was last, entities resolved and line ends normalized. A text may come in several
// pieces, parted by comments, processing instructions and CDATA sections.
func (s *XMLScanner) Text() string { return s.text }

// Skip steps to the end of the innermost open element: right after a start, to that element's end, which then is the
// step that was last. What it passes is checked all the same.
func (s *XMLScanner) Skip() error {
	for depth := s.Depth(); s.Depth() >= depth && depth > 0; {
		if _, err := s.Next(); err != nil {
			return err
		}
	}
	return nil
}

// Start returns where the start tag of the last XMLStart begins.
func (s *XMLScanner) Start() int { return s.offset(s.began) }

// Offset returns how many bytes of the document were read.
func (s *XMLScanner) Offset() int { return s.offset(s.pos) }

// Depth returns how many elements are open: 1 after the root's start, 0 after its end.
func (s *XMLScanner) Depth() int {
	if s.closed {
		return len(s.open) - 1
	}
	return len(s.open)
}

// fail keeps the first failure.
func (s *XMLScanner) fail(at int, reason string) {
	if s.err == nil {
		s.err = &SyntaxError{Offset: s.offset(at), Reason: reason}
		s.pos = len(s.data)
	}
}

// outside steps over the white space around the root.
func (s *XMLScanner) outside() {
	s.blank()
	if s.pos < len(s.data) && s.data[s.pos] != '<' {
		if s.rooted {
			s.fail(s.pos, "something after the root element")
		} else {
			s.fail(s.pos, "something before the root element")
		}
	}
}

// blank steps over white space and reports whether there was any.
func (s *XMLScanner) blank() bool {
	i := s.pos
	for i < len(s.data) && xmlClass[s.data[i]]&blankByte != 0 {
		i++
	}
	some := i > s.pos
	s.pos = i
	return some
}

// starts reports whether the rest of the document begins with these bytes.
func (s *XMLScanner) starts(with string) bool {
	return len(s.data)-s.pos >= len(with) && string(s.data[s.pos:s.pos+len(with)]) == with
}

func (s *XMLScanner) startTag() {
	at := s.pos
	s.pos++
	name := s.name()
	switch {
	case s.err != nil:
		return
	case len(s.open) == 0 && s.rooted:
		s.fail(at, "a second root element")
		return
	case len(s.open) >= s.max.MaxDepth:
		s.fail(at, fmt.Sprintf("nested deeper than %d", s.max.MaxDepth))
		return
	case s.elements >= s.max.MaxElements:
		s.fail(at, fmt.Sprintf("more than %d elements", s.max.MaxElements))
		return
	}
	s.elements++
	s.rooted = true
	raw, prefix, local := name.raw, name.prefix(), name.local()
	before := len(s.bindings)
	s.attrs, s.prefixed = s.attrs[:0], s.prefixed[:0]
	if s.pos < len(s.data) && s.data[s.pos] == '>' { // most tags
		s.pos++
	} else {
		s.attributes(before)
	}
	if s.err != nil {
		return
	}
	space, ok := s.Lookup(prefix)
	if !ok {
		s.fail(at+1, unboundPrefix)
		return
	}
	s.space, s.local = space, local
	s.open = append(s.open, xmlElement{raw: raw, space: space, local: local, bindings: before})
}

func (s *XMLScanner) endTag() {
	at := s.pos
	s.pos += 2
	if len(s.open) == 0 {
		s.fail(at, "an end tag without its start")
		return
	}
	raw := s.open[len(s.open)-1].raw
	if !s.starts(raw) || s.pos+len(raw) < len(s.data) && xmlClass[s.data[s.pos+len(raw)]]&nameByte != 0 {
		s.fail(at, "an end tag whose name is not its start's")
		return
	}
	s.pos += len(raw)
	s.blank()
	if !s.starts(">") {
		s.fail(s.pos, "expected >")
		return
	}
	s.pos++
	s.end()
}

// end returns the end of the innermost element, whose scope lasts until the next step: a value that stands in it may be
// a name with a prefix.
func (s *XMLScanner) end() {
	e := &s.open[len(s.open)-1]
	s.space, s.local, s.closed = e.space, e.local, true
}

func (s *XMLScanner) leave() {
	last := len(s.open) - 1
	s.bindings = s.bindings[:s.open[last].bindings]
	s.open = s.open[:last]
	s.closed = false
}

// instruction steps over a processing instruction.
func (s *XMLScanner) instruction() {
	at := s.pos
	s.pos += 2
	name := s.name()
	switch {
	case s.err != nil:
		return
	case len(name.raw) == 3 && name.raw[0]|0x20 == 'x' && name.raw[1]|0x20 == 'm' && name.raw[2]|0x20 == 'l':
		s.fail(at, "an XML declaration that is not at the beginning or not complete")
		return
	case name.colon >= 0:
		s.fail(at+2, "a processing instruction with a colon in its name")
		return
	case !s.starts("?>") && !s.blank():
		s.fail(s.pos, "expected white space or ?>")
		return
	}
	end := bytes.Index(s.data[s.pos:], []byte("?>"))
	if end < 0 {
		s.fail(at, "the processing instruction does not end")
		return
	}
	s.legal(s.pos, s.pos+end)
	s.pos += end + 2
}

// markup reads what begins with <!: a comment, which is passed over, or a CDATA section, whose text is told.
func (s *XMLScanner) markup() (text bool) {
	at := s.pos
	switch {
	case s.starts("<!--"):
		end := bytes.Index(s.data[at+4:], []byte("--"))
		switch {
		case end < 0:
			s.fail(at, "the comment does not end")
			return false
		case !bytes.HasPrefix(s.data[at+4+end:], []byte("-->")):
			s.fail(at+4+end, "-- in a comment")
			return false
		}
		s.legal(at+4, at+4+end)
		s.pos = at + 4 + end + 3
		return false
	case s.starts("<![CDATA["):
		if len(s.open) == 0 {
			s.fail(at, "a CDATA section outside the root element")
			return false
		}
		end := bytes.Index(s.data[at+9:], []byte("]]>"))
		if end < 0 {
			s.fail(at, "the CDATA section does not end")
			return false
		}
		s.text = s.section(at+9, at+9+end)
		s.pos = at + 9 + end + 3
		return end > 0
	case s.starts("<!DOCTYPE"):
		s.fail(at, "a document type declaration, which is never read")
	default:
		s.fail(at, "expected a tag")
	}
	return false
}
