package driver

import "context"

// Kind says what went wrong.
type Kind uint8

// The kinds of errors.
const (
	Down       Kind = iota + 1 // the broker was not reached
	Login                      // it refuses our login
	Lost                       // the connection broke, or the time ended, with something under way
	Unroutable                 // nobody would get the message
	Missing                    // there is no such exchange or queue
	Denied                     // we have no permission
	Full                       // a quota or a limit is reached
	Unfit                      // the broker does not take such a message
	Other
)

var words = [...]string{
	Down: "down", Login: "login", Lost: "lost", Unroutable: "unroutable", Missing: "missing", Denied: "denied", Full: "full",
	Unfit: "unfit", Other: "other",
}

// String returns the word by which samples know the kind, as unroutable.
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
	Sent bool // the message may have reached the broker, and may have been taken
	Err  error
}

var tells = [...]string{
	Down: "the broker cannot be reached", Login: "the broker does not let us in", Lost: "the connection broke before the broker answered",
	Unroutable: "nobody receives what is published there", Missing: "there is no such exchange or queue", Denied: "permission is denied",
	Full: "a limit of the broker is reached", Unfit: "the broker does not take such a message", Other: "the broker refuses it",
}

// Error says what happened. It holds no topic: its words may be of persons.
func (e *Error) Error() string {
	s := tells[e.Kind]
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

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
