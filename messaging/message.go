package messaging

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of one message. They hold for what is published and for what is read.
const (
	MaxBody       = 1 << 20 // bytes of a body, unless a broker's options say otherwise; larger things travel by reference
	MaxExtensions = 64      // extensions of a message
	MaxHeaders    = 16 << 10
	MaxMarks      = 96 << 10 // of the extension of marks, which MaxHeaders does not count: a batch is of up to a thousand persons
)

// Message is one event: CloudEvents 1.0's attributes and a body. It is a value; Body and Extensions are shared by
// copies and are not changed once the message is published or received.
type Message struct {
	ID          string      // CloudEvents id: unique within Source, kept through retries and replays
	Key         string      // CloudEvents partitionkey: messages of one key keep their order; "" for no order
	Type        string      // CloudEvents type, as it.venezia.segnalazione.creata
	Source      string      // CloudEvents source, a URI reference
	Subject     string      // CloudEvents subject, "" if absent
	Time        time.Time   // CloudEvents time; the time of publishing if it was given none
	ContentType string      // CloudEvents datacontenttype, "" if absent
	Extensions  []Attribute // further attributes, as dataschema and traceparent, ordered by name
	Body        []byte      // the data, as written; nil and empty are the same
	Beside      []Attribute // of a record of a plain topic, the headers that it came with; none of an event

	// Attempt is 1 on the first delivery and grows with each that counts. The broker sets it; Publish ignores it.
	Attempt int
	// Due is the time before which the message is not delivered; later messages of its key wait behind it. The zero
	// time means at once.
	Due time.Time
	// Since is when the message began to wait for a system that is down; zero if it never did. The broker keeps it; Publish
	// ignores it.
	Since time.Time
	// Place is where the message stands in its topic's log. The broker sets it; Publish ignores it.
	Place Place
	// Replay says which dead letter's replay it is; the zero value for every other message.
	Replay Replay
}

// Attribute is a name and a value: an extension of a message, or a header on the wire.
type Attribute struct{ Name, Value string }

// Part is one of several messages that a message holds, as a batch does.
type Part struct {
	Marks string // the pseudonyms of whom it speaks, as in ExtensionMarks; "" for nobody who is known
	Body  []byte
}

// ExtensionMarks is the CloudEvents extension by which a message of the engine bears the pseudonyms of the persons whose matter
// it is, with spaces between them. What is kept of it is encrypted with keys of theirs.
const ExtensionMarks = "fondacomarks"

// Extension returns the value of an extension, "" if the message has none of that name.
func (m Message) Extension(name string) string {
	for _, e := range m.Extensions {
		if e.Name == name {
			return e.Value
		}
	}
	return ""
}

// Trace returns the id of the trace the message belongs to (W3C traceparent), "" if it has none.
func (m Message) Trace() string {
	parts := strings.Split(m.Extension("traceparent"), "-")
	if len(parts) < 4 || len(parts[1]) != 32 {
		return ""
	}
	return parts[1]
}

// CheckName reports what keeps name from being the name of a topic or a group: 1 to 200 of letters, digits, ".", "_" and
// "-" are expected, as Kafka does. The error wraps ErrInvalid.
func CheckName(name string) error {
	outside := func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("._-", c)
	}
	if name == "" || name == "." || name == ".." || len(name) > 200 || strings.ContainsFunc(name, outside) {
		return fmt.Errorf("%w: the name %.200q of a topic or group; it has 1 to 200 of a-z, A-Z, 0-9, \".\", \"_\", \"-\"", ErrInvalid, name)
	}
	return nil
}

// Check reports what keeps m from being published: an absent attribute, a bad or repeated name of an extension, control
// characters in a value, more than limit bytes of body (MaxBody if limit is 0). The replay of a letter that was no event
// may lack attributes: which topics take it is their broker's to say. The error wraps ErrInvalid or
// ErrTooLarge and holds no value of the message.
func (m Message) Check(limit int) error {
	if limit == 0 {
		limit = MaxBody
	}
	for _, a := range []Attribute{{"id", m.ID}, {"source", m.Source}, {"type", m.Type}} {
		if a.Value == "" && m.Replay == (Replay{}) {
			return fmt.Errorf("%w: attribute %s is empty; CloudEvents asks for one", ErrInvalid, a.Name)
		}
	}
	if !m.Replay.check() {
		return fmt.Errorf("%w: the replay of a letter %q for the group %.200q", ErrInvalid, m.Replay.Letter, m.Replay.Group)
	}
	if len(m.Extensions) > MaxExtensions {
		return fmt.Errorf("%w: %d extensions; at most %d may be", ErrInvalid, len(m.Extensions), MaxExtensions)
	}
	size, err := m.checkBeside()
	if err != nil {
		return err
	}
	size += len(m.ID) + len(m.Source) + len(m.Type) + len(m.Subject) + len(m.Key) + len(m.ContentType)
	for i, e := range m.Extensions {
		if e.Name != ExtensionMarks {
			size += len(e.Name) + len(e.Value)
		}
		switch {
		case e.Name == ExtensionMarks && len(e.Value) > MaxMarks:
			return fmt.Errorf("%w: marks of %d bytes; at most %d may be", ErrTooLarge, len(e.Value), MaxMarks)
		case !extensionName(e.Name):
			return fmt.Errorf("%w: extension %q; a name has 1 to 64 of a-z and 0-9 and is not an attribute's name", ErrInvalid, e.Name)
		case slices.ContainsFunc(m.Extensions[:i], func(o Attribute) bool { return o.Name == e.Name }):
			return fmt.Errorf("%w: extension %q stands twice; once is right", ErrInvalid, e.Name)
		case !plain(e.Value):
			return fmt.Errorf("%w: extension %s holds control characters or no UTF-8", ErrInvalid, e.Name)
		}
	}
	for _, a := range []Attribute{
		{"id", m.ID}, {"source", m.Source}, {"type", m.Type}, {"subject", m.Subject}, {"partitionkey", m.Key}, {"datacontenttype", m.ContentType},
	} {
		if !plain(a.Value) {
			return fmt.Errorf("%w: attribute %s holds control characters or no UTF-8", ErrInvalid, a.Name)
		}
	}
	if size > MaxHeaders {
		return fmt.Errorf("%w: attributes of %d bytes; at most %d may be, larger things belong in the body", ErrTooLarge, size, MaxHeaders)
	}
	if len(m.Body) > limit {
		return fmt.Errorf("%w: a body of %d bytes; at most %d may be, larger things are stored elsewhere and told by their address", ErrTooLarge,
			len(m.Body), limit)
	}
	return nil
}

// ours are the attributes that have a field of their own, or a meaning of their own on the wire.
var ours = []string{"id", "source", "type", "subject", "time", "specversion", "partitionkey", "datacontenttype", "data"}

func extensionName(name string) bool {
	if name == "" || len(name) > 64 || slices.Contains(ours, name) {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// plain reports whether s may be an attribute's value: UTF-8 without control characters and non-characters (CloudEvents
// 1.0.2, type String).
func plain(s string) bool {
	if printable(s) {
		return true
	}
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) || r >= 0xFDD0 && r <= 0xFDEF || r&0xFFFE == 0xFFFE {
			return false
		}
	}
	return true
}

// printable reports whether s is all of ASCII's characters that print, as most values are.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
