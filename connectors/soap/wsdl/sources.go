package wsdl

import (
	"path"
	"strings"

	"fondaco/connectors/soap/xsd"
)

// Sources are the files that a WSDL is made of, for a connector to be made of it.
type Sources struct {
	File    string   // of the WSDL
	Base    string   // the folder that holds them all
	Files   []string // in order
	Missing []Missing
	Asks    Policies
}

// Missing is an address that a document imports, and that no file stands for.
type Missing struct{ Address, Space, File string }

// Sources lists the files that the WSDL is made of, and what the policies in them ask for.
func (d *Definitions) Sources() *Sources {
	s := &Sources{File: d.file, Base: path.Dir(d.file), Files: d.Schemas.Files()}
	told := map[string]bool{}
	for _, f := range s.Files {
		s.within(path.Dir(f))
		root := d.Schemas.Peek(f)
		if root == nil {
			continue
		}
		root.Walk(s.Asks.read)
		root.Walk(func(e *xsd.Element) {
			attribute := "schemaLocation"
			if e.Space == wsdlSpace {
				attribute = "location"
			}
			if e.Local != "import" && e.Local != "include" && e.Local != "redefine" {
				return
			}
			space := e.Attr("namespace")
			address, remote, ok := d.Schemas.Location(e, attribute)
			switch {
			case !ok:
			case !remote:
				if up, found := strings.CutSuffix("/"+address, "/"+e.Attr(attribute)); found {
					s.within(path.Join(".", "."+up)) // it was found from a folder above, which has to be above in the copy too
				}
			case !d.Schemas.Has(space) && !told[address]:
				told[address] = true
				s.Missing = append(s.Missing, Missing{address, space, f})
			}
		})
	}
	return s
}

// within makes the base hold a folder.
func (s *Sources) within(dir string) {
	for s.Base != "." && dir != s.Base && !strings.HasPrefix(dir, s.Base+"/") {
		s.Base = path.Dir(s.Base)
	}
}

// Documentation returns what the WSDL says of a port's service in words.
func (d *Definitions) Documentation(p *Port) string {
	for _, s := range d.services {
		if s.Attr("name") != p.Service {
			continue
		}
		if x := s.First(wsdlSpace, "documentation"); x != nil {
			return strings.Join(strings.Fields(x.Text), " ")
		}
	}
	return ""
}
