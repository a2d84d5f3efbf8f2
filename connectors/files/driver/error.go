package driver

import (
	"context"
	"errors"
	"io/fs"
)

// Kind says what went wrong.
type Kind uint8

// The kinds of errors.
const (
	Down        Kind = iota + 1 // the place was not reached
	HostKey                     // the server's key has changed, or is not known
	Login                       // it refuses our login
	Silent                      // the server does not answer in time
	Lost                        // the connection broke with something under way
	Missing                     // there is no such file
	Exists                      // there is one already
	Denied                      // we have no permission
	Full                        // there is no space left
	Outside                     // a link leads out of the folder
	NoFile                      // it is a folder, a device or a pipe
	Unsupported                 // the place cannot do it
	Other
)

var words = [...]string{
	Down: "down", HostKey: "host-key", Login: "login", Silent: "silent", Lost: "lost", Missing: "missing", Exists: "exists", Denied: "denied",
	Full: "full", Outside: "outside", NoFile: "no-file",
	Unsupported: "unsupported", Other: "other",
}

// String returns the word by which samples know the kind, as missing.
func (k Kind) String() string { return words[k] }

// KindOf returns the kind that a word names, 0 if it names none.
func KindOf(word string) Kind {
	for k, w := range words {
		if w == word && k > 0 {
			return Kind(k)
		}
	}
	return 0
}

// Error says why something was not done.
type Error struct {
	Kind Kind
	Sent bool // it may have had its effect
	Err  error
}

var tells = [...]string{
	Down: "it cannot be reached", HostKey: "the host key is not the known one", Login: "it does not let us in",
	Silent: "there was no answer in time",
	Lost:   "the connection broke", Missing: "there is no such file", Exists: "there is a file of that name already",
	Denied: "permission is denied", Full: "no space is left", Outside: "a symbolic link leads out of the folder",
	NoFile:      "it is a folder, a device or a pipe, expected a file",
	Unsupported: "the place does not support it", Other: "the operation failed",
}

// Error says what happened. It holds no path: names may be of persons.
func (e *Error) Error() string {
	s := tells[e.Kind]
	if e.Err != nil && (e.Kind <= Lost || e.Kind >= Unsupported) {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Of returns an error of a file system as an *Error without its path; nil for nil. sent says whether it may have had an effect.
func Of(err error, sent bool) error {
	if err == nil {
		return nil
	}
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	kind := Other
	switch {
	case errors.Is(err, fs.ErrNotExist):
		kind, sent = Missing, false
	case errors.Is(err, fs.ErrExist):
		kind, sent = Exists, false
	case errors.Is(err, fs.ErrPermission):
		kind, sent = Denied, false
	case errors.Is(err, errFull):
		kind = Full
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return &Error{Kind: kind, Sent: sent, Err: err}
}

// Broken returns the error of a connection that failed, or the context's error where it has ended.
func Broken(ctx context.Context, err error, sent bool) *Error {
	if ended := ctx.Err(); ended != nil {
		err = ended
	}
	kind := Down
	if sent {
		kind = Lost
	}
	return &Error{Kind: kind, Sent: sent, Err: err}
}

// IsKind reports whether an error is an *Error of a kind.
func IsKind(err error, k Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}
