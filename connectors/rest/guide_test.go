package rest

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// TestGuide: the connector that docs/guide/rest.md shows sends what the page says.
func TestGuide(t *testing.T) {
	page, err := os.ReadFile("../../docs/guide/rest.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{}
	for _, m := range regexp.MustCompile("(?s)```(yaml|text)\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		shown[m[1]] = m[2]
	}
	server := &recorder{}
	s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(shown["yaml"])}}, server)
	var sent strings.Builder
	for _, c := range []struct{ operation, in, contentType, answer, want string }{
		{
			"cerca", `{"filtro":{"stato":"aperta","anno":2026},"sedi":["mestre","lido"]}`, "application/json", `[{"numero":"1"}]`,
			`[{"numero":"1"}]`,
		},
		{"paga", `{"importo":12.50,"causale":"mensa di maggio"}`, "text/plain", "preso", `"preso"`},
		{"scarica", `{"id":"7"}`, "application/pdf", "%PDF", `{"body":"JVBERg==","ETag":"\"7\""}`},
	} {
		server.reply = answering(200, c.contentType, c.answer)
		if got := call(t, s, caller, c.operation, c.in); got != c.want {
			t.Errorf("%s: found %s, expected %s", c.operation, got, c.want)
		}
		sent.WriteString(strings.TrimSpace(server.got.line+" "+server.got.body) + "\n")
	}
	if sent.String() != shown["text"] {
		t.Errorf("found\n%sexpected\n%s", sent.String(), shown["text"])
	}
}
