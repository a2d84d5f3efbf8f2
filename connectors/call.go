package connectors

import (
	"context"

	"fondaco/schema"
)

// Call performs one operation of a system: a value in, a value out. It knows nothing of routes. It honours the
// deadline and the cancellation of ctx, is safe for concurrent use, and fails with a *Fault.
type Call func(ctx context.Context, in schema.Value) (schema.Value, error)

// Policy wraps a Call: timeout, retry, breaker, cache.
type Policy func(Call) Call

// With wraps call in the policies; the first is the outermost.
func (call Call) With(policies ...Policy) Call {
	for i := len(policies) - 1; i >= 0; i-- {
		call = policies[i](call)
	}
	return call
}

// Effect says what may be done again with an operation.
type Effect uint8

// The effects. An operation that says nothing is Once: the safe reading.
const (
	Once       Effect = iota // it changes something each time: never repeated blindly, never cached
	Idempotent               // it changes something, the same however often it is sent: may be retried
	Read                     // it changes nothing: may be retried and cached
)

// String returns the word of connector.yaml.
func (e Effect) String() string { return [...]string{"once", "idempotent", "read"}[e] }
