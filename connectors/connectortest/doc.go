// Package connectortest is the contract that every protocol passes: deadlines, cancellation, faults, exact values,
// what is absent, null and empty, and who may be called by whom. A protocol's test passes a connector of the
// operations that the suite calls, and the suite calls the protocol's own simulator, wherever that listens. What it must know of a wire
// it is told by Wire; what more those of HTTP must keep is in transport/transporttest.
//
// RunWatch is the contract of a connectors.Watching, for protocols of which something can be watched: on a real system.
package connectortest
