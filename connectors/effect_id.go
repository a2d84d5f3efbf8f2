package connectors

import "context"

// effectIDKey is where a context holds the id of an effect.
type effectIDKey struct{}

// WithEffectID returns a context for the calls by which one effect is had, once: id is the same for every repetition of
// it, and no other effect has it. Protocols send it to systems that honour an idempotency key.
func WithEffectID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, effectIDKey{}, id)
}

// EffectID returns the id of the effect that calls with ctx have, "" if none is said.
func EffectID(ctx context.Context) string {
	id, _ := ctx.Value(effectIDKey{}).(string)
	return id
}
