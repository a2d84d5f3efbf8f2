package auth

import (
	"context"
	"net/http"
	"time"

	"fondaco/schema"
)

// Scheme finds out who calls. Ways to log in are its implementations.
type Scheme interface {
	// Authenticate returns the caller, or a *Refusal. It reads the request's head alone, changes nothing, honours ctx,
	// and is called concurrently.
	Authenticate(ctx context.Context, head http.Header) (*User, error)
	// Challenge returns the value of WWW-Authenticate for a refused caller. need is what the route asks for; code and
	// description are OAuth's error and error_description, "" for a caller who brought nothing.
	Challenge(code, description string, need Need) string
}

// Need is how surely a route wants to know who calls.
type Need struct {
	Level  int           // of identification, 0 for any
	MaxAge time.Duration // how long ago the caller logged in at most, 0 for any time
}

// User is a caller who is known. It is shared by requests and not changed.
type User struct {
	Value   schema.Value // of trigger.UserType
	Subject string       // personal: for keys, never for logs
	Level   int
	Roles   []string
	Login   time.Time // when the person logged in; zero if it is not told
	Quota   Quota     // how often the caller may call over all routes of the scheme; none if Count is 0
}

// Quota is a number of requests in a time.
type Quota struct {
	Count int
	Per   time.Duration
}

// OverTLS reports whether what a scheme reads may come over TLS alone.
func OverTLS(s Scheme) bool {
	o, ok := s.(interface{ OverTLS() bool })
	return ok && o.OverTLS()
}

// Refusal says why a caller is not known. It is an error; it holds nothing of what the caller sent.
type Refusal struct {
	Status      int    // 400, 401, 403 for a caller of whom too little is known, or 503 when it is not known
	Code        string // OAuth's error, as invalid_token; "" if the caller brought nothing
	Description string // for the caller: no value of the token, no key
	Err         error  // the cause, for logs
}

// Error returns the description and the cause.
func (r *Refusal) Error() string {
	if r.Err != nil {
		return r.Description + ": " + r.Err.Error()
	}
	return r.Description
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }
