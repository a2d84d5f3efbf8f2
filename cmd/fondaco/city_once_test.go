package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// TestCityRegistryIsAsked: the process is killed while the city's other registry has a document in hand. At the next start the
// registry is asked by the sender's reference, says that the document has its number, and is not sent it again; nobody is
// needed.
func TestCityRegistryIsAsked(t *testing.T) {
	t.Parallel()
	dir := written(t, map[string]string{
		"fondaco.yaml": `project: city
title: A city
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
systems:
  protocollo:
    connector: ./connectors/protocollo-babele
    params: { endpoint: "${env.PROTOCOLLO_URL}", password: "${secret.protocollo}" }
topics:
  sdi.documento:
    schema:
      type: object
      required: [identificativo, oggetto, mittente]
      properties: { identificativo: { type: integer }, oggetto: { type: string }, mittente: { type: string }, documento: { type: integer } }
`,
		"routes/send.yaml": `routes:
  send:
    http: POST /send
    auth: none
    steps:
      - publish: sdi.documento
        id: fattura/111
        event: { identificativo: 111, oggetto: Fattura elettronica 111, mittente: "01234567890" }
    respond: { status: 204 }
`,
	})
	for _, folder := range []string{"connectors/protocollo-babele", "interfaces"} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(filepath.Join(exampleCity, folder))); err != nil {
			t.Fatal(err)
		}
	}
	route := read(t, exampleCity, "routes/fatture.yaml")
	route = "routes:\n" + route[strings.Index(route, "  protocolla-da-sdi:"):]
	if err := os.WriteFile(filepath.Join(dir, "routes/fatture.yaml"), []byte(route), 0o600); err != nil {
		t.Fatal(err)
	}
	registry, err := url.Parse(cityMock(t, dir)["protocollo"])
	if err != nil {
		t.Fatal(err)
	}
	var sent, asked atomic.Int64
	pass := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: registry.Scheme, Host: registry.Host})
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		switch {
		case bytes.Contains(body, []byte("InserisciProtocollo")):
			sent.Add(1)
			pass.ServeHTTP(httptest.NewRecorder(), r) // the registry has it, and its answer never arrives
			<-r.Context().Done()
			return
		case bytes.Contains(body, []byte("CercaProtocollo")):
			asked.Add(1)
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(between.Close)
	env := []string{"PROTOCOLLO_URL=" + between.URL + registry.Path, "FONDACO_SECRET_PROTOCOLLO=simulated"}
	p := startProcess(t, dir, env...)
	if code, body, _ := p.ask(http.MethodPost, "/send", ""); code != 204 {
		t.Fatal(code, body)
	}
	eventually(t, func() string {
		if sent.Load() == 0 {
			return "the registry is not called\n" + p.log.String()
		}
		return ""
	})
	p.kill()
	p = startProcess(t, dir, env...)
	eventually(t, func() string {
		_, metrics, _ := p.ask(http.MethodGet, p.console+"/metrics", "")
		if !strings.Contains(metrics, `fondaco_messages_total{outcome="done",route="protocolla-da-sdi"} 1`) {
			return "the document is not done\n" + p.log.String()
		}
		return ""
	})
	if sent.Load() != 1 || asked.Load() != 1 || len(p.letters(dir)) != 0 {
		t.Errorf("sent %d times, asked %d times, letters %v", sent.Load(), asked.Load(), p.letters(dir))
	}
}
