package xsd

import (
	"io/fs"
	"maps"
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
)

// The namespaces of XML Schema, of its attributes in documents, and of SOAP encoding in SOAP 1.1 and 1.2.
const (
	Space            = "http://www.w3.org/2001/XMLSchema"
	InstanceSpace    = "http://www.w3.org/2001/XMLSchema-instance"
	xmlSpace         = "http://www.w3.org/XML/1998/namespace"
	definitionsSpace = "http://schemas.xmlsoap.org/wsdl/" // of WSDL
	EncodingSpace    = "http://schemas.xmlsoap.org/soap/encoding/"
	Encoding12Space  = "http://www.w3.org/2003/05/soap-encoding"
)

// global is a definition at the top of a schema, with the document that it stands in.
type global struct {
	el  *Element
	doc *document
}

// document is one schema element, in a file of its own or in a WSDL.
type document struct {
	file, target    string
	elements, attrs bool // local ones are qualified
	chameleon       bool // it has no namespace of its own and took that of who includes it
}

// name resolves a reference that stands in the document.
func (d *document) name(n Name) Name {
	if n.Space == "" && d.chameleon {
		n.Space = d.target
	}
	return n
}

// Schemas are all schemas that a WSDL reaches, by what they define. They are read whole, and compiled when an operation needs them.
// Not safe for concurrent use.
type Schemas struct {
	fsys fs.FS
	out  *diag.List

	elements, types, attrs, groups, attrGroups map[Name]global
	members                                    map[Name][]Name // of substitution groups
	spaces                                     map[string]bool // namespaces that were read
	seen                                       map[string]bool // files, by the namespace that they were read for
	spoken                                     map[Name]bool   // elements that messages hold, or documents are
	unsettled                                  []*Element      // imports that name no file that is there
	folders                                    map[string]Neighbours
	catalog                                    map[string]string   // files of the project, by the addresses that they stand for
	opened                                     map[string]bool     // files that were read
	named                                      map[string]string   // by file and what stands in it, the file that it means
	bytes, read, defined                       int                 // of all documents: octets, elements, definitions
	roots                                      map[string]*Element // schemas that were read, by file
	budget                                     *budget
}

// NewSchemas returns no schemas yet. Documents are files of fsys; those of catalog stand for the addresses that are its keys. Problems
// go to out.
func NewSchemas(fsys fs.FS, catalog map[string]string, out *diag.List) *Schemas {
	return &Schemas{
		fsys: fsys, catalog: catalog, out: out,
		elements: map[Name]global{}, types: map[Name]global{}, attrs: map[Name]global{},
		groups: map[Name]global{}, attrGroups: map[Name]global{}, members: map[Name][]Name{},
		opened: map[string]bool{}, named: map[string]string{}, spoken: map[Name]bool{},
		spaces: map[string]bool{}, seen: map[string]bool{}, folders: map[string]Neighbours{},
		roots: map[string]*Element{}, budget: newBudget(),
	}
}

// MaxDocuments is how many bytes all documents of a connector may have together.
const MaxDocuments = 50 << 20

// Open reads a file of the project as XML, at the place that names it; nil, reported, if it cannot be read.
func (s *Schemas) Open(file string, at diag.Pos) *Element {
	data, ok := config.ReadBytes(s.fsys, file, MaxDocuments, s.out, at)
	if !ok {
		return nil
	}
	if s.budget.used {
		return nil
	}
	if s.bytes += len(data); s.bytes > MaxDocuments {
		s.exceed(at, "the documents of this connector have more than %d bytes together", MaxDocuments)
		return nil
	}
	s.opened[file] = true
	root, elements := readElements(file, data, maxElements-s.read, s.out)
	s.read += elements
	return root
}

// Peek reads a file of the project as XML, and reports nothing: nil if it cannot be read.
func (s *Schemas) Peek(file string) *Element {
	var quiet diag.List
	data, ok := config.ReadBytes(s.fsys, file, MaxDocuments, &quiet, diag.Pos{})
	if !ok {
		return nil
	}
	return readDOM(file, data, &quiet)
}

// Files lists the files that were read, in order.
func (s *Schemas) Files() []string { return slices.Sorted(maps.Keys(s.opened)) }

// Exceeded reports whether the schemas are larger than a connector's may be, which was reported.
func (s *Schemas) Exceeded() bool { return s.budget.used }

// Has reports whether a namespace needs no schema, or its schema was read.
func (s *Schemas) Has(space string) bool { return known[space] || s.spaces[space] }

// Use notes that messages hold a global element.
func (s *Schemas) Use(n Name) { s.spoken[n] = true }

// exceed reports that the documents are too large, once.
func (s *Schemas) exceed(at diag.Pos, format string, args ...any) {
	if !s.budget.used {
		s.budget.used = true
		s.out.Report(diag.BadSchema, at, format, args...)
	}
}

// Include takes in an xs:schema element, and what it includes and imports. target is the namespace of the schema that includes it, for
// schemas that have none.
func (s *Schemas) Include(el *Element, target string) {
	d := &document{
		file: el.Pos.File, elements: el.Attr("elementFormDefault") == "qualified",
		attrs: el.Attr("attributeFormDefault") == "qualified",
	}
	if own, given := el.Find("targetNamespace"); given {
		d.target = own
	} else if target != "" {
		d.target, d.chameleon = target, true
	}
	s.spaces[d.target] = true
	for _, k := range el.Kids {
		if k.Space != Space {
			continue
		}
		switch k.Local {
		case "include":
			s.follow(k, d.target)
		case "import":
			s.follow(k, "")
		case "redefine":
			s.follow(k, d.target)
			s.redefine(k, d)
		case "element":
			s.define(s.elements, k, d)
			if head := k.QName("substitutionGroup"); head.Local != "" {
				head = d.name(head)
				s.members[head] = append(s.members[head], Name{d.target, k.Attr("name")})
			}
		case "complexType", "simpleType":
			s.define(s.types, k, d)
		case "attribute":
			s.define(s.attrs, k, d)
		case "group":
			s.define(s.groups, k, d)
		case "attributeGroup":
			s.define(s.attrGroups, k, d)
		}
	}
}

// define keeps the first definition of a name: the same file may be reached by several ways.
func (s *Schemas) define(in map[Name]global, el *Element, d *document) {
	n := Name{d.target, el.Attr("name")}
	if _, known := in[n]; known || n.Local == "" {
		return
	}
	if s.defined++; s.defined > maxElements { // the same file may be included for one namespace after the other
		s.exceed(el.Pos, "the schemas of this connector define more than %d names", maxElements)
		return
	}
	in[n] = global{el, d}
}

// follow reads the schema that an include or import names.
func (s *Schemas) follow(k *Element, target string) {
	file, remote, ok := s.Location(k, "schemaLocation")
	if !ok || remote || k.Local == "import" && !s.Exists(file) {
		s.unsettled = append(s.unsettled, k)
		return
	}
	s.take(file, k, target)
}

// take reads the schema in a file, once for each namespace that it is read for.
func (s *Schemas) take(file string, k *Element, target string) {
	key := file + "\x00" + target
	if s.seen[key] {
		return
	}
	s.seen[key] = true
	root := s.roots[file]
	if root == nil {
		if root = s.Open(file, k.Pos); root == nil {
			return
		}
		if root.First(Space, "redefine") == nil { // which changes what it stands in
			s.roots[file] = root
		}
	}
	if root.Space == definitionsSpace && root.Local == "definitions" {
		if types := root.First(definitionsSpace, "types"); types != nil {
			s.IncludeAll(types)
		}
		return
	}
	if root.Space != Space || root.Local != "schema" {
		s.out.Report(diag.BadSchema, root.Pos, "found the element %s, expected a schema of XML Schema", root.Local)
		return
	}
	s.Include(root, target)
}

// IncludeAll takes in the schemas inside of wsdl:types.
func (s *Schemas) IncludeAll(types *Element) {
	for _, k := range types.Kids {
		if k.Space == Space && k.Local == "schema" {
			s.Include(k, "")
		}
	}
}

// known are namespaces that need no schema: what they define is built in or is no part of bodies.
var known = map[string]bool{
	Space: true, InstanceSpace: true, xmlSpace: true, EncodingSpace: true, Encoding12Space: true, swaSpace: true,
	"http://www.w3.org/2000/09/xmldsig#": true, "http://www.w3.org/2005/05/xmlmime": true,
	"http://www.w3.org/2004/08/xop/include": true, "http://schemas.xmlsoap.org/wsdl/": true,
	"http://schemas.xmlsoap.org/soap/envelope/": true, "http://www.w3.org/2005/08/addressing": true,
	"http://schemas.xmlsoap.org/ws/2004/08/addressing": true,
}
