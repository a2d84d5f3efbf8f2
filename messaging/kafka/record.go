package kafka

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"fondaco/messaging"
	"github.com/IBM/sarama"
)

const partitionKey = "ce_partitionkey"

// write makes the record of a message: CloudEvents' binary mode, the key beside it. An absent body is an empty value:
// a null one would be a tombstone.
func (o Options) write(topic string, m messaging.Message, secrets signing) (*sarama.ProducerMessage, error) {
	r := &sarama.ProducerMessage{Topic: topic, Value: sarama.ByteEncoder(m.Body)}
	if m.Body == nil {
		r.Value = sarama.ByteEncoder{}
	}
	if m.Key != "" {
		r.Key = sarama.StringEncoder(m.Key)
	}
	headers := m.Headers()
	r.Headers = make([]sarama.RecordHeader, len(headers), len(headers)+1)
	for i, h := range headers {
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

// read takes up a record, whoever wrote it. It never fails. Nothing of the record's memory is held: a record that waits
// would hold the whole fetch. A record's key is the message's key, whatever a header says: it alone has chosen the
// partition. One that is no text is given in base64.
func (o Options) read(r *sarama.ConsumerMessage, secrets signing) *entry {
	e := &entry{offset: r.Offset, attempt: 1, size: 256 + len(r.Value), content: &content{arrived: r.Timestamp}}
	if e.arrived.Before(time.Unix(0, 0)) || e.arrived.After(time.Now().Add(24*time.Hour)) {
		e.arrived = time.Now()
	}
	if len(r.Key) > 0 {
		e.key = keyText(r.Key)
	}
	e.headers = make([]messaging.Attribute, 0, len(r.Headers)+1)
	var id string
	var due []byte
	for _, h := range r.Headers {
		a := messaging.Attribute{Name: string(h.Key), Value: string(h.Value)}
		e.size += len(a.Name) + len(a.Value)
		switch {
		case a.Name == dueHeader:
			due = h.Value
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
	if due != nil {
		for _, secret := range secrets {
			if e.due = readDue(secret, r.Topic, id, e.key, due); !e.due.IsZero() {
				break
			}
		}
	}
	switch {
	case r.Value == nil:
		e.flaw = &messaging.Flaw{Reason: messaging.Tombstone, Detail: "a null value; an event's data was expected, which may be empty"}
	case len(r.Value) > o.MaxBody:
		e.flaw = &messaging.Flaw{Reason: messaging.TooLarge, Detail: fmt.Sprintf("a body of %d bytes; at most %d were expected", len(r.Value), o.MaxBody)}
	}
	e.body = bytes.Clone(r.Value)
	return e
}

// isStructured reports whether a header says that the whole event stands in the value.
func isStructured(h messaging.Attribute) bool {
	return h.Name == "content-type" && messaging.Structured(h.Value)
}

// keyText gives a record's key as an attribute can hold it.
func keyText(key []byte) string {
	if utf8.Valid(key) && !bytes.ContainsFunc(key, unicode.IsControl) {
		return string(key)
	}
	return base64.StdEncoding.EncodeToString(key)
}
