package messaging

// Reader is a group that reads a topic.
type Reader struct {
	Group string
	From  From
	// Also are names of the group of a time when the project did not say that they are one: their places are joined into
	// the group's, once nobody reads under them any more, and are gone then.
	Also []string
}

// Kept is a topic that a project publishes to or reads, with all its readers.
type Kept struct {
	Topic   string
	Readers []Reader
	Named   bool   // the project declares this name on the broker: others may read it under group names of any kind
	Plain   *Plain // how its records are read and written that are no CloudEvents; nil if they are
}

// From says where a group begins that reads a topic for the first time.
type From int

// The places where a group begins.
const (
	Beginning From = iota // with the earliest message that is kept
	Now                   // with what is published from now on
)

// Keeper is a broker that makes topics ready before they are used: a group has its durable place before anything is
// published by those who call Keep first.
type Keeper interface {
	Keep(topics ...Kept) error
}

// Seen remembers, beyond the broker, which groups had a place on a topic, so that one whose place is gone is not taken
// for a new one. It may be called concurrently.
type Seen interface {
	Seen(topic, group string) bool
	// See remembers durably before it returns nil.
	See(topic, group string) error
	// Forget forgets durably a group that is another's by now. Of one that was not seen it does nothing.
	Forget(topic, group string) error
}
