package connectortest

import (
	"context"
	"io/fs"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"

	"go.uber.org/goleak"
)

// Run proves that a protocol keeps the contract on its own wire, between a system that it opens and the simulator that it makes.
// fsys holds a connector.yaml whose system is at the parameter endpoint,
// and has two operations:
//
//   - leggi (effect: read) takes a codice and returns codice and importo (a decimal), voci (a list of nome and perhaps
//     prezzo), and perhaps nota (nullable), quando (a moment) and intestatario, which is personal; in this order. It
//     fails as refused, with the detail "Il codice NO è respinto", when the answer's codice is NO.
//   - scrivi (effect: once) takes codice, importo and perhaps nota (nullable), and returns codice.
func Run(t *testing.T, p *connectors.Protocol, fsys fs.FS, wire Wire) {
	t.Helper()
	s := New(t, p, fsys, wire)
	for _, part := range []struct {
		name string
		test func(*Suite, *testing.T)
	}{
		{"types", (*Suite).types},
		{"values", (*Suite).values},
		{"inputs", (*Suite).inputs},
		{"pruned", (*Suite).pruned},
		{"rules", (*Suite).rules},
		{"nobody listens", (*Suite).refused},
		{"deadline", (*Suite).deadline},
		{"cancel", (*Suite).cancel},
		{"many at once", (*Suite).crosstalk},
		{"simulated", (*Suite).confined},
	} {
		s.Part(t, part.name, part.test)
	}
}

// Part runs one part of a suite, which leaves no goroutine behind.
func (s *Suite) Part(t *testing.T, name string, test func(*Suite, *testing.T)) {
	t.Run(name, func(t *testing.T) {
		before := goleak.IgnoreCurrent()
		t.Cleanup(func() { goleak.VerifyNone(t, before) })
		test(s, t)
	})
}

// Suite is the connector of a protocol under test. What it starts and opens ends with the test that asked for it.
type Suite struct {
	protocol  *connectors.Protocol
	connector *connectors.Connector
	wire      Wire
}

// New reads the connector that Run describes, for the suites of those wires that have more to keep.
func New(t *testing.T, p *connectors.Protocol, fsys fs.FS, wire Wire) *Suite {
	t.Helper()
	var out diag.List
	c := connectors.Load(fsys, ".", connectors.Registry{p}, transform.Constants{}, &out, diag.Pos{})
	for _, x := range out.Sorted() {
		t.Errorf("%s: %s %s %s", x.Pos, x.Code, x.Message, x.Hint)
	}
	if c == nil || t.Failed() {
		t.FailNow()
	}
	return &Suite{protocol: p, connector: c, wire: wire}
}

// Open opens the system at an address, as the connector writes it. The caller is to be closed.
func (s *Suite) Open(t *testing.T, address string) connectors.Caller {
	t.Helper()
	sys := s.system()
	sys.Override("endpoint", address)
	return s.opened(t, sys)
}

// Simulator makes the protocol's simulator, which was not started, of a system at an address, with samples.
func (s *Suite) Simulator(t *testing.T, address string, samples ...Sample) connectors.Simulator {
	t.Helper()
	sys := s.system()
	sys.Override("endpoint", address)
	return s.simulated(t, sys, nil, samples...)
}

// Sample is an answer of the simulator; When and Answer are written as JSON.
type Sample struct {
	Operation, When, Answer string
	Delay                   time.Duration
}

func (s *Suite) system() *connectors.System {
	return &connectors.System{Name: "prova", Connector: s.connector, Params: map[string]config.Ref{}}
}

// behind opens a system that is played by samples; told is told of each call that reaches it, nil for nobody.
func (s *Suite) behind(t *testing.T, told simulate.Observer, samples ...Sample) connectors.Caller {
	t.Helper()
	sys := s.system()
	sys.Simulate(func(e *connectors.Stray) { t.Error(e) })
	made := s.simulated(t, sys, told, samples...)
	place, err := made.Start(connectors.Place{})
	if err != nil {
		t.Fatal(err)
	}
	sys.At(place)
	caller := s.opened(t, sys)
	t.Cleanup(func() {
		closed(t, caller)
		made.Stop()
	})
	return caller
}

// simulated makes the protocol's simulator of a system.
func (s *Suite) simulated(t *testing.T, sys *connectors.System, told simulate.Observer, samples ...Sample) connectors.Simulator {
	t.Helper()
	cases := map[string][]*simulate.Case{}
	for _, x := range samples {
		op := s.connector.Operation(x.Operation)
		c := &simulate.Case{Sample: connectors.Sample{Delay: x.Delay, Answer: s.value(t, op.Output, x.Answer)}}
		if x.When != "" {
			c.When = s.value(t, op.Input, x.When)
		}
		cases[x.Operation] = append(cases[x.Operation], c)
	}
	simulation := simulate.New(sys, cases)
	simulation.Play(cases, told, nil)
	made, err := s.protocol.Simulate(s.connector, simulation)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// value makes a value of a type from JSON.
func (s *Suite) value(t *testing.T, of *schema.Type, text string) schema.Value {
	t.Helper()
	v, err := codec.CompileJSON(of, codec.JSONOptions{}).Decode([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// Call calls an operation with an input written as JSON, and returns the answer as JSON.
func (s *Suite) Call(ctx context.Context, t *testing.T, caller connectors.Caller, operation, input string) (string, *connectors.Fault) {
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
