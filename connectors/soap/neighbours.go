package soap

import (
	"errors"
	"io/fs"
	"path"

	"fondaco/config"
	"fondaco/config/diag"
)

// neighbours are the documents of a folder by their target namespaces. Vendors ship the files of a service side by side
// and leave in them the addresses that they once came from: what a document imports by a namespace, and does not have, is
// looked for here.
type neighbours map[string][]string

// beside returns the neighbours with an ending (.xsd or .wsdl) in the folder of a file and those inside of it, read once.
// What is wrong with them is nobody's business as long as nobody needs them.
func (s *schemas) beside(file, ending string) neighbours {
	dir := path.Dir(file)
	key := dir + "\x00" + ending
	if n := s.folders[key]; n != nil {
		return n
	}
	n := neighbours{}
	s.folders[key] = n
	var quiet diag.List
	bytes := 0
	for _, name := range config.Files(s.fsys, dir, &quiet, ending) {
		data, ok := config.ReadBytes(s.fsys, name, maxDocuments, &quiet, diag.Pos{})
		if bytes += len(data); bytes > maxDocuments {
			break
		}
		if !ok {
			continue
		}
		if root := readDOM(name, data, &quiet); root != nil {
			target := root.attr("targetNamespace")
			n[target] = append(n[target], name)
		}
	}
	return n
}

// there reports whether a file exists: whether its absence is to be told now, or it may have a neighbour instead.
func (s *schemas) there(file string) bool {
	_, err := fs.Stat(s.fsys, file)
	return !errors.Is(err, fs.ErrNotExist)
}

// settle reads, for the imports that name no file that is there, the neighbours of their namespaces; what is still
// missing is reported.
func (s *schemas) settle() {
	for len(s.unsettled) > 0 {
		k := s.unsettled[0]
		s.unsettled = s.unsettled[1:]
		space := k.attr("namespace")
		if k.local == "import" && (known[space] || s.spaces[space]) {
			continue
		}
		found := false
		if k.local == "import" && space != "" {
			for _, file := range s.beside(k.pos.File, ".xsd")[space] {
				s.take(file, k, "")
				found = true
			}
		}
		if found {
			continue
		}
		switch file, remote, ok := s.location(k, "schemaLocation"); {
		case !ok:
		case remote:
			s.out.Report(diag.BadSchema, k.pos, "the schema lies at an address, and addresses are never fetched").
				WithHint("put its file beside this one, as a file that ends in .xsd")
		default:
			s.open(file, k.pos) // says that it is not there
		}
	}
}
