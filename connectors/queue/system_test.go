package queue_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/queue"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// system returns a system at a broker, by a connector's text.
func system(t testing.TB, address, connector string) *connectors.System {
	t.Helper()
	var out diag.List
	c := connectors.Load(fstest.MapFS{"connector.yaml": {Data: []byte(connector)}}, ".", connectors.Registry{queue.Protocol}, &out, diag.Pos{})
	for _, p := range out.Sorted() {
		t.Errorf("%s: %s %s %s", p.Pos, p.Code, p.Message, p.Hint)
	}
	if c == nil || t.Failed() {
		t.FailNow()
	}
	s := &connectors.System{Name: "broker", Connector: c, Params: map[string]config.Ref{}}
	s.Override("endpoint", address)
	return s
}

var deps = connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now}

// opened opens a system until the test ends.
func opened(t testing.TB, s *connectors.System) connectors.Caller {
	t.Helper()
	c, err := queue.Protocol.Open(context.Background(), s, deps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// calling prepares an operation, whose input and answer are written as JSON.
func calling(t testing.TB, s *connectors.System, c connectors.Caller, name string) func(ctx context.Context, in string) (string, error) {
	t.Helper()
	op := s.Connector.Operation(name)
	do, err := c.Call(op, op.Output)
	if err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context, in string) (string, error) {
		v, err := codec.CompileJSON(op.Input, codec.JSONOptions{}).Decode([]byte(in))
		if err != nil {
			return "", err
		}
		v, err = do(ctx, v)
		if err != nil {
			return "", err
		}
		return string(codec.AppendJSON(nil, v)), nil
	}
}

// watching opens a watch; whoever asked for it closes it.
func watching(t testing.TB, s *connectors.System, name string) connectors.Watching {
	t.Helper()
	w, err := s.Watch(context.Background(), s.Connector.Watch(name), deps)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// found polls until n things have come and were kept, and returns them.
func found(t testing.TB, w connectors.Watching, n int) (all []connectors.Find) {
	t.Helper()
	for end := time.Now().Add(time.Minute); len(all) < n; {
		f, err := w.Poll(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f.Items...)
		if f.Done != nil {
			if err := f.Done(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
		if time.Now().After(end) {
			t.Fatalf("found %d, expected %d", len(all), n)
		}
		if !f.More && len(all) < n {
			w.Wait(t.Context(), time.Second)
		}
	}
	return all
}

func said(v schema.Value) string { return string(codec.AppendJSON(nil, v)) }

const mqttConnector = `connector: broker
version: 1.0.0
params: { endpoint: { type: string } }
queue:
  address: ${param.endpoint}
  client_id: prova
  version: VERSION
operations:
  comanda:
    publish: semafori/{id}/comando
    content: json
    schema: { type: object, required: [colore], properties: { colore: { type: string } } }
  trattieni:
    publish: stato/{id}
    retain: true
    content: text
  metti:
    publish: prova/{nome}/livello
    content: json
    schema: { type: object, required: [nome], properties: { nome: { type: string } } }
watches:
  comandi:
    topic: semafori/{id}/comando
    content: json
    schema: { type: object, required: [colore], properties: { colore: { type: string } } }
    key: id
  stati:
    topic: stato/{id}
    retained: take
    content: text
  livelli:
    topic: prova/{nome}/#
    content: json
    schema: { type: object, required: [nome], properties: { nome: { type: string } } }
    id: [payload.nome]
    key: nome
    prefetch: 4
`

// ofVersion is the connector for a version of MQTT.
func ofVersion(version string) string {
	return strings.ReplaceAll(mqttConnector, "VERSION", `"`+version+`"`)
}
