package soap

import (
	"io/fs"

	"fondaco/config"
	"fondaco/config/diag"
)

// The namespaces of the documents.
const (
	xsdSpace      = "http://www.w3.org/2001/XMLSchema"
	xsiSpace      = "http://www.w3.org/2001/XMLSchema-instance"
	xmlSpace      = "http://www.w3.org/XML/1998/namespace"
	soapEncoded   = "http://schemas.xmlsoap.org/soap/encoding/"
	soap12Encoded = "http://www.w3.org/2003/05/soap-encoding"
)

// global is a definition at the top of a schema, with the document that it stands in.
type global struct {
	el  *element
	doc *document
}

// document is one schema element, in a file of its own or in a WSDL.
type document struct {
	file, target    string
	elements, attrs bool // local ones are qualified
	chameleon       bool // it has no namespace of its own and took that of who includes it
}

// name resolves a reference that stands in the document.
func (d *document) name(n name) name {
	if n.space == "" && d.chameleon {
		n.space = d.target
	}
	return n
}

// schemas are all schemas that a WSDL reaches, by what they define. Read as they are, compiled when an operation needs
// them.
type schemas struct {
	fsys fs.FS
	out  *diag.List

	elements, types, attrs, groups, attrGroups map[name]global
	members                                    map[name][]name // of substitution groups
	spaces                                     map[string]bool // namespaces that were read
	seen                                       map[string]bool // files, by the namespace that they were read for
	spoken                                     map[name]bool   // elements that messages hold, or documents are
	unsettled                                  []*element      // imports that name no file that is there
	folders                                    map[string]neighbours
	catalog                                    map[string]string   // files of the project, by the addresses that they stand for
	opened                                     map[string]bool     // files that were read
	named                                      map[string]string   // by file and what stands in it, the file that it means
	bytes, read, defined                       int                 // of all documents: octets, elements, definitions
	roots                                      map[string]*element // schemas that were read, by file
	budget                                     *budget
}

func newSchemas(fsys fs.FS, out *diag.List) *schemas {
	return &schemas{
		fsys: fsys, out: out,
		elements: map[name]global{}, types: map[name]global{}, attrs: map[name]global{},
		groups: map[name]global{}, attrGroups: map[name]global{}, members: map[name][]name{},
		opened: map[string]bool{}, named: map[string]string{}, spoken: map[name]bool{},
		spaces: map[string]bool{}, seen: map[string]bool{}, folders: map[string]neighbours{},
		roots: map[string]*element{}, budget: newBudget(),
	}
}

// maxDocuments is how many bytes all documents of a connector may have together.
const maxDocuments = 50 << 20

// open reads a file of the project as XML, nil if it cannot be read.
func (s *schemas) open(file string, at diag.Pos) *element {
	data, ok := config.ReadBytes(s.fsys, file, maxDocuments, s.out, at)
	if !ok {
		return nil
	}
	if s.budget.used {
		return nil
	}
	if s.bytes += len(data); s.bytes > maxDocuments {
		s.exceed(at, "the documents of this connector have more than %d bytes together", maxDocuments)
		return nil
	}
	s.opened[file] = true
	root, elements := readElements(file, data, maxElements-s.read, s.out)
	s.read += elements
	return root
}

// exceed reports that the documents are too large, once.
func (s *schemas) exceed(at diag.Pos, format string, args ...any) {
	if !s.budget.used {
		s.budget.used = true
		s.out.Report(diag.BadSchema, at, format, args...)
	}
}

// include takes in a schema element. target is the namespace of who includes it, for schemas that have none.
func (s *schemas) include(el *element, target string) {
	d := &document{file: el.pos.File, elements: el.attr("elementFormDefault") == "qualified", attrs: el.attr("attributeFormDefault") == "qualified"}
	if own, given := el.find("targetNamespace"); given {
		d.target = own
	} else if target != "" {
		d.target, d.chameleon = target, true
	}
	s.spaces[d.target] = true
	for _, k := range el.kids {
		if k.space != xsdSpace {
			continue
		}
		switch k.local {
		case "include":
			s.follow(k, d.target)
		case "import":
			s.follow(k, "")
		case "redefine":
			s.follow(k, d.target)
			s.redefine(k, d)
		case "element":
			s.define(s.elements, k, d)
			if head := k.qname("substitutionGroup"); head.local != "" {
				head = d.name(head)
				s.members[head] = append(s.members[head], name{d.target, k.attr("name")})
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
func (s *schemas) define(in map[name]global, el *element, d *document) {
	n := name{d.target, el.attr("name")}
	if _, known := in[n]; known || n.local == "" {
		return
	}
	if s.defined++; s.defined > maxElements { // the same file may be included for one namespace after the other
		s.exceed(el.pos, "the schemas of this connector define more than %d names", maxElements)
		return
	}
	in[n] = global{el, d}
}

// follow reads the schema that an include or import names.
func (s *schemas) follow(k *element, target string) {
	file, remote, ok := s.location(k, "schemaLocation")
	if !ok || remote || k.local == "import" && !s.there(file) {
		s.unsettled = append(s.unsettled, k)
		return
	}
	s.take(file, k, target)
}

// take reads the schema in a file, once for each namespace that it is read for.
func (s *schemas) take(file string, k *element, target string) {
	key := file + "\x00" + target
	if s.seen[key] {
		return
	}
	s.seen[key] = true
	root := s.roots[file]
	if root == nil {
		if root = s.open(file, k.pos); root == nil {
			return
		}
		if root.first(xsdSpace, "redefine") == nil { // which changes what it stands in
			s.roots[file] = root
		}
	}
	if root.space == wsdlSpace && root.local == "definitions" {
		if types := root.first(wsdlSpace, "types"); types != nil {
			s.all(types)
		}
		return
	}
	if root.space != xsdSpace || root.local != "schema" {
		s.out.Report(diag.BadSchema, root.pos, "found the element %s, expected a schema of XML Schema", root.local)
		return
	}
	s.include(root, target)
}

// all reads the schemas inside of wsdl:types.
func (s *schemas) all(types *element) {
	for _, k := range types.kids {
		if k.space == xsdSpace && k.local == "schema" {
			s.include(k, "")
		}
	}
}

// known are namespaces that need no schema: what they define is built in or is no part of bodies.
var known = map[string]bool{
	xsdSpace: true, xsiSpace: true, xmlSpace: true, soapEncoded: true, soap12Encoded: true, swaSpace: true,
	"http://www.w3.org/2000/09/xmldsig#": true, "http://www.w3.org/2005/05/xmlmime": true,
	"http://www.w3.org/2004/08/xop/include": true, "http://schemas.xmlsoap.org/wsdl/": true,
	"http://schemas.xmlsoap.org/soap/envelope/": true, "http://www.w3.org/2005/08/addressing": true,
	"http://schemas.xmlsoap.org/ws/2004/08/addressing": true,
}
