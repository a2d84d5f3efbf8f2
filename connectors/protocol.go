package connectors

import (
	"context"
	"io"
	"log/slog"
	"net/http"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
)

// Protocol is Go code that speaks one wire. Each is one exported value in a folder of its own, listed in connectors/all.
type Protocol struct {
	Name  string // the key in connector.yaml, as rest
	Title string
	// Spec declares the fields under the protocol's key. It sets c.Wire to where they go. It may run several times on
	// the same Connector.
	Spec func(o *spec.Object, c *Connector)
	// OperationSpec declares the protocol's fields of an operation, likewise with op.Wire.
	OperationSpec func(o *spec.Object, op *Operation)
	// Describe fills in the types of the operations and of what is watched. It reads files of c.FS and nothing else: offline and pure.
	Describe func(c *Connector, out *diag.List)
	// Addresses lists the references of a connector that say where its systems are: all that a system may dial.
	Addresses func(c *Connector) []config.Ref
	// Open makes a system ready to be called. It does not call it. A system with a Place is there, and nowhere that
	// Addresses would say; connections are made by s.Dial alone.
	Open func(ctx context.Context, s *System, d Deps) (Caller, error)
	// WatchSpec declares the protocol's fields of a watch, likewise with w.Wire. Nil if nothing can be watched.
	WatchSpec func(o *spec.Object, w *Watch)
	// Watch opens a watch, which Describe has given its type, as Open opens a system: it connects to nothing yet. A simulator answers it
	// by the samples of the watch's name. Nil if nothing can be watched.
	Watch func(ctx context.Context, s *System, w *Watch, d Deps) (Watching, error)
	// Simulate makes the server side of the protocol, answering from samples. It is not started yet.
	Simulate func(c *Connector, s Simulation) (Simulator, error)
	// Serve returns the server side of the protocol, answering with what answer makes of each request; s is where the
	// connector is bound, and says what callers must present. Nil if the protocol is not served.
	Serve func(c *Connector, s *System, answer Answer, d Deps) (http.Handler, error)
	// Tickets reports whether Describe adds to operations the input field of a session's ticket that is sent in a header, the query or a
	// cookie (Session.In).
	Tickets bool
	// Signed returns "" if each request to a served connector is signed by somebody whom it trusts: its answer is then
	// called with a context that has SignerOf. Otherwise it returns what to write in the connector for that. Nil if the
	// protocol has no signatures.
	Signed func(c *Connector) (toWrite string)
	// Sample makes up an input that can be sent, as far as the types alone do not say what goes together; false if it
	// finds none. Nil if the types say it all.
	Sample func(op *Operation) (schema.Value, bool)
}

// Answer makes the answer of a request: a value of the operation's output, or a fault. It is called concurrently, and
// honours ctx, which knows the signer of a request that is signed.
type Answer func(ctx context.Context, op *Operation, in schema.Value) (schema.Value, *SampleFault)

// Caller is an open system. Safe for concurrent use.
type Caller interface {
	// Call prepares the calls of one operation. want is the operation's output or what schema.Prune has left of it:
	// only that is decoded, and answers are values of it. The input is a value of op.Input.
	Call(op *Operation, want *schema.Type) (Call, error)
	// Close ends the system's connections; no call may be under way.
	io.Closer
}

// Deps is what an open system or a served connector gets from outside.
type Deps struct {
	Log     *slog.Logger // never nil
	Now     config.Clock // of what is noted; nil for the machine's
	Replays Replays      // what may come once; nil for a memory of its own, which ends with it
	// Signer, a value of SignerType, stands in the tests of a project for who signed: a served connector then takes its
	// requests unsigned, and a system sends them so. Absent wherever anybody else can send.
	Signer schema.Value
}

// Registry is the list of protocols that a program knows.
type Registry []*Protocol

// Find returns the protocol of a name, nil if there is none.
func (r Registry) Find(name string) *Protocol {
	for _, p := range r {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Names lists the protocols.
func (r Registry) Names() []string {
	names := make([]string, len(r))
	for i, p := range r {
		names[i] = p.Name
	}
	return names
}
