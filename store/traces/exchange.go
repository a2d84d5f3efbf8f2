package traces

import "time"

// The kinds of exchanges.
const (
	Request  = "request"  // of the public API
	Message  = "message"  // one attempt of a route's work on a message
	Accepted = "accepted" // a request that was answered 202
)

// Exchange is one request, or one attempt of the work on a message. All its texts are names of the project or words of this program,
// but for the ids, which Store keeps as the package says.
type Exchange struct {
	Kind         string
	Route        string
	Topic, Group string // of a message
	Request      string // the request id
	Operation    string // the id of an accepted request
	Message      string // the id of a message
	Trace        [16]byte
	Span, Parent [8]byte // as in W3C Trace Context; Parent is zero for the first
	Release      string  // of the project that was in service
	Began        time.Time
	Took         time.Duration
	Status       int    // of an answer; 0 if there was none
	Outcome      string // of work on a message: done, again, waits, dead, cancelled or superseded
	Attempt      int    // of work on a message, from 1
	Fault        string // the kind of the fault that ended it, with its system and operation; "" for none
	Steps        []Step
}

// Step is one attempt of a call, or one event that was published.
type Step struct {
	Place             string // in the project, as routes/x.yaml:12:9
	System, Operation string // of an event "topic" and the topic's name
	Effect            string // once, idempotent or read; of an event "publish"
	Message           string // the id of an event
	Attempt           int
	After             time.Duration // since the exchange began
	Took              time.Duration
	Fault             string // the kind of the fault; "" for none
}

// Publishes is the Effect of an event that was published.
const Publishes = "publish"
