package routes_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/routes"
	"fondaco/routes/routestest"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// seal is a certificate that its owner has issued to itself, and its key, in PEM.
type seal struct {
	cert             *x509.Certificate
	certPEM, keyPEM  []byte
	fingerprint, key string
}

func newSeal(t *testing.T, name string) seal {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name, Organization: []string{"Comune di Venezia"}, Country: []string{"IT"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		SubjectKeyId: []byte(name),
	}
	der, err := x509.CreateCertificate(rand.Reader, made, made, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	whole, public := sha256.Sum256(der), sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	written := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	return seal{cert, written("CERTIFICATE", der), written("PRIVATE KEY", pkcs8), hex.EncodeToString(whole[:]), "sha256:" +
		hex.EncodeToString(public[:])}
}

const signedProject = `project: prova
title: Prova
services:
  avvisi: { connector: ./connectors/avvisi, path: /soap/avvisi, auth: none }
`

const signedConnector = `connector: avvisi
version: 1.0.0
params: { endpoint: { type: string } }
soap:
  wsdl: s.wsdl
  endpoint: ${param.endpoint}
  signature: { certificate: cert.pem, key: key.pem, trusted: trusted.pem }
operations:
  leggi: { effect: read }
`

const signedRoutes = `routes:
  leggi:
    soap: avvisi.leggi
    steps:
      - fail: { status: 403, title: No, detail: "Non per ${signer.subject}" }
        when: signer.subject != "CN=Anagrafe,O=Comune di Venezia,C=IT"
    respond:
      body:
        nome: ${signer.subject + " " + signer.issuer + " " + signer.fingerprint + " " + signer.key}
        saldo: 1
`

// signedFiles are the files of the project over the WSDL of soap_user.txtar: ours is its certificate, trusted may sign.
func signedFiles(t *testing.T, ours seal, trusted ...seal) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, f := range ParseArchive(read(t, "testdata/soap_user.txtar")).Files {
		if strings.HasSuffix(f.Name, ".wsdl") {
			fsys["connectors/avvisi/s.wsdl"] = &fstest.MapFile{Data: []byte(f.Text)}
		}
	}
	var all []byte
	for _, x := range trusted {
		all = append(all, x.certPEM...)
	}
	for name, data := range map[string][]byte{
		"fondaco.yaml": []byte(signedProject), "routes/leggi.yaml": []byte(signedRoutes),
		"connectors/avvisi/connector.yaml": []byte(signedConnector),
		"cert.pem":                         ours.certPEM, "key.pem": ours.keyPEM, "trusted.pem": all,
	} {
		fsys[name] = &fstest.MapFile{Data: data}
	}
	return fsys
}

func checked(t *testing.T, fsys fstest.MapFS) *routes.Typed {
	t.Helper()
	var out diag.List
	typed := routes.Check(routes.Load(config.Source{FS: fsys}, all.Protocols, &out), &out)
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	return typed
}

// TestSigner: a route of a service that demands signatures knows who has signed the very message that it answers, and
// decides by it; what nobody trusted has signed never gets to the route.
func TestSigner(t *testing.T) {
	ours, registry, taxes, stranger := newSeal(t, "Comune"), newSeal(t, "Anagrafe"), newSeal(t, "Tributi"), newSeal(t, "Altri")
	p := routes.Compile(checked(t, signedFiles(t, ours, registry, taxes)))
	if err := p.Start(t.Context(), routes.Deps{}); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close(context.Background()) }()
	said := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		route, _ := find(p, r.Method, r.URL.Path)
		res, err := route.Serve(r.Context(), &trigger.Request{Host: r.Host, Header: r.Header, Body: body})
		if err != nil {
			t.Error(err)
			return
		}
		defer res.Release()
		w.Header().Set("Content-Type", res.ContentType)
		said = string(res.Body)
		w.WriteHeader(res.Status)
		_, _ = w.Write(res.Body)
	}))
	defer server.Close()
	for _, x := range []struct {
		what string
		by   seal
		deps connectors.Deps
		want string // a part of the answer, or of the fault
	}{
		{"the registry", registry, connectors.Deps{}, `"CN=Anagrafe,O=Comune di Venezia,C=IT CN=Anagrafe,O=Comune di Venezia,C=IT ` +
			registry.fingerprint + " " + registry.key + `"`},
		{"another who may sign", taxes, connectors.Deps{}, "Non per CN=Tributi,O=Comune di Venezia,C=IT"},
		{"a stranger", stranger, connectors.Deps{}, "the signature is not accepted"},
		{"nobody, as in a test of a project", registry, connectors.Deps{Signer: schema.RecordOf(connectors.SignerType, schema.Text("CN=Anagrafe"),
			schema.Text(""), schema.Text(""), schema.Text(""))}, "the signature is not accepted"},
	} {
		service := checked(t, signedFiles(t, x.by, ours)).Model.Service("avvisi")
		at := strings.TrimPrefix(server.URL, "http://")
		service.System.At(connectors.Place{Network: "tcp", Address: at, Path: "/soap/avvisi"})
		caller, err := service.System.Open(t.Context(), x.deps)
		if err != nil {
			t.Fatal(err)
		}
		op := service.System.Connector.Operation("leggi")
		call, err := caller.Call(op, op.Output)
		if err != nil {
			t.Fatal(err)
		}
		in, err := codec.CompileJSON(op.Input, codec.JSONOptions{}).Decode([]byte(`{"numero":1}`))
		if err != nil {
			t.Fatal(err)
		}
		out, err := call(t.Context(), in)
		if text := said + string(codec.AppendJSON(nil, out)); !strings.Contains(text, x.want) {
			t.Errorf("%s: found %s (%v), expected %s", x.what, text, err, x.want)
		}
		_ = caller.Close()
	}
}

// TestSignerInTests: a project's tests say who signs, and need neither keys nor certificates.
func TestSignerInTests(t *testing.T) {
	fsys := signedFiles(t, newSeal(t, "Comune"), newSeal(t, "Anagrafe"))
	delete(fsys, "key.pem")
	typed := checked(t, fsys)
	var out diag.List
	tests := routestest.Read(config.Parse("tests/leggi.yaml", []byte(`tests:
  - test: the registry
    request: { soap: avvisi.leggi, signer: { subject: "CN=Anagrafe,O=Comune di Venezia,C=IT", key: "sha256:1" }, body: { numero: 1 } }
    answer: { body: { nome: "CN=Anagrafe,O=Comune di Venezia,C=IT CN=authority `+strings.Repeat("0", 64)+` sha256:1", saldo: 1 } }
  - test: somebody else
    request: { soap: avvisi.leggi, body: { numero: 1 } }
    answer: { status: 500, body: { fault: Client, text: "No: Non per CN=test" } }
`), &out), typed.Model, &out)
	results, err := routestest.Run(t.Context(), typed, tests, door, &out)
	if err != nil || out.Failed() || len(results) != 2 {
		t.Fatal(results, err, out.Sorted())
	}
	for _, r := range results {
		if r.Failed != "" {
			t.Errorf("%s: %s", r.Test.Name.Value, r.Failed)
		}
	}
}
