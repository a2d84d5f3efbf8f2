package xsd

import (
	"errors"
	"io/fs"
	"path"

	"fondaco/config"
	"fondaco/config/diag"
)

// Neighbours are the documents of a folder by their target namespaces. Vendors ship the files of a service side by side
// and leave in them the addresses that they once came from: what a document imports by a namespace, and does not have, is
// looked for here.
type Neighbours map[string][]string

// Beside returns the neighbours with an ending (.xsd or .wsdl) in the folder of a file and those inside of it, read once.
// What is wrong with them is not reported: it counts only once one of them is needed.
func (s *Schemas) Beside(file, ending string) Neighbours {
	dir := path.Dir(file)
	key := dir + "\x00" + ending
	if n := s.folders[key]; n != nil {
		return n
	}
	n := Neighbours{}
	s.folders[key] = n
	var quiet diag.List
	bytes := 0
	for _, name := range config.Files(s.fsys, dir, &quiet, ending) {
		data, ok := config.ReadBytes(s.fsys, name, MaxDocuments, &quiet, diag.Pos{})
		if bytes += len(data); bytes > MaxDocuments {
			break
		}
		if !ok {
			continue
		}
		if root := readDOM(name, data, &quiet); root != nil {
			target := root.Attr("targetNamespace")
			n[target] = append(n[target], name)
		}
	}
	return n
}

// Exists reports whether a file of the project exists. One that exists and cannot be read is reported when it is opened.
func (s *Schemas) Exists(file string) bool {
	_, err := fs.Stat(s.fsys, file)
	return !errors.Is(err, fs.ErrNotExist)
}

// Settle reads, for the imports that name no file that is there, the neighbours of their namespaces; what is still
// missing is reported.
func (s *Schemas) Settle() {
	for len(s.unsettled) > 0 {
		k := s.unsettled[0]
		s.unsettled = s.unsettled[1:]
		space := k.Attr("namespace")
		if k.Local == "import" && s.Has(space) {
			continue
		}
		found := false
		if k.Local == "import" && space != "" {
			for _, file := range s.Beside(k.Pos.File, ".xsd")[space] {
				s.take(file, k, "")
				found = true
			}
		}
		if found {
			continue
		}
		switch file, remote, ok := s.Location(k, "schemaLocation"); {
		case !ok:
		case remote:
			s.out.Report(diag.BadSchema, k.Pos, "the schema lies at an address, and addresses are never fetched").
				WithHint("put its file beside this one, as a file that ends in .xsd")
		default:
			s.Open(file, k.Pos) // says that it is not there
		}
	}
}
