package main

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/engine"
	"fondaco/openapi"
)

// asyncDocument is what the tests look at in an AsyncAPI document.
type asyncDocument struct {
	AsyncAPI string
	Servers  map[string]struct{ Host, Protocol string }
	Channels map[string]struct {
		Address  string
		Bindings map[string]any
	}
	Operations map[string]struct {
		Action  string
		Channel struct {
			Ref string `json:"$ref"`
		}
		Source string `json:"x-source"`
	}
}

func asyncapiOf(t *testing.T, dir string) (asyncDocument, string) {
	t.Helper()
	code, out, problems := command(t, dir, "asyncapi")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, problems)
	}
	var doc asyncDocument
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	return doc, out
}

// TestAsyncAPI: the example city's topics are told with the routes that publish and read them, in JSON and in YAML, by
// the command and by the server; a validator finds nothing wrong.
func TestAsyncAPI(t *testing.T) {
	t.Parallel()
	city, err := filepath.Abs(exampleCity)
	if err != nil {
		t.Fatal(err)
	}
	doc, text := asyncapiOf(t, city)
	if doc.AsyncAPI != "3.0.0" || doc.Channels["crm.ticket"].Address != "crm.ticket" || doc.Servers != nil ||
		doc.Channels["crm.ticket"].Bindings != nil {
		t.Errorf("found %+v", doc)
	}
	published, read := doc.Operations["segnala.crm.ticket"], doc.Operations["ticket-al-crm"]
	if published.Action != "send" || published.Source != "/fondaco/dime/segnala" || read.Action != "receive" ||
		read.Channel.Ref != "#/channels/crm.ticket" {
		t.Errorf("found %+v", doc.Operations)
	}
	if strings.Contains(text, "fondaco.segnala") {
		t.Error("a topic of the engine's is told")
	}
	code, yamlText, problems := command(t, city, "asyncapi", "--format", "yaml")
	if code != exitOK || !strings.HasPrefix(yamlText, "asyncapi: 3.0.0\n") {
		t.Fatalf("exit code %d, %s%s", code, yamlText, problems)
	}
	var out diag.List
	plain := func(src string) any { return asPlain(config.ParseDocument("asyncapi", []byte(src), &out)) }
	if a, b := plain(text), plain(yamlText); out.Failed() || !reflect.DeepEqual(a, b) {
		t.Error("the document in YAML is another than the one in JSON")
	}
	if code, _, problems := command(t, city, "asyncapi", "--format", "xml"); code != exitUsage ||
		!strings.Contains(problems, `found the format "xml", expected json or yaml`) {
		t.Errorf("exit code %d, %s", code, problems)
	}
	if code, out, _ := command(t, city, "openapi", "--format", "yaml"); code != exitOK || !strings.HasPrefix(out, "openapi: 3.0.3\n") {
		t.Errorf("exit code %d, %.40s", code, out)
	}

	spectral, err := filepath.Abs("../../.tools/spectral/node_modules/.bin/spectral")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(spectral); err != nil {
		t.Skip("Spectral is not installed (make test-all fetches it)")
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"rules.yaml": "extends: [[\"spectral:asyncapi\", recommended]]\nrules: { " +
		"asyncapi-latest-version: off, asyncapi-servers: off }\n", "asyncapi.json": text, "asyncapi.yaml": yamlText} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := exec.Command(spectral, "lint", filepath.Join(dir, "asyncapi.json"), filepath.Join(dir, "asyncapi.yaml"), "-r",
		filepath.Join(dir, "rules.yaml"), "--fail-severity", "warn").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, found)
	}
}

// asPlain returns a node as encoding/json would, with scalars as they are written.
func asPlain(n *config.Node) any {
	switch n.Kind {
	case config.NodeMap:
		m := map[string]any{}
		for _, e := range n.Entries {
			m[e.Key.Value] = asPlain(e.Value)
		}
		return m
	case config.NodeList:
		list := []any{}
		for _, x := range n.Items {
			list = append(list, asPlain(x))
		}
		return list
	}
	return []any{n.Kind, n.Text.Value}
}

// TestAsyncAPIOfKafka: brokers are told, and nothing of what is secret in their address.
func TestAsyncAPIOfKafka(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		topics string
		hosts  []string
	}{
		{"kafka://kafka-1:9092,kafka-2:9092", []string{"kafka-1:9092", "kafka-2:9092"}},
		{"kafka://utente:${secret.kafka}@kafka-1:9092", []string{"kafka-1:9092"}},
		{"${secret.kafka}", nil},
		{"${env.NON_C_E}", nil},
		{"embedded", nil},
	} {
		dir := cityWith(t, [3]string{"fondaco.yaml", "topics:\n  crm.ticket:", "storage: { topics: \"" + c.topics +
			"\" }\ntopics:\n  crm.ticket:"})
		doc, text := asyncapiOf(t, dir)
		var hosts []string
		for _, name := range []string{"kafka", "kafka-2"} {
			if s, ok := doc.Servers[name]; ok {
				hosts = append(hosts, s.Host)
			}
		}
		if !reflect.DeepEqual(hosts, c.hosts) || len(doc.Servers) != len(c.hosts) {
			t.Errorf("%s: the servers are %v", c.topics, doc.Servers)
		}
		for _, hidden := range []string{"utente", "secret", "hidden"} {
			if strings.Contains(text, hidden) {
				t.Errorf("%s: %s is told", c.topics, hidden)
			}
		}
	}
}

// TestAsyncAPIIsServed: beside the OpenAPI, linked on the page; not where there are no topics.
func TestAsyncAPIIsServed(t *testing.T) {
	t.Parallel()
	for _, topics := range []bool{true, false} {
		dir := exampleCity
		if !topics {
			dir = filepath.Join(t.TempDir(), "town")
			command(t, filepath.Dir(dir), "new", "town")
		}
		p, err := engine.OpenFolder(&engine.World{Env: func(string) (string, bool) { return "", false }, Dir: "."}, dir, "")
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		var out diag.List
		typed := p.Load(&out)
		all, err := engine.Pages(typed, p.Source, []openapi.Server{{URL: "http://127.0.0.1:8080"}})
		if err != nil {
			t.Fatal(err)
		}
		if all[engine.AsyncAPIPath] != nil != topics {
			t.Errorf("%s: topics %v, and a page %v", dir, topics, all[engine.AsyncAPIPath] != nil)
		}
		page := httptest.NewRecorder()
		all["/docs/"].ServeHTTP(page, httptest.NewRequest("GET", "/docs/", nil))
		if strings.Contains(page.Body.String(), `href="../asyncapi.json"`) != topics {
			t.Errorf("%s: the page links %s", dir, page.Body)
		}
		if !topics {
			continue
		}
		got := httptest.NewRecorder()
		all[engine.AsyncAPIPath].ServeHTTP(got, httptest.NewRequest("GET", engine.AsyncAPIPath, nil))
		_, want := asyncapiOf(t, dir)
		if got.Header().Get("Content-Type") != "application/json" || !bytes.Equal(got.Body.Bytes(), []byte(want)) {
			t.Errorf("served %s as %s", got.Body, got.Header())
		}
	}
}
