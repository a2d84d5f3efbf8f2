package soap

import (
	"net/http"
	"path"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/soap/xsd"
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
	if file == "" || !s.wire.documents.Has(file) {
		w.Header().Set("Allow", "POST")
		http.Error(w, "SOAP is sent by POST; the description is at ?wsdl", http.StatusMethodNotAllowed)
		return
	}
	var err error
	var out diag.List
	data, ok := config.ReadBytes(s.connector.FS, file, xsd.MaxDocuments, &out, diag.Pos{})
	if !ok {
		http.Error(w, "the document is not there", http.StatusNotFound)
		return
	}
	if data, _, err = codec.XMLUTF8(data, ""); err != nil {
		http.Error(w, "the document is not there", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write(s.wire.documents.Rewritten(data, file, address(r)))
}

// address returns where a request reached the service.
func address(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host + r.URL.Path
}
