package wsdl

import (
	"net/url"
	"path"
	"strings"

	"fondaco/connectors/soap/xsd"
	"fondaco/transform/codec"
)

// Documents are the files that a WSDL is made of, for those who ask a service for its description. Safe for concurrent use.
type Documents struct {
	file    string
	schemas xsd.References
}

// Documents returns the files that the WSDL is made of.
func (d *Definitions) Documents() *Documents { return &Documents{d.file, d.Schemas.References()} }

// Has reports whether a file is one of them; d may be nil.
func (d *Documents) Has(file string) bool { return d != nil && d.schemas.Opened(file) }

// Rewritten returns a document of these files with the address base in place of the service's and of those of the documents that it names;
// its other bytes stay, so that annotations and policies do.
func (d *Documents) Rewritten(data []byte, file, base string) []byte {
	scan := xsd.ScanDocument(data)
	var dst []byte
	done := 0
	for {
		kind, err := scan.Next()
		if err != nil || kind == codec.XMLEOF {
			return append(dst, data[done:]...)
		}
		if kind != codec.XMLStart {
			continue
		}
		space, local := scan.Name()
		attribute, value := "", ""
		switch {
		case (space == bindSpace || space == bind12Space) && local == "address":
			attribute, value = "location", base
		case space == wsdlSpace && local == "import":
			attribute = "location"
		case space == xsd.Space && (local == "import" || local == "include" || local == "redefine"):
			attribute = "schemaLocation"
		default:
			continue
		}
		said := ""
		for _, a := range scan.Attrs() {
			if a.Space == "" && a.Local == attribute {
				said = a.Value
			}
		}
		if value == "" && said != "" {
			named := d.schemas.Means(file, said)
			if named == "" {
				continue
			}
			value = base + "?file=" + url.QueryEscape(relative(path.Dir(d.file), named))
		}
		begin, end := scan.Start(), scan.Offset()
		if begin < done || end > len(data) || said == "" {
			continue
		}
		if at := strings.Index(string(data[begin:end]), said); at >= 0 {
			dst = append(dst, data[done:begin+at]...)
			dst = codec.AppendXMLAttr(dst, value)
			done = begin + at + len(said)
		}
	}
}

// relative returns a file as it is seen from a folder.
func relative(dir, file string) string {
	up := ""
	for dir != "." && dir != "" && !strings.HasPrefix(file, dir+"/") {
		dir, up = path.Dir(dir), up+"../"
	}
	if dir == "." || dir == "" {
		return up + file
	}
	return up + strings.TrimPrefix(file, dir+"/")
}
