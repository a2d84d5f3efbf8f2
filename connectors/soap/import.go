package soap

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/scaffold"
	"fondaco/connectors/soap/wsdl"
)

// Importer makes connectors out of WSDLs.
var Importer = &scaffold.Importer{Name: "wsdl", Title: "a WSDL 1.1 with the schemas that it imports", Ports: true, Read: readImport}

// importFolder is where a connector keeps the documents.
const importFolder = "wsdl"

// readImport reads a WSDL for a connector to be made of it.
func readImport(fsys fs.FS, file string, o scaffold.Options, out *diag.List) *scaffold.Import {
	at := diag.Pos{File: file}
	var ignored diag.List // all that is wrong is told by describe, of the operations that are kept
	d := wsdl.Read(fsys, file, &ignored, at)
	if d == nil {
		wsdl.Read(fsys, file, out, at)
		return nil
	}
	p := d.Choose(o.Service, o.Port, "")
	if p == nil {
		(&wire{wsdl: config.Text{Value: file, Pos: at}, file: file}).reportPort(d, out)
		return nil
	}
	x := &scaffold.Import{Protocol: Protocol.Name, File: file, Service: p.Service, Title: d.Documentation(p)}
	if x.Service == "" {
		x.Service = strings.TrimSuffix(path.Base(file), path.Ext(file))
	}
	for _, other := range d.Ports() {
		x.Choices = append(x.Choices, other.Service+"/"+other.Name+" (SOAP "+other.Version+")")
	}
	c, files, tooLarge := imagined(d, fsys, file, o, p), d.Sources(), d.Schemas.Exceeded()
	d = nil // describe reads the documents again, and two trees of large ones need not be there at once
	var described diag.List
	if describe(c, &described); tooLarge || exceeded(c) {
		describe(c, out) // says what is too large
		return nil
	}
	all := len(c.Operations)
	c.Operations = slices.DeleteFunc(c.Operations, func(operation *connectors.Operation) bool {
		p, ok := operation.Wire.(*op)
		bad := !ok || p.in == nil || p.out == nil || operation.Input == nil || operation.Output == nil
		if bad && ok {
			x.Unreadable = append(x.Unreadable, p.operation.Value)
		}
		return bad
	})
	if len(c.Operations) == all {
		out.Join(&described)
	} else {
		forget(c.Operations) // what was compiled, to be compiled again
		describe(c, out)
	}
	for _, operation := range c.Operations {
		x.Operations = append(x.Operations, imported(operation, p.Version))
	}
	access(x, p, o, sources(x, files), files.Asks)
	return x
}
