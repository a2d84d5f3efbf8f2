package connectors

import (
	"context"

	"fondaco/transform/codec"
)

// limitKey is where a context holds how long what is sent may be.
type limitKey struct{}

// WithBodyLimit returns a context whose calls send at most n bytes each. Without it they send codec.DefaultLimit.
func WithBodyLimit(ctx context.Context, n int) context.Context {
	if n == codec.DefaultLimit && ctx.Value(limitKey{}) == nil {
		return ctx
	}
	return context.WithValue(ctx, limitKey{}, n)
}

// BodyLimit returns how many bytes a protocol may send in a call of ctx, or a service in an answer to it. What comes to
// be longer ends with a *codec.LimitError, and nothing is sent.
func BodyLimit(ctx context.Context) int {
	if n, ok := ctx.Value(limitKey{}).(int); ok {
		return n
	}
	return codec.DefaultLimit
}

// failureKey is where a context holds who is told why an answer could not be given.
type failureKey struct{}

// WithFailure returns a context for a service's request; told is called with what ReportFailure reports.
func WithFailure(ctx context.Context, told func(error)) context.Context {
	return context.WithValue(ctx, failureKey{}, told)
}

// ReportFailure reports to the one who runs the service, for its log, why a request of ctx could not be answered.
func ReportFailure(ctx context.Context, err error) {
	if told, ok := ctx.Value(failureKey{}).(func(error)); ok {
		told(err)
	}
}
