package connectors

import (
	"context"
	"crypto/sha256"
	"log/slog"
)

// CallerToken is the access token of whoever sent the request that is answered. It is printed nowhere, and never stored.
type CallerToken struct{ token string }

// String returns stars: a token is shown to nobody.
func (CallerToken) String() string { return "***" }

// GoString returns stars.
func (CallerToken) GoString() string { return "***" }

// LogValue returns stars.
func (CallerToken) LogValue() slog.Value { return slog.StringValue("***") }

// Secret returns the token itself.
func (t CallerToken) Secret() string { return t.token }

// Sum returns what distinguishes tokens, and from which no token can be computed.
func (t CallerToken) Sum() [sha256.Size]byte { return sha256.Sum256([]byte(t.token)) }

// callerTokenKey is where a context holds a CallerToken.
type callerTokenKey struct{}

// WithCallerToken returns a context for a request whose caller was authenticated by a token. Protocols send it on where a
// connector says so (auth: caller, auth: exchange).
func WithCallerToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, callerTokenKey{}, CallerToken{token})
}

// CallerTokenOf returns the token of the caller, false if ctx knows none.
func CallerTokenOf(ctx context.Context) (CallerToken, bool) {
	t, ok := ctx.Value(callerTokenKey{}).(CallerToken)
	return t, ok && t.token != ""
}
