package routes_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/messaging"
)

// keys are the idempotency keys that a system was sent; every second call fails.
type keys struct {
	mu   sync.Mutex
	list []string
	next http.Handler
}

func (k *keys) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	k.list = append(k.list, r.Header.Get("Idempotency-Key"))
	fail := len(k.list)%2 == 1
	k.mu.Unlock()
	if fail {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	k.next.ServeHTTP(w, r)
}

// A call whose system honours an idempotency key has one: the same for its retries and for the message that comes
// again, another for every other effect; one that the mapping sets stays.
func TestIdempotencyKeyOfCalls(t *testing.T) {
	for name, loop := range map[string]string{
		"for_each": `      - for_each: n in [1, 2]
        steps:
          - { call: cassa.paga, with: { n: "${n}" }, retry: { attempts: 2, backoff: 1ms..2ms } }
`,
		"repeat": `      - repeat: { n: 1 }
        steps:
          - { call: cassa.paga, with: { n: "${n}" }, retry: { attempts: 2, backoff: 1ms..2ms } }
        next: { n: "${n + 1}" }
        until: n == 3
        max: 3
`,
	} {
		t.Run(name, func(t *testing.T) { keysOfCalls(t, loop) })
	}
}

func keysOfCalls(t *testing.T, loop string) {
	k := &keys{}
	city, out, err := Open(t.Context(), Options{Registry: all.Protocols, FS: Files(map[string]string{
		"fondaco.yaml": `project: prova
systems:
  cassa: { connector: ./connectors/cassa, params: { endpoint: "http://127.0.0.1:1" } }
topics:
  nuove: { schema: {} }
`,
		"connectors/cassa/connector.yaml": `connector: cassa
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  paga: { post: /paga, effect: once, idempotency_key: true, headers: { Idempotency-Key: { type: string } }, body: { type: object, properties: { n: { type: integer } } }, answer: { type: object, properties: {} } }
samples: samples/
`,
		"connectors/cassa/samples/paga.yaml": "- answer: {}\n",
		"routes/r.yaml": `routes:
  lavora:
    topic: nuove
    steps:
` + loop + `      - { call: cassa.paga, with: { n: 3, Idempotency-Key: mia }, retry: { attempts: 2, backoff: 1ms..2ms } }
`,
	}), Between: func(_ string, at connectors.Place) connectors.Place {
		k.next = httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: at.Address})
		server := httptest.NewServer(k)
		t.Cleanup(server.Close)
		at.Address = server.Listener.Addr().String()
		return at
	}})
	if err != nil || city == nil {
		t.Fatal(err, out.Sorted())
	}
	defer city.Close()
	work := func(id string) []string {
		t.Helper()
		k.list = nil
		if err := city.Program.Consumers[0].Handle(t.Context(),
			messaging.Message{ID: id, Type: "nuove", Source: "/altri", Time: time.Now(), Attempt: 1, Body: []byte(`{}`)}); err != nil {
			t.Fatal(err)
		}
		if len(k.list) != 6 || k.list[0] != k.list[1] || k.list[2] != k.list[3] || k.list[0] == k.list[2] || k.list[0] == "" ||
			k.list[4] != "mia" || k.list[5] != "mia" {
			t.Errorf("the keys are %q", k.list)
		}
		return k.list
	}
	first, again, other := work("m1"), work("m1"), work("m2")
	if !slices.Equal(first, again) {
		t.Errorf("a message that comes again: %q, first %q", again, first)
	}
	if first[0] == other[0] || first[2] == other[2] {
		t.Errorf("another message: %q, first %q", other, first)
	}
}
