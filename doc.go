// Package fondaco is the root of an enterprise service bus for cities. It holds only the test of the architecture; the
// program is in cmd/fondaco.
package fondaco
