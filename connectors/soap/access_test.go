package soap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/transform"
)

const reached = `connector: prova
version: 1.0.0
params:
  endpoint: { type: string, format: uri }
  password: { type: string, secret: true }
  utente: { type: string, default: dime }
soap:
  wsdl: s.wsdl
  endpoint: ${param.endpoint}
  auth: { basic: { username: "${param.utente}", password: "${param.password}" } }
  tls: { certificate: cert.pem, key: key.pem, ca: ca.pem }
  headers: { X-Canale: "${param.utente}" }
operations:
  op: { effect: read }
`

const tiny = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t"><types><x:schema targetNamespace="urn:t"><x:element name="a" type="x:string"/></x:schema></types>
<message name="in"><part name="p" element="t:a"/></message><portType name="p"><operation name="op"><input message="t:in"/><output message="t:in"/></operation></portType>
<binding name="b" type="t:p"><soap:binding/><operation name="op"/></binding><service name="s"><port name="p" binding="t:b"/></service></definitions>`

// TestAccess: the certificate, the user and the headers come to the service, over TLS, and the address is as written.
func TestAccess(t *testing.T) {
	seen := ""
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		_, _ = io.Copy(io.Discard, r.Body)
		seen = fmt.Sprintf("%s %s %s:%s %s %d", r.Method, r.RequestURI, user, password, r.Header.Get("X-Canale"), len(r.TLS.PeerCertificates))
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, `<s:Envelope xmlns:s="`+soap11+`"><s:Body><a xmlns="urn:t">sì</a></s:Body></s:Envelope>`)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	defer server.Close()
	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	files := fstest.MapFS{
		"c/connector.yaml": {Data: []byte(reached)}, "c/s.wsdl": {Data: []byte(tiny)},
		"cert.pem": {Data: cert}, "ca.pem": {Data: cert}, "key.pem": {Data: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})},
	}
	var out diag.List
	c := connectors.Load(files, "c", connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	caller, err := Protocol.Open(context.Background(), system(c, server.URL+"/servizio/?canale=x"), connectors.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = caller.Close() }()
	got, err := call(t, c, caller, "op", `{"value":"x"}`)
	const want = `POST /servizio/?canale=x dime:p<w>&"d dime 1`
	if err != nil || got != `{"value":"sì"}` || seen != want {
		t.Errorf("got %s, %v, sent %s\nwant %s", got, err, seen, want)
	}
	s := system(c, "https://127.0.0.1:1")
	delete(files, "key.pem")
	if _, err := Protocol.Open(context.Background(), s, connectors.Deps{}); err == nil || !strings.HasPrefix(err.Error(), "system prova: ") {
		t.Errorf("without its key: %v", err)
	}
	delete(s.Params, "password")
	s.Params["password"] = config.ParseRefs(config.Text{Value: "${secret.nessuno}"}, nil, &diag.List{})
	if _, err := Protocol.Open(context.Background(), s, connectors.Deps{}); err == nil {
		t.Error("opened without its password")
	}
}

// TestAccess_problems: what a connector may not say under soap.
func TestAccess_problems(t *testing.T) {
	for _, x := range []struct{ from, to, want string }{
		{`password: "${param.password}"`, `password: aperto`, "password: a secret is written into the file"},
		{`password: "${param.password}"`, `password: "${param.utente}"`, `the parameter "utente" does not say that it is one`},
		{"X-Canale", "SOAPAction", "the header SOAPAction is the protocol's own"},
		{"X-Canale", "Host", "the header Host is the transport's own"},
		{"X-Canale", `"X Canale"`, "found ' ' in the name of a header"},
		{"key: key.pem, ", "", "tls needs both certificate and key, or neither"},
		{
			"tls:", `username_token: { username: "${param.utnte}", password: "${param.password}" }` + "\n  tls:",
			`the connector has no parameter "utnte"`,
		},
		{"tls:", `username_token: { username: dime, password: aperto }` + "\n  tls:", "password: a secret is written into the file"},
		{"${param.endpoint}", "${param.endpont}", `the connector has no parameter "endpont"`},
	} {
		var out diag.List
		connectors.Load(fstest.MapFS{
			"c/connector.yaml": {Data: []byte(strings.Replace(reached, x.from, x.to, 1))}, "c/s.wsdl": {Data: []byte(tiny)},
		}, "c", connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
		list := out.Sorted()
		if len(list) != 1 || !strings.HasSuffix(list[0].Message, x.want) {
			t.Errorf("%s → %s: got %v\nwant %s", x.from, x.to, list, x.want)
		}
	}
}
