package connectors

import (
	"time"

	"fondaco/schema"
)

// Simulation is what a simulator answers. Safe for concurrent use.
type Simulation interface {
	// System returns whose parameters (user names, tokens) callers must present; nil accepts anybody.
	System() *System
	// Find returns the sample of an operation that an input fits, nil if there is none. It is not to be changed.
	Find(operation string, input schema.Value) *Sample
}

// Sample is what a simulated operation answers.
type Sample struct {
	Status  int // HTTP; 0 is the protocol's ordinary one
	Headers [][2]string
	Answer  schema.Value  // of the operation's output, or whatever it is for another status; absent for no body
	Raw     string        // the body as it is, instead of Answer; "" if there is none
	Fault   *SampleFault  // a SOAP fault, nil for none
	Delay   time.Duration // before answering
}

// SampleFault is a SOAP fault in a sample.
type SampleFault struct {
	Code, Text string
	Detail     schema.Value
}

// Simulator plays a system on its protocol's own wire. Its methods may be called from several goroutines, one at a time.
type Simulator interface {
	// Start listens at a place, and returns it; the zero Place stands for any that is free on this machine.
	Start(at Place) (Place, error)
	// Stop closes the listener and every connection, as a system does that goes down, and waits until nothing runs any
	// more. The simulator may be started again.
	Stop()
	// Down has every call broken off without an answer, until it is told otherwise.
	Down(down bool)
	// Follow has calls answered from here on as next, which was not started, would answer them; those under way end as
	// they began. It reports false, and does nothing, if it cannot: next is of another protocol.
	Follow(next Simulator) bool
}
