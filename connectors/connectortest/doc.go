// Package connectortest is the contract that every protocol passes: deadlines, cancellation, faults, exact values,
// what is absent, null and empty, and who may be called by whom. A protocol's test passes a connector of the
// operations that the suite calls, and the suite calls the protocol's own simulator, wherever that listens. It knows no wire:
// what more those of HTTP must keep is in transport/transporttest.
package connectortest
