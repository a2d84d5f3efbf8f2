// Package simulate is what simulated systems answer: the samples of a connector, and the lists that a simulator keeps
// while it runs. How it is sent, on the protocol's own wire, each protocol says itself (connectors.Protocol.Simulate).
package simulate
