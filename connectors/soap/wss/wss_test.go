package wss

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// party is somebody with a key and a certificate of an authority.
type party struct {
	key         crypto.Signer
	certificate *x509.Certificate
	issuer      *x509.Certificate
}

func (p *party) signer() *Signer {
	return &Signer{Certificate: p.certificate, Key: p.key, Now: at(noon)}
}

func (p *party) verifier() *Verifier {
	return &Verifier{Certificates: []*x509.Certificate{p.certificate}, Now: at(noon)}
}

// keys are made once: RSA's take their time.
var keys = sync.OnceValue(func() map[string]crypto.Signer {
	made := map[string]crypto.Signer{}
	for name, bits := range map[string]int{"rsa": 2048, "authority": 2048, "other": 2048} {
		k, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			panic(err)
		}
		made[name] = k
	}
	for name, curve := range map[string]elliptic.Curve{
		"p224": elliptic.P224(), "p256": elliptic.P256(), "p384": elliptic.P384(),
		"p521": elliptic.P521(),
	} {
		k, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			panic(err)
		}
		made[name] = k
	}
	return made
})

// somebody returns a party whose key is of that name; change alters the certificate before it is issued.
func somebody(t testing.TB, key string, change ...func(*x509.Certificate)) *party {
	t.Helper()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{
			CommonName: "Prova CA", Organization: []string{"Comune di Prova, Ufficio & Co"},
			Country: []string{"IT"},
		},
		NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(5, 0, 0), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, SubjectKeyId: []byte{1, 2, 3},
	}
	raw, err := x509.CreateCertificate(rand.Reader, authority, authority, keys()["authority"].Public(), keys()["authority"])
	if err != nil {
		t.Fatal(err)
	}
	p := &party{key: keys()[key]}
	if p.issuer, err = x509.ParseCertificate(raw); err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(77001), Subject: pkix.Name{CommonName: "fruitore " + key},
		NotBefore: noon.AddDate(0, -1, 0), NotAfter: noon.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		SubjectKeyId: []byte("ski of " + key),
	}
	for _, c := range change {
		c(leaf)
	}
	if raw, err = x509.CreateCertificate(rand.Reader, leaf, p.issuer, p.key.Public(), keys()["authority"]); err != nil {
		t.Fatal(err)
	}
	if p.certificate, err = x509.ParseCertificate(raw); err != nil {
		t.Fatal(err)
	}
	return p
}

const (
	address = "https://api.ente.example/soap/echo/v1"
	action  = "http://profile.security.modi.agid.org/HelloWorld/sayHi"
)

// messages are finished envelopes of every shape that a signature must go into.
var messages = map[string]string{
	"1.1": `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="` + soap11 +
		`" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:n0="urn:x"><soap:Body><n0:sayHi><arg0 xsi:type="n0:t">però &lt;&amp;&gt; "ok"</arg0></n0:sayHi></soap:Body></soap:Envelope>`,
	"1.2": `<soap:Envelope xmlns:soap="` + soap12 +
		`"><soap:Header><x:other xmlns:x="urn:o" soap:role="urn:somebody"/></soap:Header><soap:Body><ns2:sayHi xmlns:ns2="urn:m"><arg0>OK</arg0></ns2:sayHi></soap:Body></soap:Envelope>`,
	"default":    `<Envelope xmlns="` + soap12 + `"><Header/><Body><sayHi xmlns="urn:m"><a xmlns="" b='1&#10;2'/></sayHi></Body></Envelope>`,
	"empty body": `<S:Envelope xmlns:S="` + soap11 + `"><S:Body/></S:Envelope>`,
	"wsu taken":  `<soap:Envelope xmlns:soap="` + soap11 + `" xmlns:wsu="urn:another"><soap:Body><wsu:x/></soap:Body></soap:Envelope>`,
	"wsse taken": `<wsse:Envelope xmlns:wsse="` + soap11 + `"><wsse:Body xmlns:u="` + wsuSpace +
		`" u:Id="a&amp;b"><wsse:x xmlns:ds="urn:q"/></wsse:Body></wsse:Envelope>`,
	"one byte": "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><s:Envelope xmlns:s=\"" + soap11 +
		"\"><s:Header></s:Header><s:Body>citt\xe0</s:Body></s:Envelope>",
	"has header": `<s:Envelope xmlns:s="` + soap11 + `" xmlns:w="` + wsseSpace +
		`"><s:Header><w:Security s:mustUnderstand="1"><w:UsernameToken><w:Username>u</w:Username></w:UsernameToken></w:Security></s:Header><s:Body>x</s:Body></s:Envelope>`,
	"empty there": `<s:Envelope xmlns:s="` + soap11 + `" xmlns:w="` + wsseSpace +
		`"><s:Header><w:Security/></s:Header><s:Body>x</s:Body></s:Envelope>`,
	"stamped": `<s:Envelope xmlns:s="` + soap11 + `" xmlns:w="` + wsseSpace + `"><s:Header><w:Security><u:Timestamp xmlns:u="` + wsuSpace +
		`"><u:Created>2026-11-23T12:00:00Z</u:Created><u:Expires>2026-11-23T12:05:00.5+00:00</u:Expires></u:Timestamp></w:Security></s:Header><s:Body>x</s:Body></s:Envelope>`,
	"spaced": "<s:Envelope xmlns:s='" + soap11 + "'>\n <s:Header >\n </s:Header >\n <s:Body\n >\r\n<!-- c --><a b = 'x\ny' " +
		">z<![CDATA[<&]]></a ></s:Body >\n</s:Envelope >\n",
}

// reason fails unless err is the refusal that is expected.
func reason(t testing.TB, err error, want Reason) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Reason != want {
		t.Errorf("got %v, want reason %s", err, want)
	}
}

func request(t testing.TB, s *Signer, message string, p Pattern) []byte {
	t.Helper()
	signed, _, err := s.SignRequest([]byte(message), p, address, action)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// What is signed is verified: every shape of message, version and part, with what is signed given back.
func TestSignAndVerify(t *testing.T) {
	us := somebody(t, "rsa")
	for name, message := range messages {
		t.Run(name, func(t *testing.T) {
			signed := request(t, us.signer(), message, IDAuthSOAP02|IntegritySOAP01)
			v := us.verifier()
			v.To, v.Replays = []string{address}, &Replays{}
			got, err := v.VerifyRequest(signed, IDAuthSOAP02|IntegritySOAP01)
			if err != nil {
				t.Fatalf("%v\n%s", err, signed)
			}
			if want := Timestamp | To | Action | MessageID | ReplyTo | Body; got.Parts != want {
				t.Errorf("signed %s, want %s", got.Parts, want)
			}
			if got.Addressing.To != address || got.Addressing.Action != action || got.Addressing.ReplyTo != Anonymous || !got.Created.Equal(noon) {
				t.Errorf("%+v", got)
			}
			if !got.Certificate.Equal(us.certificate) || got.Algorithm != RSASHA256 {
				t.Errorf("signed by %s with %s", got.Certificate.Subject, got.Algorithm)
			}
			// The envelope that is given back holds the same Body, and one can be made of it again.
			before, _ := open([]byte(message), "")
			after, err := open(got.Envelope(), "")
			if err != nil {
				t.Fatal(err)
			}
			if after.root.space != before.root.space || !bytes.Equal(inner(before.body), inner(after.body)) {
				t.Errorf("body was %s, is %s", inner(before.body), inner(after.body))
			}
			_, err = v.VerifyRequest(signed, IDAuthSOAP02|IntegritySOAP01)
			reason(t, err, Replayed)
		})
	}
}

// inner is the canonical form of what an element holds.
func inner(n *node) (out []byte) {
	for _, c := range n.children {
		if c.local == "" {
			out = appendEscaped(out, c.text, &textEscapes)
		} else {
			out = canonical(out, c, nil)
		}
	}
	return out
}

// Every algorithm and every form of reference, each verified; and those that do not fit the key refused.
func TestAlgorithmsAndReferences(t *testing.T) {
	for _, key := range []string{"rsa", "p256", "p384", "p521"} {
		us := somebody(t, key)
		for algorithm, a := range algorithms {
			for r := BinarySecurityToken; r <= IssuerSerial; r++ {
				s := us.signer()
				s.Algorithm, s.Reference = algorithm, r
				signed, err := s.Sign([]byte(messages["1.1"]), SignOptions{Parts: Body | Timestamp})
				if a.elliptic == (key == "rsa") {
					reason(t, err, KeyUnfit)
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				got, err := us.verifier().Verify(signed, Body|Timestamp)
				if err != nil {
					t.Fatalf("%s %s %d: %v\n%s", key, algorithm, r, err, signed)
				}
				if got.Algorithm != algorithm {
					t.Errorf("%s, want %s", got.Algorithm, algorithm)
				}
				v := us.verifier()
				v.Algorithms = []Algorithm{"none"}
				_, err = v.Verify(signed, Body)
				reason(t, err, AlgorithmRefused)
				// Who trusts only the authority knows the certificate if it is sent.
				pool := x509.NewCertPool()
				pool.AddCert(us.issuer)
				_, err = (&Verifier{Roots: pool, Now: at(noon)}).Verify(signed, Body)
				if sent := r == BinarySecurityToken || r == Embedded; sent && err != nil {
					t.Error(err)
				} else if !sent {
					reason(t, err, TokenUnknown)
				}
			}
		}
	}
}

// The token can be signed as well, and a role other than the last receiver's be signed for.
func TestTokenAndActor(t *testing.T) {
	us := somebody(t, "rsa")
	signed, err := us.signer().Sign([]byte(messages["1.2"]), SignOptions{Parts: Body | Token, Actor: "urn:gate"})
	if err != nil {
		t.Fatal(err)
	}
	v := us.verifier()
	_, err = v.Verify(signed, Body)
	reason(t, err, NoSecurity)
	v.Actor = "urn:gate"
	got, err := v.Verify(signed, Body|Token)
	if err != nil || got.Parts != Body|Token {
		t.Errorf("%v %v", got, err)
	}
	_, err = us.signer().Sign(signed, SignOptions{Parts: Body, Actor: "urn:gate"})
	reason(t, err, SignedAlready)
	both, err := us.signer().Sign(signed, SignOptions{Parts: Body | Timestamp}) // the last receiver's beside it
	if err != nil {
		t.Fatal(err)
	}
	if _, err := us.verifier().Verify(both, Body|Timestamp); err != nil {
		t.Error(err)
	}
	_, err = v.Verify(both, Body)
	reason(t, err, ManySecurity)
}

// The signer refuses what it cannot sign.
func TestSignRefuses(t *testing.T) {
	us, other := somebody(t, "rsa"), somebody(t, "p256")
	parts := SignOptions{Parts: Body | Timestamp}
	for name, c := range map[string]struct {
		change  func(*Signer)
		message string
		parts   Parts
		want    Reason
	}{
		"other key":      {func(s *Signer) { s.Key = other.key }, messages["1.1"], Body, KeyUnfit},
		"no key":         {func(s *Signer) { s.Key = nil }, messages["1.1"], Body, KeyUnfit},
		"no clock":       {func(s *Signer) { s.Now = nil }, messages["1.1"], Body, ClockMissing},
		"sha1":           {func(s *Signer) { s.Algorithm = dsSpace + "rsa-sha1" }, messages["1.1"], Body, KeyUnfit},
		"token not sent": {func(s *Signer) { s.Reference = SubjectKeyID }, messages["1.1"], Token, KeyUnfit},
		"no address":     {nil, messages["1.1"], To, PartMissing},
		"no xml":         {nil, "<a", Body, NotXML},
		"doctype":        {nil, "<!DOCTYPE a>" + messages["1.2"], Body, NotXML},
		"no envelope":    {nil, "<a/>", Body, NotEnvelope},
		"no body":        {nil, `<s:Envelope xmlns:s="` + soap11 + `"><s:Header/></s:Envelope>`, Body, NotEnvelope},
		"two bodies":     {nil, `<s:Envelope xmlns:s="` + soap11 + `"><s:Body/><s:Body/></s:Envelope>`, Body, NotEnvelope},
		"two headers":    {nil, `<s:Envelope xmlns:s="` + soap11 + `"><s:Header/><s:Header/><s:Body/></s:Envelope>`, Body, NotEnvelope},
		"another body": {
			nil, `<s:Envelope xmlns:s="` + soap11 + `"><s:Header/><q:Body xmlns:q="` + soap12 + `"/></s:Envelope>`, Body,
			NotEnvelope,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := us.signer()
			if c.change != nil {
				c.change(s)
			}
			parts.Parts = c.parts
			_, err := s.Sign([]byte(c.message), parts)
			reason(t, err, c.want)
		})
	}
}

// Every reason has a sentence and a fault, and no sentence discloses what the message held.
func TestReasons(t *testing.T) {
	for r, said := range reasons {
		if said.text == "" || said.fault == "" {
			t.Errorf("%s has no text or fault", r)
		}
		if e := refuse(r, "wsa:To"); !strings.Contains(e.Error(), said.text) || e.Fault() != said.fault {
			t.Errorf("%s: %s", r, e)
		}
	}
}
