package connectortest

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/schema"
	"fondaco/transform/codec"

	"go.uber.org/goleak"
)

// Run proves that a protocol keeps the contract. fsys holds a connector.yaml whose system is at the parameter endpoint,
// takes answers of at most 64 KiB, and has two operations:
//
//   - leggi (effect: read) takes a codice and gives codice and importo (a decimal), voci (a list of nome and perhaps
//     prezzo), and perhaps nota (nullable), quando (a moment) and intestatario, which is personal; in this order. It
//     fails as refused, with the detail "Il codice NO è respinto", when the answer's codice is NO.
//   - scrivi (effect: once) takes codice, importo and perhaps nota (nullable), and gives codice.
func Run(t *testing.T, p *connectors.Protocol, fsys fs.FS) {
	t.Helper()
	var out diag.List
	c := connectors.Load(fsys, ".", connectors.Registry{p}, &out, diag.Pos{})
	for _, x := range out.Sorted() {
		t.Errorf("%s: %s %s %s", x.Pos, x.Code, x.Message, x.Hint)
	}
	if c == nil || t.Failed() {
		t.FailNow()
	}
	s := &suite{protocol: p, connector: c}
	for _, part := range []struct {
		name string
		test func(*suite, *testing.T)
	}{
		{"types", (*suite).types},
		{"values", (*suite).values},
		{"inputs", (*suite).inputs},
		{"pruned", (*suite).pruned},
		{"rules", (*suite).rules},
		{"nobody listens", (*suite).refused},
		{"wrong answers", (*suite).wrong},
		{"deadline", (*suite).deadline},
		{"cancel", (*suite).cancel},
		{"many at once", (*suite).crosstalk},
		{"simulated", (*suite).confined},
	} {
		t.Run(part.name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			t.Cleanup(func() { goleak.VerifyNone(t, before) })
			part.test(s, t)
		})
	}
}

type suite struct {
	protocol  *connectors.Protocol
	connector *connectors.Connector
}

// open returns the system at an address.
func (s *suite) open(t *testing.T, address string) connectors.Caller {
	t.Helper()
	sys := &connectors.System{Name: "prova", Connector: s.connector, Params: map[string]config.Ref{}}
	sys.Override("endpoint", address)
	caller, err := s.protocol.Open(context.Background(), sys, connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return caller
}

// behind opens a system whose server is a handler.
func (s *suite) behind(t *testing.T, h http.Handler) connectors.Caller {
	t.Helper()
	server := httptest.NewServer(h)
	caller := s.open(t, server.URL+"/base")
	t.Cleanup(func() {
		if err := caller.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return caller
}

// sample is an answer of the simulator; when and answer are written as JSON.
type sample struct{ operation, when, answer string }

// simulator returns the protocol's server side with samples.
func (s *suite) simulator(t *testing.T, samples ...sample) http.Handler {
	t.Helper()
	sys := &connectors.System{Name: "prova", Connector: s.connector, Params: map[string]config.Ref{}}
	sys.Override("endpoint", "http://127.0.0.1:1/base")
	h, ok := s.simulated(t, sys, samples...).(http.Handler)
	if !ok {
		t.Fatal("the protocol's simulator is no http.Handler")
	}
	return h
}

// simulated makes the protocol's simulator of a system.
func (s *suite) simulated(t *testing.T, sys *connectors.System, samples ...sample) connectors.Simulator {
	t.Helper()
	cases := map[string][]*simulate.Case{}
	for _, x := range samples {
		op := s.connector.Operation(x.operation)
		c := &simulate.Case{Sample: connectors.Sample{Answer: s.value(t, op.Output, x.answer)}}
		if x.when != "" {
			c.When = s.value(t, op.Input, x.when)
		}
		cases[x.operation] = append(cases[x.operation], c)
	}
	made, err := s.protocol.Simulate(s.connector, simulate.New(sys, cases))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// value makes a value of a type from JSON.
func (s *suite) value(t *testing.T, of *schema.Type, text string) schema.Value {
	t.Helper()
	v, err := codec.CompileJSON(of, codec.JSONOptions{}).Decode([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// call calls an operation with an input written as JSON, and gives the answer as JSON.
func (s *suite) call(ctx context.Context, t *testing.T, caller connectors.Caller, operation, input string) (string, *connectors.Fault) {
	t.Helper()
	op := s.connector.Operation(operation)
	do, err := caller.Call(op, op.Output)
	if err != nil {
		t.Fatal(err)
	}
	v, err := do(ctx, s.value(t, op.Input, input))
	if err == nil {
		return string(codec.AppendJSON(nil, v)), nil
	}
	f := connectors.AsFault(err)
	switch {
	case f == nil:
		t.Fatalf("%s: the error is no fault: %v", operation, err)
	case f.System != "prova" || f.Operation != operation:
		t.Errorf("the fault is of %q.%q", f.System, f.Operation)
	}
	return "", f
}
