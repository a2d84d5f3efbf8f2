package routestest_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/routes"
	"fondaco/routes/routestest"
	"fondaco/routes/trigger"
	"fondaco/schema"
)

// wanderer is a protocol whose systems dial where an answer leads: what no protocol should do.
func wanderer(to string) *connectors.Protocol {
	p := &connectors.Protocol{
		Name: "wanderer", Title: "A protocol that follows addresses",
		Spec:          func(*spec.Object, *connectors.Connector) {},
		OperationSpec: func(*spec.Object, *connectors.Operation) {},
		Addresses:     func(*connectors.Connector) []config.Ref { return nil },
	}
	p.Describe = func(c *connectors.Connector, _ *diag.List) {
		for _, op := range c.Operations {
			op.Input, op.Output = (&schema.Type{Kind: schema.KindRecord}).Seal(), schema.TypeText
		}
	}
	p.Open = func(_ context.Context, s *connectors.System, _ connectors.Deps) (connectors.Caller, error) {
		return wandering{s, to}, nil
	}
	p.Simulate = func(*connectors.Connector, connectors.Simulation) (connectors.Simulator, error) { return still{}, nil }
	return p
}

type wandering struct {
	system *connectors.System
	to     string
}

func (w wandering) Call(op *connectors.Operation, _ *schema.Type) (connectors.Call, error) {
	return func(ctx context.Context, _ schema.Value) (schema.Value, error) {
		conn, err := w.system.Dial(ctx, "tcp", w.to)
		if err != nil {
			return schema.Value{}, &connectors.Fault{System: w.system.Name, Operation: op.Name, Kind: connectors.Unavailable, Err: err}
		}
		_ = conn.Close()
		return schema.Text("arrivato"), nil
	}, nil
}

func (wandering) Close() error { return nil }

// still is a simulator that nobody calls.
type still struct{}

func (still) Start(connectors.Place) (connectors.Place, error) {
	return connectors.Place{Network: "tcp", Address: "127.0.0.1:1"}, nil
}
func (still) Stop()                            {}
func (still) Down(bool)                        {}
func (still) Follow(connectors.Simulator) bool { return false }

// TestStrayDialFailsTheTest: a test in which a simulated system dials something else fails, also where the route goes
// on without the answer, and the others do not.
func TestStrayDialFailsTheTest(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var connected atomic.Int32
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			connected.Add(1)
			_ = conn.Close()
		}
	}()
	fsys := fstest.MapFS{}
	for name, text := range map[string]string{
		"fondaco.yaml":                      "project: prova\nsystems: { errante: { connector: ./connectors/errante } }\n",
		"connectors/errante/connector.yaml": "connector: errante\nversion: 1.0.0\nwanderer: {}\noperations: { vai: { effect: read } }\n",
		"routes/r.yaml": `routes:
  va:
    http: GET /va
    auth: none
    steps:
      - { call: errante.vai, as: v, catch: { unavailable: nessuno } }
    respond: { body: "${v}" }
  resta:
    http: GET /resta
    auth: none
    respond: { body: "qui" }
`,
		"tests/t.yaml": `tests:
  - { test: va, request: { path: /va }, answer: { body: nessuno } }
  - { test: resta, request: { path: /resta }, answer: { body: qui } }
`,
	} {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	var out diag.List
	typed := routes.Check(routes.Load(config.Source{FS: fsys}, connectors.Registry{wanderer(l.Addr().String())}, &out), &out)
	tests := routestest.Read(config.ReadFile(fsys, "tests/t.yaml", &out, diag.Pos{}), typed.Model, &out)
	for _, p := range out.Sorted() {
		t.Errorf("%s: %s", p.Pos, p.Message)
	}
	if t.Failed() {
		t.FailNow()
	}
	results, err := routestest.Run(t.Context(), typed, tests, door, &out)
	if err != nil || len(results) != 2 {
		t.Fatal(results, err)
	}
	want := "system errante is simulated and may not connect to " + l.Addr().String() + ": its simulator is at 127.0.0.1:1"
	if !strings.HasPrefix(results[0].Failed, want) || strings.Contains(results[0].Failed, "\n") {
		t.Errorf("found %q, expected %q", results[0].Failed, want)
	}
	if results[1].Failed != "" {
		t.Errorf("the other test: %s", results[1].Failed)
	}
	if n := connected.Load(); n > 0 {
		t.Errorf("%d connections", n)
	}
}

// door asks the one route of a path; that of fondaco test is the server.
func door(ctx context.Context, s routestest.Served, request []byte) (*http.Response, error) {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
	if err != nil {
		return nil, err
	}
	for _, route := range s.Routes {
		if route.Path == r.URL.Path {
			res, err := route.Serve(ctx, &trigger.Request{Header: r.Header})
			if err != nil {
				return nil, err
			}
			return &http.Response{StatusCode: res.Status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(res.Body))}, nil
		}
	}
	return nil, errors.New("there is no such route")
}
