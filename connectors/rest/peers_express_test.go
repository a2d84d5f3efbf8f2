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

// TestPeerExpress: what qs, multer and cookie-parser understand of our requests is what was meant.
func TestPeerExpress(t *testing.T) {
	if _, err := os.Stat("../../.tools/express/node_modules/compression"); err != nil {
		connectortest.Absent(t, "Express")
	}
	p := started(t, "/openapi.json", "node", "peers/express_server.js", "../../.tools/express")
	const octets = "AP/+DQo="
	file := fmt.Sprintf(`"size":5,"sha256":"%x"`, sha256.Sum256([]byte("\x00\xff\xfe\r\n")))
	p.exchanges(t, []exchange{
		{"form", "pay", `{"amount":12.50,"reason":"mensa & bus è 50% + 1=2","tags":["a","b,c d"],"offices":["x","y,z w"],"rooms":["p","q r"],"filter":{"year":2026,"state":"a[b]=c"},"address":{"street":"Calle 1","number":2},"accounts":[1,2],"scan":"AP8+/w=="}`, `{"seen":{"amount":"12.50","reason":"mensa & bus è 50% + 1=2","tags":["a","b,c d"],"offices":"x,y,z w","rooms":"p|q r","filter":{"year":"2026","state":"a[b]=c"},"address":"{\"street\":\"Calle 1\",\"number\":2}","accounts":"[1,2]","scan":"AP8+/w=="}}`},
		{"form of little", "pay", `{"amount":1,"tags":["uno"],"reason":""}`, `{"seen":{"amount":"1","reason":"","tags":"uno"}}`},
		{"multipart", "deposit", `{"title":"Delibera «7»\r\nriga","number":12,"act":{"content":"` + octets + `","name":"a \"b\" è.pdf","type":"application/pdf"},"annexes":[{"content":"eA==","name":"x"},{"content":"","type":"image/jpeg"}],"author":{"name":"Ada è"},"lines":[{"n":1},{}],"tags":["a","b,c"],"note":"# N è"}`, `{"seen":{"fields":{"title":"Delibera «7»\r\nriga","number":"12","author":"{\"name\":\"Ada è\"}","lines":["{\"n\":1}","{}"],"tags":["a","b,c"],"note":"# N è"},` +
			`"files":[{"field":"act","name":"a \"b\" è.pdf","type":"application/pdf",` + file + `},{"field":"annexes","name":"x","type":"application/octet-stream","size":1,"sha256":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"},{"field":"annexes","name":"annexes","type":"image/jpeg","size":0,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}]}}`},
		{"octets", "scan", `{"id":"a/b c?è+","body":"` + octets + `"}`, `{"seen":{"id":"a/b c?è+",` + file + `}}`},
		{"empty octets", "scan", `{"id":"1","body":""}`, `{"seen":{"id":"1","size":0,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}`},
		{"head", "exists", `{"id":"3"}`, `null`},
		{"query", "search", `{"deep":{"year":2026,"state":"a&b=[c] è"},"spread":{"R":1,"G":2},"whole":{"R":1,"G":2},"tags":["a","b,c"],"commas":["a","b,c"],"pipes":["a","b c"],"spaces":["a","b|c"],"reserved":"a/b?c:d@e,f","json":{"a":[1.5,2]},"empty":"","at":"2026-11-30T10:00:00+01:00"}`, `{"seen":{"deep":{"year":"2026","state":"a&b=[c] è"},"R":"1","G":"2","whole":"R,1,G,2","tags":["a","b,c"],"commas":"a,b,c","pipes":"a|b c","spaces":"a b|c","reserved":"a/b?c:d@e,f","json":"{\"a\":[1.5,2]}","empty":"","at":"2026-11-30T10:00:00+01:00"}}`},
		{"lists of one", "search", `{"tags":["a"],"commas":["a,b"],"pipes":["a"],"spaces":["a"],"deep":{}}`, `{"seen":{"tags":"a","commas":"a,b","pipes":"a","spaces":"a"}}`},
		{"path, headers, cookies", "place", `{"matrix":{"R":1,"G":2},"list":["a;b","c,d"],"label":["a","b/c"],"simple":["x","y,z"],"X-Point":{"x":1.5,"y":-2},"X-Tags":["a","b c"],"session":"x; y=è,\"","tags":["a","b"]}`, `{"seen":{"params":{"matrix":";R=1;G=2","list":";list=a;b,c,d","label":".a.b/c","simple":"x,y,z"},"cookies":{"session":"x; y=è,\"","tags":"a,b"},"point":"x=1.5,y=-2","tags":"a,b c"}}`},
		{"read only, write only", "change", `{"id":3,"name":"Ada","password":"p","born":null,"children":[{"name":"Bea","pin":"1"}]}`, `{"id":3,"name":"application/merge-patch+json|{\"name\":\"Ada\",\"password\":\"p\",\"born\":null,\"children\":[{\"name\":\"Bea\",\"pin\":\"1\"}]}","born":null,"children":[{"id":1,"name":"Bea"}]}`},
		{"no content", "forget", `{"id":1}`, `null`},
		{"not found", "forget", `{"id":404}`, `not-found 404  HTTP status 404`},
		{"text", "note", `{"body":"perché \"no\"\r\n "}`, `"text/plain; charset=utf-8|gzip, deflate, br|perché \"no\"\r\n "`},
		{"numbers", "value", `{"body":[1,null,-0.25]}`, `[1,null,-0.25]`},
		{"null", "value", `{"body":null}`, `null`},
		{"pdf", "download", `{"id":"7"}`, `"` + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 1000)) + `"`},
	})
}
