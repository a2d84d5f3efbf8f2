package kafka

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"fondaco/messaging"
	"github.com/IBM/sarama"
)

const partitionKey = "ce_partitionkey"

// write makes the record of a message: CloudEvents' binary mode, or on a plain topic the value with headers of the engine's
// own, the key beside it. An absent body is an empty value: a null one would be a
// tombstone, which the replay of one on a plain topic is.
func (o Options) write(topic string, m messaging.Message, plain bool, secrets signing) (*sarama.ProducerMessage, error) {
	headers := m.PlainHeaders
	if !plain {
		m.Beside, headers = nil, m.Headers
	}
	r, err := newRecord(topic, m, headers(), secrets)
	if err != nil {
		return nil, err
	}
	switch {
	case m.Body == nil && plain && m.Replay != (messaging.Replay{}):
		r.Value = nil // a letter of a null value is given back as it came
	case m.Body == nil:
		r.Value = sarama.ByteEncoder{}
	default:
		r.Value = sarama.ByteEncoder(m.Body)
	}
	return r, nil
}

// newRecord makes a record with a message's key, these headers and its due time, signed, and without a value.
func newRecord(topic string, m messaging.Message, list []messaging.Attribute, secrets signing) (*sarama.ProducerMessage, error) {
	r := &sarama.ProducerMessage{Topic: topic}
	if m.Key != "" {
		r.Key = sarama.StringEncoder(m.Key)
	}
	r.Headers = make([]sarama.RecordHeader, len(list), len(list)+1)
	for i, h := range list {
		r.Headers[i] = sarama.RecordHeader{Key: []byte(h.Name), Value: []byte(h.Value)}
	}
	if !m.Due.IsZero() {
		if len(secrets) == 0 {
			return nil, fmt.Errorf("%w: a due time, which a broker without a secret cannot sign", messaging.ErrInvalid)
		}
		r.Headers = append(r.Headers, sarama.RecordHeader{Key: []byte(dueHeader), Value: signDue(secrets[0], topic, m.ID, m.Key, m.Due)})
	}
	return r, nil
}

// read takes up a record, whoever wrote it, of a topic whose records are plain or, where plain is nil, events. It never
// fails. Nothing of the record's memory is held: a record that waits would hold the whole fetch. A record's key is the
// message's key, whatever a header says: it alone has chosen the partition; on a plain topic the computed one comes before
// it. One that is no text is given in base64.
// named is the topic as the project names it: those of the engine may hold encrypted messages.
func (o *Options) read(named string, r *sarama.ConsumerMessage, place messaging.Place, plain *messaging.Plain, secrets signing) *entry {
	e := &entry{offset: r.Offset, attempt: 1, size: 256 + len(r.Value), content: &content{arrived: r.Timestamp, place: place}}
	if now := o.Clock.Now(); e.arrived.Before(time.Unix(0, 0)) || e.arrived.After(now.Add(24*time.Hour)) {
		e.arrived = now
	}
	if len(r.Key) > 0 {
		e.key = keyText(r.Key)
	}
	e.body = bytes.Clone(r.Value)
	if strings.HasPrefix(named, messaging.EnginePrefix) && e.readSealed(o, named, r, secrets) {
		return e
	}
	switch {
	case r.Value == nil:
		e.flaw = &messaging.Flaw{Reason: messaging.Tombstone, Detail: "a null value; an event's data was expected, which may be empty"}
	case len(r.Value) > o.MaxBody:
		e.flaw = &messaging.Flaw{
			Reason: messaging.TooLarge,
			Detail: fmt.Sprintf("a body of %d bytes; at most %d were expected", len(r.Value), o.MaxBody),
		}
	}
	if plain != nil {
		e.readPlain(r, plain, secrets)
	} else {
		e.readEvent(o, named, r, secrets)
	}
	return e
}

// readEvent takes up the headers of an event.
func (e *entry) readEvent(o *Options, named string, r *sarama.ConsumerMessage, secrets signing) {
	e.headers = make([]messaging.Attribute, 0, len(r.Headers)+1)
	var id, marks string
	var due []byte
	for _, h := range r.Headers {
		a := messaging.Attribute{Name: nameOf(h.Key), Value: string(h.Value)}
		e.size += len(a.Name) + len(a.Value)
		switch {
		case a.Name == dueHeader:
			due = h.Value
			continue
		case a.Name == marksHeader:
			marks = a.Value
			continue
		case a.Name == partitionKey && len(r.Key) > 0:
			continue
		case a.Name == partitionKey && e.key == "":
			e.key = a.Value
		case a.Name == "ce_id":
			id = a.Value
		}
		e.headers = append(e.headers, a)
	}
	if len(r.Key) == 0 && slices.ContainsFunc(e.headers, isStructured) {
		m, _ := messaging.Read(e.headers, r.Value, e.arrived) // its key stands in the value
		e.key = m.Key
	}
	if len(r.Key) > 0 {
		e.headers = append(e.headers, messaging.Attribute{Name: partitionKey, Value: e.key})
		e.size += 2 * len(e.key)
	}
	e.due = secrets.due(r.Topic, id, e.key, due)
	e.bearing(o, named, id, marks)
}

// nameOf returns the name of a header; those that most records have take no memory of their own.
func nameOf(key []byte) string {
	switch string(key) {
	case "ce_id":
		return "ce_id"
	case "ce_specversion":
		return "ce_specversion"
	case "ce_type":
		return "ce_type"
	case "ce_source":
		return "ce_source"
	case "ce_time":
		return "ce_time"
	case "ce_subject":
		return "ce_subject"
	case partitionKey:
		return partitionKey
	case "content-type":
		return "content-type"
	case "ce_traceparent":
		return "ce_traceparent"
	}
	return string(key)
}

// readPlain takes up the headers of a record that is no event, as those of the event that it stands for.
func (e *entry) readPlain(r *sarama.ConsumerMessage, plain *messaging.Plain, secrets signing) {
	given := make([]messaging.Attribute, 0, len(r.Headers))
	var id string
	var due []byte
	for _, h := range r.Headers {
		a := messaging.Attribute{Name: string(h.Key), Value: string(h.Value)}
		switch a.Name {
		case dueHeader:
			due = h.Value
			continue
		case "fondaco_id", "ce_id": // the latter of what was published before the topic was a plain one
			if id == "" {
				id = a.Value
			}
		}
		given = append(given, a)
	}
	e.due = secrets.due(r.Topic, id, e.key, due)
	m, flaw := plain.Message(messaging.PlainRecord{Headers: given, Key: e.key, Body: e.body, Arrived: e.arrived, Place: e.place, Flaw: e.flaw})
	e.flaw, e.key, e.headers = flaw, m.Key, m.Headers()
	for _, h := range e.headers {
		e.size += len(h.Name) + len(h.Value)
	}
}

// isStructured reports whether a header says that the whole event stands in the value.
func isStructured(h messaging.Attribute) bool {
	return h.Name == "content-type" && messaging.Structured(h.Value)
}

// keyText returns a record's key as an attribute can hold it.
func keyText(key []byte) string {
	if utf8.Valid(key) && !bytes.ContainsFunc(key, unicode.IsControl) {
		return string(key)
	}
	return base64.StdEncoding.EncodeToString(key)
}
