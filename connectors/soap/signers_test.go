package soap

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
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
	"fondaco/schema"
	"fondaco/transform"
)

// office is an authority that issues certificates and lists of those that are revoked.
type office struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newOffice(t *testing.T, name string) *office {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().
				Add(time.Hour),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, IsCA: true, BasicConstraintsValid: true, SubjectKeyId: []byte(name),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &office{t, cert, key}
}

func (o *office) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.cert.Raw})
}

// issue makes a certificate and its key for a subject, in PEM, and the hash of the public key.
func (o *office) issue(name string, serial int64) (certificate, key []byte, hash string) {
	o.t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		o.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{
			CommonName: name, Organization: []string{"Comune di Venezia"},
			Country: []string{"IT"},
		},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, o.cert, &k.PublicKey, o.key)
	if err != nil {
		o.t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		o.t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		o.t.Fatal(err)
	}
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
		keyPrefix + hex.EncodeToString(sum[:])
}

func (o *office) revokes(until time.Duration, serials ...int64) []byte {
	o.t.Helper()
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-2 * time.Hour), NextUpdate: time.Now().Add(until)}
	for _, s := range serials {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: big.NewInt(s), RevocationTime: time.Now().Add(-time.Hour)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, o.cert, o.key)
	if err != nil {
		o.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
}

// TestSigners: of those that a trusted authority has given a certificate only those that are named may sign, and none
// whose certificate was revoked.
func TestSigners(t *testing.T) {
	ca, stranger := newOffice(t, "Autorità"), newOffice(t, "Altra")
	theirs, theirKey := identity(t, "servizio")
	cert, key, hash := ca.issue("Anagrafe", 7)
	other, otherKey, _ := ca.issue("Tributi", 8)
	foreign, foreignKey, _ := stranger.issue("Anagrafe", 7)
	const unnamed, revoked, unknown = "subject and key are not among the named signers", "the certificate was revoked",
		"whether the certificate was revoked is not known"
	const named = `signers: ["CN=Anagrafe, O=Comune di Venezia, C=IT"]`
	for name, x := range map[string]struct {
		says      string
		crl       []byte
		cert, key []byte
		want      string // of the fault, "" for taken
	}{
		"by its subject":             {named, nil, cert, key, ""},
		"by its key":                 {`signers: ["` + hash + `"]`, nil, cert, key, ""},
		"another of the authority":   {named, nil, other, otherKey, unnamed},
		"another, keys are named":    {`signers: ["` + hash + `"]`, nil, other, otherKey, unnamed},
		"another authority's":        {named, nil, foreign, foreignKey, "neither trusted itself nor issued by a trusted authority"},
		"not revoked":                {named + ", crl: ca.crl", ca.revokes(time.Hour, 8), cert, key, ""},
		"revoked":                    {named + ", crl: ca.crl", ca.revokes(time.Hour, 8, 7), cert, key, revoked},
		"the list is out of date":    {named + ", crl: ca.crl", ca.revokes(-time.Minute), cert, key, unknown},
		"in the second of two lists": {named + ", crl: ca.crl", append(ca.revokes(time.Hour), ca.revokes(time.Hour, 7)...), cert, key, revoked},
	} {
		t.Run(name, func(t *testing.T) {
			files := func(cert, key, trusted []byte) fstest.MapFS {
				return fstest.MapFS{"cert.pem": {Data: cert}, "key.pem": {Data: key}, "trusted.pem": {Data: trusted}, "ca.crl": {Data: x.crl}}
			}
			const pems = "certificate: cert.pem, key: key.pem, trusted: trusted.pem"
			service := signer(t, "  signature: { answers: false, "+pems+", "+x.says+" }\n", files(theirs, theirKey, ca.pem()))
			h, err := Protocol.Serve(service, system(service, "http://127.0.0.1:1"),
				func(_ context.Context, _ *connectors.Operation, in schema.Value) (schema.Value, *connectors.SampleFault) {
					return in, nil
				}, connectors.Deps{})
			if err != nil {
				t.Fatal(err)
			}
			said := ""
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answer := httptest.NewRecorder()
				h.ServeHTTP(answer, r)
				said = answer.Body.String()
				w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
				w.WriteHeader(answer.Code)
				_, _ = w.Write(answer.Body.Bytes())
			}))
			defer server.Close()
			client := signer(t, "  signature: { "+pems+" }\n", files(x.cert, x.key, theirs))
			caller, err := Protocol.Open(t.Context(), system(client, server.URL), connectors.Deps{})
			if err != nil {
				t.Fatal(err)
			}
			defer caller.Close()
			_, err = call(t, client, caller, "registra", registro)
			if x.want == "" && err != nil || x.want != "" && (err == nil || !strings.Contains(said, x.want)) {
				t.Errorf("found %v, %s, expected %q", err, said, x.want)
			}
		})
	}
	for name, x := range map[string]struct {
		data []byte
		want string
	}{
		"another authority's": {stranger.revokes(time.Hour), "is not signed by an authority of trusted"},
		"no list":             {cert, "there is no PEM that can be read"},
		"no PEM":              {[]byte("x"), "cannot be read"},
	} {
		if _, err := parseRevoked(x.data, []*x509.Certificate{ca.cert}); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: found %v", name, err)
		}
	}
	block, _ := pem.Decode(ca.revokes(time.Hour, 7))
	if lists, err := parseRevoked(block.Bytes, []*x509.Certificate{ca.cert}); err != nil || len(lists) != 1 {
		t.Errorf("DER: %v, %v", lists, err)
	}
}

// TestSignersChecked: an authority whose signers are not named, and signers that name nobody, are problems with their places.
func TestSignersChecked(t *testing.T) {
	ca := newOffice(t, "Autorità")
	self, _ := identity(t, "servizio")
	for name, x := range map[string]struct {
		trusted []byte
		says    string
		want    string // a part of the problem, "" for none
	}{
		"an authority alone":       {ca.pem(), "", "trusted holds an authority, and signers is missing"},
		"one among others":         {append(bytes.Clone(self), ca.pem()...), "", "trusted holds an authority, and signers is missing"},
		"an authority and signers": {ca.pem(), `, signers: ["CN=a,C=IT"]`, ""},
		"who signs":                {self, "", ""},
		"no subject":               {ca.pem(), ", signers: [anagrafe]", `signers: found "anagrafe", expected the subject`},
		"half a key":               {ca.pem(), `, signers: ["sha256:00ff"]`, `signers: found "sha256:00ff"`},
	} {
		files := fstest.MapFS{
			"c/s.wsdl": misto(t), "trusted.pem": {Data: x.trusted},
			"c/connector.yaml": {Data: []byte("connector: prova\nversion: 1.0.0\nparams: { endpoint: { type: string } }\nsoap:\n  wsdl: s.wsdl\n " +
				" endpoint: ${param.endpoint}\n  signature: { certificate: a.pem, key: b.pem, trusted: trusted.pem" + x.says +
				" }\noperations:\n  registra: { effect: idempotent }\n")},
		}
		var out diag.List
		connectors.Load(files, "c", connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
		found := out.Sorted()
		if x.want == "" && len(found) > 0 || x.want != "" &&
			(len(found) != 1 || !strings.Contains(found[0].Message, x.want) || found[0].Pos.Line != 7) {
			t.Errorf("%s: found %v, expected %q", name, found, x.want)
		}
	}
}

func misto(t *testing.T) *fstest.MapFile {
	t.Helper()
	data, err := os.ReadFile("testdata/styles/misto.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: data}
}
