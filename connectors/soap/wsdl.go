package soap

import (
	"io/fs"
	"strings"

	"fondaco/config/diag"
)

// The namespaces of WSDL 1.1 and its SOAP bindings.
const (
	wsdlSpace   = "http://schemas.xmlsoap.org/wsdl/"
	bindSpace   = "http://schemas.xmlsoap.org/wsdl/soap/"
	bind12Space = "http://schemas.xmlsoap.org/wsdl/soap12/"
	mimeSpace   = "http://schemas.xmlsoap.org/wsdl/mime/"
)

// definitions are all WSDL documents of a connector, by what they define.
type definitions struct {
	schemas                   *schemas
	out                       *diag.List
	messages, types, bindings map[name]*element
	services                  []*element
	space                     map[*element]string // the namespace of the document that a definition stands in
	seen                      map[string]bool
	unsettled                 []*element // imports that name no file that is there
}

// readWSDL reads a WSDL and all that it imports; nil if it cannot be read.
func readWSDL(fsys fs.FS, file string, out *diag.List, at diag.Pos) *definitions {
	return readCatalogued(fsys, file, nil, out, at)
}

// readCatalogued is readWSDL with files that stand for addresses.
func readCatalogued(fsys fs.FS, file string, catalog map[string]string, out *diag.List, at diag.Pos) *definitions {
	d := &definitions{
		schemas: newSchemas(fsys, out), out: out,
		messages: map[name]*element{}, types: map[name]*element{}, bindings: map[name]*element{},
		space: map[*element]string{}, seen: map[string]bool{},
	}
	d.schemas.catalog = catalog
	if !d.read(file, at, at) {
		return nil
	}
	d.settle(at)
	d.schemas.settle()
	for _, m := range d.messages {
		for _, part := range parts(m) {
			d.schemas.spoken[part.qname("element")] = true
		}
	}
	return d
}

func (d *definitions) read(file string, at, top diag.Pos) bool {
	if d.seen[file] {
		return true
	}
	d.seen[file] = true
	root := d.schemas.open(file, at)
	if root == nil {
		return false
	}
	switch {
	case root.space == xsdSpace && root.local == "schema" && at != top:
		d.schemas.include(root, "")
		return true
	case root.space != wsdlSpace || root.local != "definitions":
		p := d.out.Report(diag.BadSchema, root.pos, "found the element %s, expected the definitions of WSDL 1.1", root.local)
		if strings.HasPrefix(root.space, "http://www.w3.org/ns/wsdl") {
			p.WithHint("this is WSDL 2.0: services give 1.1 as well")
		}
		return false
	}
	target := root.attr("targetNamespace")
	for _, k := range root.kids {
		if k.space != wsdlSpace {
			continue
		}
		n := name{target, k.attr("name")}
		switch k.local {
		case "import":
			switch file, remote, ok := d.schemas.location(k, "location"); {
			case !ok:
			case remote || !d.schemas.there(file):
				d.unsettled = append(d.unsettled, k)
			default:
				d.read(file, k.pos, top)
			}
		case "types":
			d.schemas.all(k)
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
func (d *definitions) settle(top diag.Pos) {
	for len(d.unsettled) > 0 {
		k := d.unsettled[0]
		d.unsettled = d.unsettled[1:]
		space, found := k.attr("namespace"), false
		for _, ending := range []string{".wsdl", ".xsd"} {
			for _, file := range d.schemas.beside(k.pos.File, ending)[space] {
				if space != "" && file != k.pos.File {
					found = d.read(file, k.pos, top) || found
				}
			}
			if found {
				break
			}
		}
		if found {
			continue
		}
		if file, remote, _ := d.schemas.location(k, "location"); !remote {
			d.schemas.open(file, k.pos) // says that it is not there
		} else {
			d.out.Report(diag.BadSchema, k.pos, "the WSDL imports an address, and addresses are never fetched").
				WithHint("put its file beside this one, as a file that ends in .wsdl")
		}
	}
}

func (d *definitions) keep(in map[name]*element, n name, k *element) {
	d.space[k] = n.space
	if in[n] == nil {
		in[n] = k
	}
}

// port is a SOAP port of a service: a binding, and the version that it speaks.
type port struct {
	service, name string
	binding       *element
	portType      *element
	version       string // 1.1 or 1.2
	style         string // document or rpc, of operations that say nothing
	address       string
}

// ports lists the SOAP ports, in the documents' order. Bindings that no service names come after them.
func (d *definitions) ports() (list []*port) {
	used := map[*element]bool{}
	for _, s := range d.services {
		for _, k := range s.kids {
			if k.space != wsdlSpace || k.local != "port" {
				continue
			}
			b := d.bindings[k.qname("binding")]
			if b == nil {
				continue
			}
			used[b] = true
			if p := d.port(b); p != nil {
				p.service, p.name = s.attr("name"), k.attr("name")
				for _, a := range k.kids {
					if a.local == "address" {
						p.address = a.attr("location")
					}
				}
				list = append(list, p)
			}
		}
	}
	for n, b := range d.bindings {
		if p := d.port(b); p != nil && !used[b] && len(d.bindings) == 1 {
			p.name = n.local
			list = append(list, p)
		}
	}
	return list
}

// port returns a binding as a port, nil if it does not speak SOAP over HTTP.
func (d *definitions) port(b *element) *port {
	p := &port{binding: b, portType: d.types[b.qname("type")], version: "1.1", style: "document"}
	bind := b.first(bindSpace, "binding")
	if bind == nil {
		bind, p.version = b.first(bind12Space, "binding"), "1.2"
	}
	if bind == nil || p.portType == nil {
		return nil
	}
	if s := bind.attr("style"); s != "" {
		p.style = s
	}
	return p
}

// choose returns the port that a connector wants: the first of those that fit what it says.
func (d *definitions) choose(service, portName, version string) *port {
	for _, p := range d.ports() {
		if (service == "" || p.service == service) && (portName == "" || p.name == portName) && (version == "" || p.version == version) {
			return p
		}
	}
	return nil
}

// bound is an operation of a port: its entries in the binding and in the port type.
type bound struct {
	port     *port
	name     string
	id       string // the name, with that of the input where several operations share it
	binding  *element
	portType *element
	action   string
	style    string
	docs     string
}

// operations lists the operations of a port.
func (d *definitions) operations(p *port) (list []*bound) {
	for _, k := range p.binding.kids {
		if k.space != wsdlSpace || k.local != "operation" {
			continue
		}
		b := &bound{port: p, name: k.attr("name"), binding: k, style: p.style}
		for _, x := range k.kids {
			if x.local == "operation" && (x.space == bindSpace || x.space == bind12Space) {
				b.action = x.attr("soapAction")
				if s := x.attr("style"); s != "" {
					b.style = s
				}
			}
		}
		b.portType = p.entry(k)
		if b.portType == nil {
			continue
		}
		if x := b.portType.first(wsdlSpace, "documentation"); x != nil {
			b.docs = strings.Join(strings.Fields(x.text), " ")
		}
		b.id = b.name
		list = append(list, b)
	}
	for _, b := range list {
		for _, other := range list {
			if other != b && other.name == b.name {
				b.id = b.name + "(" + messageName(b.portType, "input") + ")"
			}
		}
	}
	return list
}

// entry returns the operation of the port type that an operation of the binding is: of several that share the name, the one
// whose input and output are called as the binding says (WSDL 1.1, 2.5).
func (p *port) entry(binding *element) *element {
	var first *element
	for _, x := range p.portType.kids {
		if x.space != wsdlSpace || x.local != "operation" || x.attr("name") != binding.attr("name") {
			continue
		}
		if first == nil {
			first = x
		}
		same := true
		for _, which := range []string{"input", "output"} {
			if said := binding.first(wsdlSpace, which); said != nil && said.attr("name") != "" && said.attr("name") != messageName(x, which) {
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
func messageName(operation *element, which string) string {
	k := operation.first(wsdlSpace, which)
	switch {
	case k == nil:
		return ""
	case k.attr("name") != "":
		return k.attr("name")
	case operation.first(wsdlSpace, "output") == nil:
		return operation.attr("name")
	case which == "input":
		return operation.attr("name") + "Request"
	}
	return operation.attr("name") + "Response"
}

// direction returns the entries of an operation's input or output in the port type and in the binding; nil if it has
// none.
func (b *bound) direction(which string) (abstract, concrete *element) {
	abstract, concrete = b.portType.first(wsdlSpace, which), b.binding.first(wsdlSpace, which)
	if concrete == nil {
		concrete = &element{}
	}
	return abstract, concrete
}

// soapChild returns the SOAP element of a name in an entry of a binding, nil if there is none.
func soapChild(e *element, local string) *element {
	if list := soapChildren(e, local); len(list) > 0 {
		return list[0]
	}
	return nil
}

// soapChildren returns the SOAP elements of a name in an entry of a binding; in MIME bindings they stand in a part.
func soapChildren(e *element, local string) (list []*element) {
	for _, k := range e.kids {
		if k.local == local && (k.space == bindSpace || k.space == bind12Space) {
			list = append(list, k)
		}
		if k.space == mimeSpace {
			list = append(list, soapChildren(k, local)...)
		}
	}
	return list
}

// mimeContents returns the mime:content elements in an entry of a binding: parts that are attached.
func mimeContents(e *element) (list []*element) {
	for _, k := range e.kids {
		if k.space != mimeSpace {
			continue
		}
		if k.local == "content" {
			list = append(list, k)
		}
		list = append(list, mimeContents(k)...)
	}
	return list
}

// parts returns the parts of a message.
func parts(message *element) (list []*element) {
	for _, k := range message.kids {
		if k.space == wsdlSpace && k.local == "part" {
			list = append(list, k)
		}
	}
	return list
}
