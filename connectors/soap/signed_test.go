package soap

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
	"fondaco/transform"
)

// identity makes a certificate of somebody, and its key, in PEM.
func identity(t *testing.T, name string) (certificate, key []byte) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(name))), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, SubjectKeyId: []byte(name),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

// signer loads a connector over misto.wsdl whose messages are signed by one and trusted of another.
func signer(t *testing.T, signature string, files fstest.MapFS) *connectors.Connector {
	t.Helper()
	data, err := os.ReadFile("testdata/styles/misto.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	all := fstest.MapFS{"c/s.wsdl": {Data: data}, "c/connector.yaml": {Data: []byte("connector: prova\nversion: 1.0.0\nparams: { endpoint: " +
		"{ type: string } }\nsoap:\n  wsdl: s.wsdl\n  endpoint: ${param.endpoint}\n" + signature +
		"operations:\n  registra: { effect: idempotent }\n")}}
	for name, f := range files {
		all[name] = f
	}
	var out diag.List
	c := connectors.Load(all, "c", connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
	for _, p := range out.Sorted() {
		t.Errorf("%s: %s", p.Pos, p.Message)
	}
	if t.Failed() {
		t.FailNow()
	}
	return c
}

const registro = `{"soggetto":[{"xsi_type":"Persona","nome":"Marco","eta":70}],"luogo":{"xsi_type":"Luogo","via":"Rio Alto"}}`

// TestSigned: the city calls, and is called, as ModI has it: both sides sign, both verify, and of what was not signed
// nothing is read.
func TestSigned(t *testing.T) {
	ourCert, ourKey := identity(t, "comune")
	theirCert, theirKey := identity(t, "ministero")
	otherCert, otherKey := identity(t, "un altro")
	files := func(cert, key, trusted []byte) fstest.MapFS {
		return fstest.MapFS{"c/cert.pem": {Data: cert}, "c/key.pem": {Data: key}, "c/trusted.pem": {Data: trusted}}
	}
	const pems = "certificate: c/cert.pem, key: c/key.pem, trusted: c/trusted.pem"
	for _, x := range []struct {
		name, ours, theirs string
		cert, key          []byte // of the caller
		change             func([]byte) []byte
		want               string
	}{
		{name: "ID_AUTH_SOAP_01", ours: "modi: ID_AUTH_SOAP_01", theirs: "modi: ID_AUTH_SOAP_01"},
		{
			name: "ID_AUTH_SOAP_02 and INTEGRITY_SOAP_01", ours: "modi: [ID_AUTH_SOAP_02, INTEGRITY_SOAP_01]",
			theirs: "modi: [ID_AUTH_SOAP_02, INTEGRITY_SOAP_01]",
		},
		{name: "parts", ours: "parts: [body, timestamp, token]", theirs: "parts: [body, timestamp]"},
		{
			name: "told by thumbprint", ours: "modi: INTEGRITY_SOAP_01, reference: thumbprint",
			theirs: "modi: INTEGRITY_SOAP_01, reference: issuer_serial",
		},
		{
			name: "a body that was changed on its way", ours: "modi: INTEGRITY_SOAP_01", theirs: "modi: INTEGRITY_SOAP_01",
			change: func(b []byte) []byte { return bytes.Replace(b, []byte("Marco"), []byte("Mirco"), 1) },
			want:   "prova.registra: unavailable: HTTP status 500",
		},
		{
			name: "less signed than asked for", ours: "modi: ID_AUTH_SOAP_01", theirs: "modi: INTEGRITY_SOAP_01",
			want: "prova.registra: unavailable: HTTP status 500",
		},
		{
			name: "somebody else", cert: otherCert, key: otherKey, ours: "modi: INTEGRITY_SOAP_01", theirs: "modi: INTEGRITY_SOAP_01",
			want: "prova.registra: unavailable: HTTP status 500",
		},
		{name: "nothing signed", ours: "", theirs: "modi: INTEGRITY_SOAP_01", want: "prova.registra: unavailable: SOAP fault FailedCheck"},
		{name: "an answer that nobody signed", ours: "modi: INTEGRITY_SOAP_01", theirs: "", change: func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte(`mustUnderstand="1"`), []byte(`mustUnderstand="0"`))
		}, want: "prova.registra: invalid: "},
		{
			name: "a signature that nobody checks", ours: "modi: INTEGRITY_SOAP_01", theirs: "",
			want: "prova.registra: unavailable: HTTP status 500",
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			if x.cert == nil {
				x.cert, x.key = ourCert, ourKey
			}
			sides := map[string]string{"ours": x.ours, "theirs": x.theirs}
			for name, s := range sides {
				if s != "" {
					sides[name] = "  signature: { " + s + ", to: \"http://anagrafe.example/servizio\", " + pems + " }\n"
				}
			}
			service := signer(t, sides["theirs"], files(theirCert, theirKey, ourCert))
			var seen []byte
			h, err := Protocol.Serve(service, system(service, "http://127.0.0.1:1"),
				func(_ context.Context, _ *connectors.Operation, in schema.Value) (schema.Value, *connectors.SampleFault) {
					return in, nil
				}, connectors.Deps{})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen, _ = io.ReadAll(r.Body)
				if x.change != nil {
					seen = x.change(seen)
				}
				r.Body = io.NopCloser(bytes.NewReader(seen))
				h.ServeHTTP(w, r)
			}))
			defer server.Close()
			client := signer(t, sides["ours"], files(x.cert, x.key, theirCert))
			caller, err := Protocol.Open(t.Context(), system(client, server.URL), connectors.Deps{})
			if err != nil {
				t.Fatal(err)
			}
			defer caller.Close()
			got, err := call(t, client, caller, "registra", registro)
			if x.want != "" {
				if err == nil || !strings.HasPrefix(err.Error(), x.want) {
					t.Errorf("got %s, %v, expected %s", got, err, x.want)
				}
				return
			}
			if err != nil || got != registro {
				t.Errorf("got %s, %v", got, err)
			}
			if x.ours == "" {
				return
			}
			// The same message again: with an identifier it is taken once.
			res, err := http.Post(server.URL, "text/xml; charset=utf-8", bytes.NewReader(seen))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			again, _ := io.ReadAll(res.Body)
			once := strings.Contains(x.ours, "02") || strings.Contains(x.ours, "parts")
			if refused := bytes.Contains(again, []byte("FailedCheck")); refused != once {
				t.Errorf("sent again: %s", again)
			}
		})
	}
}

// TestAddressing: messages say for whom they are and what they answer; an answer to another message is refused (row X23).
func TestAddressing(t *testing.T) {
	c := styled(t, "misto.wsdl", "  addressing: true\n", "registra: {}")
	relates := "urn:uuid:di-un-altro"
	var sent string
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		sent = string(data)
		_, rest, _ := strings.Cut(sent, "<wsa:MessageID")
		_, rest, _ = strings.Cut(rest, ">")
		id, _, _ := strings.Cut(rest, "<")
		if relates == "" {
			relates = id
		}
		text(200, "text/xml", `<e:Envelope xmlns:e="`+soap11+`"><e:Header><a:RelatesTo xmlns:a="http://www.w3.org/2005/08/addressing">`+relates+
			`</a:RelatesTo></e:Header><e:Body><registra xmlns="urn:misto"><soggetto xmlns:i="`+xsd.InstanceSpace+
			`" i:type="Persona"><nome>x</nome><eta>1</eta></soggetto><luogo><via>x</via></luogo></registra></e:Body></e:Envelope>`)(w, r)
	})
	_, f := answered(t, c, "registra", registro, h)
	if f == nil || f.Kind != connectors.Invalid {
		t.Errorf("an answer to another message: got %v", f)
	}
	relates = ""
	got, f := answered(t, c, "registra", registro, h)
	if f != nil || got == "" {
		t.Errorf("got %s, %v", got, f)
	}
	for _, want := range []string{
		">registra</wsa:Action>", "<wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address>",
		"</wsa:To>", ">urn:uuid:",
	} {
		if !strings.Contains(sent, want) {
			t.Errorf("the request does not say %s: %s", want, sent)
		}
	}
}
