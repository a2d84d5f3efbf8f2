package wsdl

import (
	"io/fs"
	"strings"

	"fondaco/config/diag"
	"fondaco/connectors/soap/xsd"
)

// The namespaces of WSDL 1.1 and its SOAP bindings.
const (
	wsdlSpace   = "http://schemas.xmlsoap.org/wsdl/"
	bindSpace   = "http://schemas.xmlsoap.org/wsdl/soap/"
	bind12Space = "http://schemas.xmlsoap.org/wsdl/soap12/"
	mimeSpace   = "http://schemas.xmlsoap.org/wsdl/mime/"
)

// Definitions are all WSDL documents of a connector, by what they define. Not safe for concurrent use.
type Definitions struct {
	fsys                      fs.FS
	file                      string
	Schemas                   *xsd.Schemas
	out                       *diag.List
	messages, types, bindings map[xsd.Name]*xsd.Element
	services                  []*xsd.Element
	space                     map[*xsd.Element]string // the namespace of the document that a definition stands in
	seen                      map[string]bool
	unsettled                 []*xsd.Element // imports that name no file that is there
}

// Read reads a WSDL of the project and all that it imports. What is wrong with it is reported to out; nil if it cannot be read, at the
// place at where nothing better is known.
func Read(fsys fs.FS, file string, out *diag.List, at diag.Pos) *Definitions {
	return ReadCatalogued(fsys, file, nil, out, at)
}

// ReadCatalogued is Read with files that stand for addresses: those of catalog, by address.
func ReadCatalogued(fsys fs.FS, file string, catalog map[string]string, out *diag.List, at diag.Pos) *Definitions {
	d := &Definitions{
		fsys: fsys, file: file, Schemas: xsd.NewSchemas(fsys, catalog, out), out: out,
		messages: map[xsd.Name]*xsd.Element{}, types: map[xsd.Name]*xsd.Element{}, bindings: map[xsd.Name]*xsd.Element{},
		space: map[*xsd.Element]string{}, seen: map[string]bool{},
	}
	if !d.read(file, at, at) {
		return nil
	}
	d.settle(at)
	d.Schemas.Settle()
	for _, m := range d.messages {
		for _, part := range parts(m) {
			d.Schemas.Use(part.QName("element"))
		}
	}
	return d
}

func (d *Definitions) read(file string, at, top diag.Pos) bool {
	if d.seen[file] {
		return true
	}
	d.seen[file] = true
	root := d.Schemas.Open(file, at)
	if root == nil {
		return false
	}
	switch {
	case root.Space == xsd.Space && root.Local == "schema" && at != top:
		d.Schemas.Include(root, "")
		return true
	case root.Space != wsdlSpace || root.Local != "definitions":
		p := d.out.Report(diag.BadSchema, root.Pos, "found the element %s, expected the definitions of WSDL 1.1", root.Local)
		if strings.HasPrefix(root.Space, "http://www.w3.org/ns/wsdl") {
			p.WithHint("this is WSDL 2.0: services give 1.1 as well")
		}
		return false
	}
	target := root.Attr("targetNamespace")
	for _, k := range root.Kids {
		if k.Space != wsdlSpace {
			continue
		}
		n := xsd.Name{Space: target, Local: k.Attr("name")}
		switch k.Local {
		case "import":
			switch file, remote, ok := d.Schemas.Location(k, "location"); {
			case !ok:
			case remote || !d.Schemas.Exists(file):
				d.unsettled = append(d.unsettled, k)
			default:
				d.read(file, k.Pos, top)
			}
		case "types":
			d.Schemas.IncludeAll(k)
		case "message":
			d.keep(d.messages, n, k)
		case "portType":
			d.keep(d.types, n, k)
		case "binding":
			d.keep(d.bindings, n, k)
		case "service":
			d.services = append(d.services, k)
		}
	}
	return true
}

// settle reads the neighbours of the namespaces that are imported and whose file is not there.
func (d *Definitions) settle(top diag.Pos) {
	for len(d.unsettled) > 0 {
		k := d.unsettled[0]
		d.unsettled = d.unsettled[1:]
		space, found := k.Attr("namespace"), false
		for _, ending := range []string{".wsdl", ".xsd"} {
			for _, file := range d.Schemas.Beside(k.Pos.File, ending)[space] {
				if space != "" && file != k.Pos.File {
					found = d.read(file, k.Pos, top) || found
				}
			}
			if found {
				break
			}
		}
		if found {
			continue
		}
		if file, remote, _ := d.Schemas.Location(k, "location"); !remote {
			d.Schemas.Open(file, k.Pos) // says that it is not there
		} else {
			d.out.Report(diag.BadSchema, k.Pos, "the WSDL imports an address, and addresses are never fetched").
				WithHint("put its file beside this one, as a file that ends in .wsdl")
		}
	}
}

func (d *Definitions) keep(in map[xsd.Name]*xsd.Element, n xsd.Name, k *xsd.Element) {
	d.space[k] = n.Space
	if in[n] == nil {
		in[n] = k
	}
}

// Port is a SOAP port of a service: a binding, and the version that it speaks.
type Port struct {
	Service, Name string
	binding       *xsd.Element
	portType      *xsd.Element
	Version       string // 1.1 or 1.2
	style         string // document or rpc, of operations that say nothing
	Address       string
}

// Ports lists the SOAP ports, in the documents' order. Bindings that no service names come after them.
func (d *Definitions) Ports() (list []*Port) {
	used := map[*xsd.Element]bool{}
	for _, s := range d.services {
		for _, k := range s.Kids {
			if k.Space != wsdlSpace || k.Local != "port" {
				continue
			}
			b := d.bindings[k.QName("binding")]
			if b == nil {
				continue
			}
			used[b] = true
			if p := d.port(b); p != nil {
				p.Service, p.Name = s.Attr("name"), k.Attr("name")
				for _, a := range k.Kids {
					if a.Local == "address" {
						p.Address = a.Attr("location")
					}
				}
				list = append(list, p)
			}
		}
	}
	for n, b := range d.bindings {
		if p := d.port(b); p != nil && !used[b] && len(d.bindings) == 1 {
			p.Name = n.Local
			list = append(list, p)
		}
	}
	return list
}

// port returns a binding as a port, nil if it does not speak SOAP over HTTP.
func (d *Definitions) port(b *xsd.Element) *Port {
	p := &Port{binding: b, portType: d.types[b.QName("type")], Version: "1.1", style: "document"}
	bind := b.First(bindSpace, "binding")
	if bind == nil {
		bind, p.Version = b.First(bind12Space, "binding"), "1.2"
	}
	if bind == nil || p.portType == nil {
		return nil
	}
	if s := bind.Attr("style"); s != "" {
		p.style = s
	}
	return p
}

// Joins reports whether two ports have the same operations.
func (p *Port) Joins(other *Port) bool { return p.portType == other.portType }

// Choose returns the first port of a service, a name and a version of SOAP, each of which may be "" for any; nil if there is none.
func (d *Definitions) Choose(service, portName, version string) *Port {
	for _, p := range d.Ports() {
		if (service == "" || p.Service == service) && (portName == "" || p.Name == portName) && (version == "" || p.Version == version) {
			return p
		}
	}
	return nil
}

// Operation is an operation of a port: its entries in the binding and in the port type.
type Operation struct {
	port     *Port
	Name     string
	ID       string // the name, with that of the input where several operations share it
	binding  *xsd.Element
	portType *xsd.Element
	Action   string
	style    string
	Doc      string
	Pos      diag.Pos
}

// Operations lists the operations of a port.
func (d *Definitions) Operations(p *Port) (list []*Operation) {
	for _, k := range p.binding.Kids {
		if k.Space != wsdlSpace || k.Local != "operation" {
			continue
		}
		b := &Operation{port: p, Name: k.Attr("name"), binding: k, style: p.style, Pos: k.Pos}
		for _, x := range k.Kids {
			if x.Local == "operation" && (x.Space == bindSpace || x.Space == bind12Space) {
				b.Action = x.Attr("soapAction")
				if s := x.Attr("style"); s != "" {
					b.style = s
				}
			}
		}
		b.portType = p.entry(k)
		if b.portType == nil {
			continue
		}
		if x := b.portType.First(wsdlSpace, "documentation"); x != nil {
			b.Doc = strings.Join(strings.Fields(x.Text), " ")
		}
		b.ID = b.Name
		list = append(list, b)
	}
	for _, b := range list {
		for _, other := range list {
			if other != b && other.Name == b.Name {
				b.ID = b.Name + "(" + messageName(b.portType, "input") + ")"
			}
		}
	}
	return list
}

// entry returns the operation of the port type that an operation of the binding is: of several that share the name, the one
// whose input and output are called as the binding says (WSDL 1.1, 2.5).
func (p *Port) entry(binding *xsd.Element) *xsd.Element {
	var first *xsd.Element
	for _, x := range p.portType.Kids {
		if x.Space != wsdlSpace || x.Local != "operation" || x.Attr("name") != binding.Attr("name") {
			continue
		}
		if first == nil {
			first = x
		}
		same := true
		for _, which := range []string{"input", "output"} {
			if said := binding.First(wsdlSpace, which); said != nil && said.Attr("name") != "" && said.Attr("name") != messageName(x, which) {
				same = false
			}
		}
		if same {
			return x
		}
	}
	return first
}

// messageName returns the name of an operation's input or output: what it says, or what is usual (WSDL 1.1, 2.4.5).
func messageName(operation *xsd.Element, which string) string {
	k := operation.First(wsdlSpace, which)
	switch {
	case k == nil:
		return ""
	case k.Attr("name") != "":
		return k.Attr("name")
	case operation.First(wsdlSpace, "output") == nil:
		return operation.Attr("name")
	case which == "input":
		return operation.Attr("name") + "Request"
	}
	return operation.Attr("name") + "Response"
}

// direction returns the entries of an operation's input or output in the port type and in the binding; nil if it has
// none.
func (b *Operation) direction(which string) (abstract, concrete *xsd.Element) {
	abstract, concrete = b.portType.First(wsdlSpace, which), b.binding.First(wsdlSpace, which)
	if concrete == nil {
		concrete = &xsd.Element{}
	}
	return abstract, concrete
}

// soapChild returns the SOAP element of a name in an entry of a binding, nil if there is none.
func soapChild(e *xsd.Element, local string) *xsd.Element {
	if list := soapChildren(e, local); len(list) > 0 {
		return list[0]
	}
	return nil
}

// soapChildren returns the SOAP elements of a name in an entry of a binding; in MIME bindings they stand in a part.
func soapChildren(e *xsd.Element, local string) (list []*xsd.Element) {
	for _, k := range e.Kids {
		if k.Local == local && (k.Space == bindSpace || k.Space == bind12Space) {
			list = append(list, k)
		}
		if k.Space == mimeSpace {
			list = append(list, soapChildren(k, local)...)
		}
	}
	return list
}

// mimeContents returns the mime:content elements in an entry of a binding: parts that are attached.
func mimeContents(e *xsd.Element) (list []*xsd.Element) {
	for _, k := range e.Kids {
		if k.Space != mimeSpace {
			continue
		}
		if k.Local == "content" {
			list = append(list, k)
		}
		list = append(list, mimeContents(k)...)
	}
	return list
}

// parts returns the parts of a message.
func parts(message *xsd.Element) (list []*xsd.Element) {
	for _, k := range message.Kids {
		if k.Space == wsdlSpace && k.Local == "part" {
			list = append(list, k)
		}
	}
	return list
}
