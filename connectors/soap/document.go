package soap

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/transform/codec"
)

// giveDocument answers a GET: with ?wsdl the WSDL, with ?file=NAME a schema that it names. Imports and the address are
// written as they are reached here.
func (s *service) giveDocument(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	file := ""
	for _, word := range []string{"wsdl", "WSDL"} {
		if _, asked := query[word]; asked {
			file = s.wire.file
		}
	}
	if name := query.Get("file"); name != "" {
		file = path.Join(path.Dir(s.wire.file), name)
	}
	if file == "" || !s.wire.documents[file] {
		w.Header().Set("Allow", "POST")
		http.Error(w, "SOAP is sent by POST; the description is at ?wsdl", http.StatusMethodNotAllowed)
		return
	}
	var err error
	var out diag.List
	data, ok := config.ReadBytes(s.connector.FS, file, maxDocuments, &out, diag.Pos{})
	if !ok {
		http.Error(w, "the document is not there", http.StatusNotFound)
		return
	}
	if data, _, err = codec.XMLUTF8(data, ""); err != nil {
		http.Error(w, "the document is not there", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write(s.rewritten(data, file, address(r)))
}

// address returns where a request reached the service.
func address(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host + r.URL.Path
}

// rewritten returns a document with the addresses of the service and of the documents that it names in their place; its
// other bytes stay, so that annotations and policies do.
func (s *service) rewritten(data []byte, file, base string) []byte {
	scan := codec.NewXMLScanner(withoutDoctype(data), schemaLimits)
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
		case space == xsdSpace && (local == "import" || local == "include" || local == "redefine"):
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
			named := s.wire.named[file+"\x00"+said]
			if named == "" {
				continue
			}
			value = base + "?file=" + url.QueryEscape(relative(path.Dir(s.wire.file), named))
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
