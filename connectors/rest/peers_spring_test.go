package rest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"fondaco/connectors/connectortest"
)

// spring compiles and starts the peer in Java.
func spring(t *testing.T) *peer {
	t.Helper()
	jars, _ := filepath.Glob("../../.tools/spring/lib/spring-boot-3*.jar")
	if _, err := exec.LookPath("javac"); err != nil || len(jars) == 0 {
		connectortest.Absent(t, "Spring or a JDK")
	}
	const lib = "../../.tools/spring/lib/*"
	classes := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "javac", "-parameters", "-nowarn", "-d", classes, "-cp", lib, "peers/java/Peer.java").
		CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return started(t, "/v3/api-docs", "java", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", classes+":"+lib, "fondaco.peer.Peer")
}

// TestPeerSpring: what we make of springdoc's own description is what Spring and Jackson understand, and what they answer is
// understood.
func TestPeerSpring(t *testing.T) {
	p := spring(t)
	file := fmt.Sprintf(`"size":5,"sha256":"%x"`, sha256.Sum256([]byte("\x00\xff\xfe\r\n")))
	const octets = "AP/+DQo="
	p.exchanges(t, []exchange{
		{"form of parameters", "charge", `{"amount":12345678901234567890.01,"tags":["a","b c"]}`, `{"seen":{"amount":"BigDecimal 12345678901234567890.01","tags":["a","b c"]}}`},
		// Spring does not distinguish a form from a query, and springdoc describes a form that is bound to an object as an object in
		// the query, without a body: so it is sent, and Spring, which wants a form, refuses it. The way out is a body said by the connector.
		{"a form bound to an object", "pay", `{"p":{"amount":12.50,"reason":"a&b=c+d è","tags":["a","b c"],"codes":[1,-2],"day":"2026-11-30","signed":true}}`, `refused 415 {"status":415}`},
		{"multipart", "deposit", `{"title":"Delibera «7»","tags":["a","b c"],"act":{"content":"` + octets + `","name":"a b è.pdf","type":"application/pdf"},"annexes":[{"content":"eA==","name":"x"},{"content":""}],"author":{"name":"Ada è","born":"1815-12-10","pupils":[{"name":"Bea"}]}}`, `{"seen":{"author":{"name":"Ada è","born":"1815-12-10","pupils":[{"name":"Bea","born":null,"pupils":null}]},"act":{` + file + `,"name":"a b è.pdf","type":"application/pdf"},` +
			`"annexes":[{"size":1,"sha256":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881","name":"x","type":"application/octet-stream"},{"size":0,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","name":"annexes","type":"application/octet-stream"}],"title":"Delibera «7»","tags":["a","b c"]}}`},
		{"octets", "scan", `{"id":"a b c?è+","body":"` + octets + `"}`, `{"seen":{"id":"a b c?è+","octets":{` + file + `}}}`},
		{"pdf", "download", `{"id":7}`, `"` + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 1000)) + `"`},
		{"query", "search", `{"text":"a&b=c+d è","limit":3,"colour":"BLUE","tags":["x","y z"],"since":"2026-11-30T10:00:00+01:00","ids":[1,-9223372036854775808],"exact":1.10}`, `{"seen":{"text":"a&b=c+d è","limit":3,"colour":"BLUE","tags":["x","y z"],"since":"2026-11-30T10:00+01:00","ids":[1,-9223372036854775808],"exact":"BigDecimal 1.10"}}`},
		{"query of little", "search", `{}`, `{"seen":{"text":null,"limit":null,"colour":null,"tags":null,"since":null,"ids":null,"exact":null}}`},
		{"path, headers, cookies", "place", `{"id":"5bd1a9c2-0001-4000-8000-0123456789ab","tags":["a","b c"],"X-Tags":["a","b c"],"X-Level":3,"session":"xyz"}`, `{"seen":{"id":"UUID 5bd1a9c2-0001-4000-8000-0123456789ab","tags":["a","b c"],"more":["a","b c"],"level":3,"session":"xyz"}}`},
		{"read only, write only", "register", `{"name":"Ada","password":"segreto","pet":{"kind":"cat","lives":9},"salary":1234.50,"photo":"AP8=","since":"2026-11-30T10:00:00.5+01:00","born":"1815-12-10","extra":{"a":1},"friends":[{"name":"Bea","password":"x"}]}`, `{"id":7,"name":"Ada","pet":{"kind":"cat","lives":9},"salary":1234.50,"photo":"AP8=","since":"2026-11-30T09:00:00.5Z","born":"1815-12-10","extra":{"a":1},"friends":[{"id":7,"name":"Bea"}]}`},
		{"a fault with a body", "register", `{"name":"Ada","password":"altro"}`, `conflict 409 {"type":"about:blank","title":"Conflict","status":409,"detail":"not that password","instance":"/people"}`},
		{"octets of any type", "blob", `{"id":7}`, `"BwD/"`},
		{"no content", "forget", `{"id":3}`, `null`},
		{"text", "note", `{"body":"perché \"no\"\r\n "}`, `"text/plain; charset=utf-8|gzip, deflate, br|perché \"no\"\r\n "`},
	})
}
