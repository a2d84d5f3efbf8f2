package soap

import (
	"cmp"
	"path"
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
)

// boundElsewhere returns a port type of the WSDL, and the files beside it that hold a binding of it: vendors publish the abstract
// and the concrete part apart, and it is the concrete one that a connector names. "" if the WSDL has no port type.
func (d *definitions) boundElsewhere(file string) (portType string, files []string) {
	var list []name
	for n := range d.types {
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b name) int { return cmp.Or(cmp.Compare(a.local, b.local), cmp.Compare(a.space, b.space)) })
	if len(list) == 0 {
		return "", nil
	}
	var quiet diag.List
	for _, n := range list {
		for _, beside := range config.Files(d.schemas.fsys, path.Dir(file), &quiet, ".wsdl") {
			data, ok := config.ReadBytes(d.schemas.fsys, beside, maxDocuments, &quiet, diag.Pos{})
			if !ok || beside == file {
				continue
			}
			root := readDOM(beside, data, &quiet)
			if root == nil {
				continue
			}
			if slices.ContainsFunc(root.kids, func(k *element) bool {
				return k.space == wsdlSpace && k.local == "binding" && k.qname("type") == n
			}) {
				files = append(files, relative(path.Dir(file), beside))
			}
		}
		if len(files) > 0 {
			return n.local, files
		}
	}
	return list[0].local, nil
}
