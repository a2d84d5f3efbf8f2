package messaging

// Reason is the code of why a message is a dead letter: a fixed word to filter and count by.
type Reason string

// The reasons that this package sets; a handler adds its own by Dead.
const (
	NoEvent Reason = "no-event" // it lacks the headers of a CloudEvent in binary mode
	// it is a CloudEvent in structured mode that cannot be read, or a batch of them, which is not supported
	StructuredMode  Reason = "structured-mode"
	BadVersion      Reason = "bad-version"      // ce_specversion is not 1.0
	BadAttribute    Reason = "bad-attribute"    // an attribute is absent, empty or holds what it may not
	RepeatedHeader  Reason = "repeated-header"  // one attribute stands twice
	TooManyHeaders  Reason = "too-many-headers" // more than MaxExtensions, or more bytes than MaxHeaders
	TooLarge        Reason = "too-large"        // the body is over the broker's limit
	Tombstone       Reason = "tombstone"        // a null value, which is no event
	Corrupt         Reason = "corrupt"          // what is stored differs from what was written
	HandlerPanicked Reason = "panic"            // the handler panicked at every attempt
	Exhausted       Reason = "exhausted"        // the attempts are used up
	Refused         Reason = "refused"          // a system said no, and would again
	Unreadable      Reason = "unreadable"       // what was accepted does not fit what its route takes by now
	Unavailable     Reason = "unavailable"      // a system was unavailable for as long as the message may wait
)

// FailureReasons are the reasons of letters whose messages count as failed: they ended at the first attempt, by what a system
// answered or by a change of the route, and are worth a replay once that is repaired. Letters of all other reasons are dead.
var FailureReasons = []string{string(Refused), string(Unreadable)}

// Failure reports whether a message whose letter has this reason counts as failed.
func (r Reason) Failure() bool { return r == Refused || r == Unreadable }

// Flaw says why what was read is not a valid message. It holds no value of the message.
type Flaw struct {
	Reason Reason
	Detail string // what was found and what was expected
}

// Error returns reason and detail.
func (f *Flaw) Error() string { return string(f.Reason) + ": " + f.Detail }
