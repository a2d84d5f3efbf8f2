package rest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"testing"

	"fondaco/connectors/connectortest"
)

// TestPeerFastAPI: what we make of FastAPI's own description is what FastAPI and Pydantic understand, and what they answer is
// understood.
func TestPeerFastAPI(t *testing.T) {
	if _, err := os.Stat("../../.tools/fastapi/whole"); err != nil {
		connectortest.Absent(t, "FastAPI")
	}
	p := started(t, "/openapi.json", "../../.tools/fastapi/bin/python", "peers/fastapi_server.py")
	const octets = "AP/+DQo="
	file := fmt.Sprintf(`"size":5,"sha256":"%x"`, sha256.Sum256([]byte("\x00\xff\xfe\r\n")))
	pdf := `"` + base64.StdEncoding.EncodeToString(append(make([]byte, 1000), bytes.Repeat([]byte{1}, 1000)...)) + `"`
	p.exchanges(t, []exchange{
		{
			"form", "pay", `{"amount":12.50,"reason":"mensa & bus è 50% + 1=2","tags":["a","b,c d"],"codes":[1,-2],"when":"2026-11-30T10:00:00.5+01:00","signed":true,"colour":"blu scuro"}`,
			`{"seen":{"payment":{"amount":"Decimal 12.50","reason":"mensa & bus è 50% + 1=2","tags":["a","b,c d"],"codes":[1,-2],"when":"datetime 2026-11-30 10:00:00.500000+01:00","signed":true,"colour":"blu scuro"}}}`,
		},
		{ // FastAPI takes a field without text for one that is absent
			"form of little", "pay", `{"amount":12345678901234567890.01,"tags":[],"reason":""}`,
			`{"seen":{"payment":{"amount":"Decimal 12345678901234567890.01","reason":null,"tags":[],"codes":[],"when":null,"signed":false,"colour":"rosso"}}}`,
		},
		{ // the quotes of a file's name are written as browsers do, and FastAPI leaves them so
			"multipart", "deposit", `{"title":"Delibera «7»","number":12,"tags":["x","y,z"],"author":"{\"name\":\"Ada\",\"born\":\"1815-12-10\"}",` +
				`"act":{"content":"` + octets + `","name":"a \"b\" è.pdf","type":"application/pdf"},"annexes":[{"content":"eA==","name":"x.txt"},{"content":""}],"seal":{"content":"` + octets + `"}}`,
			`{"seen":{"title":"Delibera «7»","act":{"name":"a %22b%22 è.pdf","type":"application/pdf",` + file + `},"author":{"name":"Ada","born":"date 1815-12-10"},"number":12,"tags":["x","y,z"],` +
				`"annexes":[{"name":"x.txt","type":"application/octet-stream","size":1,"sha256":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"},{"name":"annexes","type":"application/octet-stream","size":0,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}],"seal":"bytes AP/+DQo="}}`,
		},
		{"multipart of little", "deposit", `{"title":"t","author":"{\"name\":\"Ada\"}","act":{"content":"` + octets + `"}}`, `{"seen":{"title":"t","act":{"name":"act","type":"application/octet-stream",` + file + `},"author":{"name":"Ada","born":null},"number":null,"tags":[],"annexes":[],"seal":null}}`},
		{"a fault with a body", "deposit", `{"title":"t","author":"{","act":{"content":"` + octets + `"}}`, `refused 422 {"detail":[{"loc":["body","author"],"msg":"Invalid JSON: EOF while parsing an object at line 1 column 1","type":"json_invalid","input":"{","ctx":{"error":"EOF while parsing an object at line 1 column 1"}}]}`},
		{"files that may be absent", "portray", `{"id":1,"photo":{"content":"` + octets + `","name":"io.png","type":"image/png"},"pages":[{"content":"` + octets + `"}]}`, `{"seen":{"id":1,"photo":{"name":"io.png","type":"image/png",` + file + `},"pages":[{"name":"pages","type":"application/octet-stream",` + file + `}],"caption":null}}`},
		{"files that are absent", "portray", `{"id":1,"caption":"è"}`, `{"seen":{"id":1,"photo":null,"pages":null,"caption":"è"}}`},
		{"octets", "scan", `{"id":"a b%2Fc?è+","body":"` + octets + `"}`, `{"seen":{"id":"a b%2Fc?è+",` + file + `}}`},
		{"pdf", "download", `{"id":2}`, pdf},
		{
			"query", "search", `{"section":"blu scuro","text":"a&b=c+d è","limit":3,"order":"down","tags":["x","y,z"],"since":"2026-01-02"}`,
			`{"seen":{"section":"blu scuro","filter":{"text":"a&b=c+d è","limit":3,"order":"down","tags":["x","y,z"],"since":"date 2026-01-02"}}}`,
		},
		{"query of little", "search", `{"section":"rosso"}`, `{"seen":{"section":"rosso","filter":{"text":null,"limit":10,"order":"up","tags":[],"since":null}}}`},
		{ // FastAPI does not split the values of headers, and does not decode those of cookies
			"everywhere", "place", `{"id":"5bd1a9c2-0001-4000-8000-0123456789ab","path":"a/b c/è","many[]":[1,2],"at":"2026-11-30T10:00:00+01:00","exact":1.10,"open":false,"duration":"PT1H30M","x-tags":["a","b"],"x-level":7,"session":"x; y=è","level":3}`,
			`{"seen":{"id":"UUID 5bd1a9c2-0001-4000-8000-0123456789ab","path":"a/b c/è","many":[1,2],"at":"datetime 2026-11-30 10:00:00+01:00","exact":"Decimal 1.10","open":false,"duration":"timedelta 1:30:00","x_tags":["a,b"],"x_level":7,"session":"x%3B%20y%3D%C3%A8","level":3}}`,
		},
		{
			"read only, write only", "register", `{"name":"Ada","password":"segreto","pet":{"kind":"cat","lives":9},"position":[12.5,45.25],"salary":1234.75,"photo":"AP8=","note":"a è","since":"2026-11-30T10:00:00Z","pause":"PT5S","extra":{"a":1},"friends":[{"name":"Bea","password":"x"}]}`,
			`{"name":"Ada","pet":{"kind":"cat","lives":9},"position":[12.5,45.25],"salary":"1234.75","photo":"AP8=","note":"a è","since":"2026-11-30T10:00:00Z","pause":"PT5S","extra":{"a":1},"friends":[{"name":"Bea","pet":null,"position":null,"salary":null,"photo":null,"note":null,"since":null,"pause":null,"extra":{},"friends":[],"initials":"B"}],"initials":"A"}`,
		},
		{"a fault", "register", `{"name":"Ada","password":"altro"}`, `conflict 409  HTTP status 409`},
		{"2XX", "change", `{"id":3,"body":{"name":null,"age":3,"list":[1,{"a":1.25}]}}`, `{"seen":{"id":3,"patch":{"name":null,"age":3,"list":[1,{"a":1.25}]},"type":"application/json"}}`},
		{"no content", "forget", `{"id":3}`, `null`},
		{"a list", "lists", `{"dry":true,"body":[{"name":"Ada"},{"name":"Bea","born":"2000-01-01"}]}`, `{"seen":{"items":[{"name":"Ada","born":null},{"name":"Bea","born":"date 2000-01-01"}],"dry":true}}`},
		{"a scalar", "count", `{"body":41}`, `42`},
		{"two bodies", "two", `{"author":{"name":"Ada"},"pet":{"kind":"dog","barks":true},"weight":1.5}`, `{"seen":{"author":{"name":"Ada","born":null},"pet":{"kind":"dog","barks":true},"weight":1.5}}`},
		{"text", "note", `{"body":"perché \"no\"\n"}`, `"text/plain; charset=utf-8|gzip, deflate, br|perché \"no\"\n"`},
		{ // Python's naive time, which its document calls a date-time; the connector would say zone:
			"a time without offset", "naive", `{}`, `invalid 200 /naive /naive: expected a datetime with its offset, found text`,
		},
	})
}
