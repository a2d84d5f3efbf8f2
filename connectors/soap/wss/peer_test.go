package wss

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const jars = "../../../.tools/wss4j/lib"

// peer is a folder of work for Apache WSS4J.
type peer struct {
	t   *testing.T
	dir string
}

// otherParty returns the other implementation, or skips the test where it is absent.
func otherParty(t *testing.T) *peer {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(jars, "wss4j-ws-security-dom-*.jar"))
	_, err := exec.LookPath("javac")
	switch {
	case len(found) > 0 && err == nil:
		return &peer{t, t.TempDir()}
	case os.Getenv("CI") == "true":
		t.Fatal("Apache WSS4J or a JDK is absent, and in CI nothing may be skipped: run scripts/wider")
	}
	t.Skip("Apache WSS4J or a JDK is absent: run scripts/wider")
	return nil
}

func (p *peer) write(name string, content []byte) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), content, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// knows hands the other party somebody's certificate and key.
func (p *peer) knows(name string, who *party) {
	p.t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(crypto.PrivateKey(who.key))
	if err != nil {
		p.t.Fatal(err)
	}
	p.write(name+".key", key)
	p.write(name+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: who.certificate.Raw}))
}

// works lets the other party do all there is in the folder.
func (p *peer) works() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "java", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", jars+"/*", "testdata/Peer.java", p.dir).
		CombinedOutput()
	if err != nil {
		p.t.Fatalf("%v\n%s", err, out)
	}
}

func (p *peer) answer(name string) []byte {
	p.t.Helper()
	out, err := os.ReadFile(filepath.Join(p.dir, name+".out"))
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

// today makes a certificate valid by the clock that the other party reads.
func today(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
}

var kinds = map[Reference]string{
	BinarySecurityToken: "binary", Embedded: "embedded", SubjectKeyID: "ski", ThumbprintSHA1: "thumbprint",
	IssuerSerial: "serial",
}

// Apache WSS4J verifies what we sign, in every shape, form of reference and algorithm, and refuses it when one letter
// is another.
func TestTheyVerifyOurs(t *testing.T) {
	p := otherParty(t)
	var names, spoilt []string
	for key, list := range map[string][]Algorithm{"rsa": {RSASHA256, RSASHA512}, "p256": {ECDSASHA256}, "p384": {ECDSASHA384}} {
		us := somebody(t, key, today)
		p.knows(key, us)
		for _, algorithm := range list {
			for r, kind := range kinds {
				for shape, message := range messages {
					if shape != "1.1" && r != BinarySecurityToken { // the shapes are the same for every form
						continue
					}
					if shape == "stamped" || shape == "has header" { // dates that are long past; a password they do not know
						continue
					}
					s := us.signer()
					s.Now, s.Algorithm, s.Reference = time.Now, algorithm, r
					signed := request(t, s, message, IDAuthSOAP02|IntegritySOAP01)
					name := strings.Join([]string{key, filepath.Base(string(algorithm)), kind, shape}, ",") + ".verify"
					names = append(names, name)
					p.write(name, signed)
					if shape == "1.1" {
						name = strings.Replace(name, "1.1", "spoilt", 1)
						spoilt = append(spoilt, name)
						p.write(name, bytes.Replace(signed, []byte("però"), []byte("Però"), 1))
					}
				}
			}
		}
	}
	p.works()
	for _, name := range names {
		if got := string(p.answer(name)); got != "verified: Timestamp To Action MessageID ReplyTo Body" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, name := range spoilt {
		if got := string(p.answer(name)); !strings.HasPrefix(got, "refused: ") {
			t.Errorf("%s: %s", name, got)
		}
	}
	t.Logf("%d messages verified, %d spoilt ones refused", len(names), len(spoilt))
}

// We verify what Apache WSS4J signs, which lists inclusive namespaces of its own accord.
func TestWeVerifyTheirs(t *testing.T) {
	p := otherParty(t)
	parties := map[string]*party{}
	names := map[string]string{}
	for key, list := range map[string][]string{"rsa": {"rsa-sha256", "rsa-sha512"}, "p256": {"ecdsa-sha256"}, "p521": {"ecdsa-sha512"}} {
		us := somebody(t, key, today)
		parties[key] = us
		p.knows(key, us)
		for _, algorithm := range list {
			for r, kind := range kinds {
				for shape, message := range messages {
					if shape != "1.1" && r != BinarySecurityToken {
						continue
					}
					// They would put a second header; and they bind a prefix anew where it is in use.
					if strings.Contains(message, "Security") || shape == "wsu taken" {
						continue
					}
					a := Addressing{To: address, Action: action, MessageID: NewMessageID(), ReplyTo: Anonymous}
					ready, err := a.Add([]byte(message))
					if err != nil {
						t.Fatal(err)
					}
					name := strings.Join([]string{key, kind, algorithm, shape}, ",") + ".sign"
					names[name] = key
					p.write(name, ready)
				}
			}
		}
	}
	p.works()
	for name, key := range names {
		v := parties[key].verifier()
		v.Now, v.To, v.Replays = time.Now, []string{address}, &Replays{}
		signed := p.answer(name)
		got, err := v.VerifyRequest(signed, IDAuthSOAP02|IntegritySOAP01)
		if err != nil {
			t.Errorf("%s: %v\n%.6000s", name, err, signed)
			continue
		}
		if got.Parts&^Token != Timestamp|To|MessageID|Body || got.Addressing.To != address {
			t.Errorf("%s: %+v", name, got)
		}
		spoilt := bytes.Replace(signed, []byte("urn:uuid:"), []byte("urn:uuid:0"), 1)
		_, err = v.VerifyRequest(spoilt, IDAuthSOAP02|IntegritySOAP01)
		reason(t, err, DigestWrong)
	}
	t.Logf("%d messages verified", len(names))
}

// documents are what canonicalizers differ in; the element that is called apex is canonicalized.
var documents = map[string]string{
	"attributes":     `<a xmlns="urn:u" xmlns:z="urn:1" xmlns:y="urn:2"><apex z:z="1" y:a="2" q="3" b="4" xml:lang="it" z:a="5"/></a>`,
	"same name":      `<apex xmlns:a="urn:z" xmlns:b="urn:y" a:x="1" b:x="2" x="3"/>`,
	"default":        `<a xmlns="urn:u"><apex xmlns=""><c xmlns="urn:u"><d xmlns=""/></c></apex></a>`,
	"no default":     `<apex xmlns=""><b xmlns="urn:k"><n xmlns=""/></b></apex>`,
	"default unused": `<a xmlns="urn:u" xmlns:b="urn:v"><b:apex><b:c><d/></b:c></b:apex></a>`,
	"rebound":        `<x:a xmlns:x="urn:1"><x:apex xmlns:x="urn:2"><x:c xmlns:x="urn:1" xmlns:y="urn:2"><y:d/></x:c></x:apex></x:a>`,
	"again":          `<a xmlns:q="urn:w" xmlns:b="urn:v"><b:apex xmlns:q="urn:k"><d xmlns:q="urn:k"><e xmlns:q="urn:j" xmlns:b="urn:v"><b:f q:g=""/></e></d></b:apex></a>`,
	"text": "<apex a='x\ny\tz' b='&#10;&#9;&#13;&quot;&apos;&lt;&gt;&amp;'>t&#13;\r\nq\r &gt; &lt; &amp; \" ' " +
		"<![CDATA[<x>&]]]]><![CDATA[>]]><!--c-->z\t</apex>",
	"beyond": `<apex città="è">&#x1F600;&#233;<空/></apex>`,
	"spaced": "<apex \n  b = '1'\n a=\"2\"\n>\n</apex\n>",
}

// Canonical forms are those of Apache Santuario, byte by byte.
func TestCanonicalAsTheirs(t *testing.T) {
	p := otherParty(t)
	lists := []string{"none", "#default", "q", "b+q", "#default+x+y+missing+xml", "xml"}
	for name, doc := range documents {
		for _, list := range lists {
			p.write(list+","+name+".c14n", []byte(doc))
		}
	}
	p.works()
	for name, doc := range documents {
		root, err := parse([]byte(doc))
		if err != nil {
			t.Fatal(name, err)
		}
		var apex *node
		root.walk(func(n *node) {
			if n.local == "apex" {
				apex = n
			}
		})
		for _, list := range lists {
			var inclusive []string
			if list != "none" {
				inclusive = prefixList(strings.ReplaceAll(list, "+", " "))
			}
			got, want := canonical(nil, apex, inclusive), p.answer(list+","+name+".c14n")
			if !bytes.Equal(got, want) {
				t.Errorf("%s with %s\n got %s\nwant %s", name, list, got, want)
			}
		}
	}
}
