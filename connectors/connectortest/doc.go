// Package connectortest is the contract that every protocol passes: deadlines, cancellation, faults, exact values,
// what is absent, null and empty, and who may be called by whom. A protocol's test gives it a connector of the
// operations that the suite calls, and the suite speaks with the protocol's own simulator over real sockets.
package connectortest
