package store

import (
	"context"
	"errors"
)

// Seals encrypts what is kept outside of a state that several processes share, with data keys that are in the state: one for each
// person, so that the destruction of a key shreds all that is kept elsewhere of that person. Its methods may be called concurrently.
type Seals interface {
	// On reports whether there is anything to encrypt with; without it no other method is called.
	On() bool
	// Seal encrypts a text of the persons of marks, "" for nobody who is known. at binds it to its place: it is opened there alone.
	// A key may be destroyed while the text is on its way to its place: see Kept.
	Seal(ctx context.Context, marks Marks, at string, text []byte) (Sealed, error)
	// Kept reports whether all of some keys are there still. A text that was sealed is safe where its key is kept after the text
	// is in its place: a Shred that comes later was meant for it. Otherwise it is sealed anew.
	Kept(ctx context.Context, keys ...string) (bool, error)
	// Open returns what Seal was given. ErrErased if the key was destroyed by Shred, by this process or another some seconds ago;
	// ErrDamaged if the text is not as it was sealed, is not at its place, or its key is not in the state, as one that was made
	// after the moment of a backup; ErrElsewhere if it was sealed by another state. Every other error may pass.
	Open(ctx context.Context, at string, s Sealed) ([]byte, error)
	// Blind returns what stands for a text that is compared and must not be read: the same for the same text, at all processes.
	Blind(ctx context.Context, text string) (string, error)
	// Shred destroys the keys of a person for good, and returns how many those were.
	Shred(ctx context.Context, mark Marks) (int64, error)
}

// Sealed is a text that was encrypted.
type Sealed struct {
	Key   string // names the data key
	Value []byte
}

// Sealer is a Store whose processes can encrypt what they keep elsewhere.
type Sealer interface {
	Seals() Seals
}

// What Seals' Open returns besides the errors of a store.
var (
	// ErrErased reports that the data key was destroyed: the person was erased.
	ErrErased = errors.New("the data key was destroyed: the person was erased")
	// ErrElsewhere reports that another state has the data keys.
	ErrElsewhere = errors.New("another state has the data keys")
)
