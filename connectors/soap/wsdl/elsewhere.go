package wsdl

import (
	"cmp"
	"path"
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/soap/xsd"
)

// BoundElsewhere returns a port type of the WSDL, and the files beside it that hold a binding of it: vendors publish the abstract
// and the concrete part apart, and it is the concrete one that a connector names. "" if the WSDL has no port type.
func (d *Definitions) BoundElsewhere() (portType string, files []string) {
	var list []xsd.Name
	for n := range d.types {
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b xsd.Name) int { return cmp.Or(cmp.Compare(a.Local, b.Local), cmp.Compare(a.Space, b.Space)) })
	if len(list) == 0 {
		return "", nil
	}
	var quiet diag.List
	for _, n := range list {
		for _, beside := range config.Files(d.fsys, path.Dir(d.file), &quiet, ".wsdl") {
			if beside == d.file {
				continue
			}
			root := d.Schemas.Peek(beside)
			if root == nil {
				continue
			}
			if slices.ContainsFunc(root.Kids, func(k *xsd.Element) bool {
				return k.Space == wsdlSpace && k.Local == "binding" && k.QName("type") == n
			}) {
				files = append(files, relative(path.Dir(d.file), beside))
			}
		}
		if len(files) > 0 {
			return n.Local, files
		}
	}
	return list[0].Local, nil
}
