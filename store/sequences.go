package store

import (
	"context"
	"time"
)

// Sequences are durable rising numbers, each sequence under its name. A number is given for one purpose and never for
// another, whatever ends in between; numbers may be left out: one that was drawn and not used is not drawn again.
type Sequences interface {
	// Draw returns a number of the sequence: the one that was drawn before for the same purpose, and otherwise the
	// next, which is above all that were drawn. It is durable before it is returned. ErrExhausted if there is no
	// higher number. After any other error a number may have been drawn that nobody was told; drawing again is safe.
	Draw(ctx context.Context, d Draw, now time.Time) (int64, error)
}

// Draw says which number is wanted.
type Draw struct {
	Name  string // of the sequence
	Start int64  // no number is below it: a sequence begins here, and one that is below jumps here
	// For is the purpose: who asks for it again gets the same number, as long as dead letters and ids of finished
	// messages are kept (Limits.Letters and Limits.Inbox together). Empty for one that nobody will ask for again.
	// It is kept as a hash.
	For string
}
