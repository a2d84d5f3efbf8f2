package connectors

import (
	"context"
	"errors"
	"net/http"
	"time"

	"fondaco/schema"
)

// FaultKind classifies a failed call. The words are the language's: fails, catch, retry and the HTTP status go by them.
type FaultKind uint8

// The kinds of faults.
const (
	Unavailable FaultKind = iota + 1 // the system is down, full, or will not speak with us; the call had no effect
	Timeout                          // no answer in time, of a call that may be repeated
	Refused                          // the system understood and said no
	Invalid                          // the answer does not fit its schema
	NotFound                         // what was asked for does not exist
	Conflict                         // the state of the thing forbids it, or it is there already
	Unknown                          // we cannot tell whether it took effect
)

var faultNames = [...]string{
	Unavailable: "unavailable", Timeout: "timeout", Refused: "refused", Invalid: "invalid",
	NotFound: "not-found", Conflict: "conflict", Unknown: "unknown",
}

// FaultKinds lists the words, in the kinds' order.
func FaultKinds() []string { return faultNames[1:] }

// FaultKindOf returns the kind that a word names, 0 if it names none.
func FaultKindOf(word string) FaultKind {
	for k, name := range faultNames {
		if name == word && k > 0 {
			return FaultKind(k)
		}
	}
	return 0
}

// String returns the kind's word, as not-found.
func (k FaultKind) String() string { return faultNames[k] }

// Fault is a failed call of a system.
type Fault struct {
	System, Operation string
	Kind              FaultKind
	Detail            string        // for the caller of the route, from the connector's fails; no address, no secret
	Path              string        // of an Invalid answer: where it does not fit, a JSON Pointer
	Status            int           // the HTTP status of the answer, 0 if there was none
	Body              schema.Value  // the answer, of the operation's Failure; absent if it could not be read as one
	Said              string        // what the system said of it, masked and cut, for logs; "" if nothing
	RetryAfter        time.Duration // what the system asked for, 0 if nothing
	Sent              bool          // bytes of the call may have reached the system
	Err               error         // the cause, for logs; never shown to callers

	// Others reports that the operation has answered another caller well since this one's last failure, or since it began
	// to wait: what speaks of the caller's own data then rather than of the system's health. Policies set it.
	Others bool
	// Withheld reports that the call was not made, as a breaker is open or it could not be noted before; Whole that it is
	// the whole system's: no other operation is called either.
	Withheld, Whole bool
	// Tried reports that an earlier attempt of the call was made. Policies set it.
	Tried bool
	// Own reports that a bound of the route itself was reached: no system is the cause.
	Own bool

	session bool // the system wants a new log-in, and has done nothing
	said    bool // a rule of the connector says so
}

// Suspect reports whether the data of one call may be the cause as well as the health of the system: a 500 and its like,
// a SOAP fault, a time-out, 401, 403, an answer that does not fit. No connection, 429, 502, 503, 504 and what the
// connector's own rules call unavailable speak of the system.
func (f *Fault) Suspect() bool {
	switch f.Kind {
	case Invalid, Timeout:
		return true
	case Unavailable, Unknown:
	default:
		return false
	}
	switch f.Status {
	case 0:
		return f.session || f.Kind == Unknown && f.Late()
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return f.session
	}
	return f.session || !f.said
}

// Away names what was away for a call that failed: the system if it was not reached or reset the connection, as "crm", and
// the operation if that was all that was heard of, as "crm.create". "" for a call that failed for another reason, or may have:
// it was not made, it came too often, or its own data may be the cause.
func (f *Fault) Away() string {
	switch {
	case f.Withheld || f.Own || f.Kind != Unavailable && f.Kind != Timeout || f.Status == http.StatusTooManyRequests || f.Suspect() &&
		!f.Late():
		return ""
	case f.Status == 0 && !(f.Sent && f.Late()):
		return f.System
	}
	return f.System + "." + f.Operation
}

// Late reports whether no answer came in time.
func (f *Fault) Late() bool {
	return f.Kind == Timeout || f.Kind == Unknown && errors.Is(f.Err, context.DeadlineExceeded)
}

// Error returns the fault for logs: system, operation, kind, cause, and what the system said, masked. It holds no other value
// of the message.
func (f *Fault) Error() string {
	s := f.System + "." + f.Operation + ": " + f.Kind.String()
	if f.Path != "" {
		s += " at " + f.Path
	}
	if f.Err != nil {
		s += ": " + f.Err.Error()
	}
	if f.Said != "" {
		s += ", with " + f.Said
	}
	return s
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }

// AsFault returns the fault that err holds, nil if it holds none.
func AsFault(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}
