package kafka

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"fondaco/messaging"
	"fondaco/store"
	"github.com/IBM/sarama"
)

// marksHeader bears, on a topic that is not encrypted, the pseudonyms of whom a message speaks, encrypted: the value in base64, a space
// and the name of the data key. By them what becomes of the message in the state and in the engine's own topics is found; others who read
// the topic learn nothing.
const marksHeader = "fondaco_marks"

// writeOpen makes the record of a message of a topic that is not encrypted. named is the topic as the project names it.
func (o *Options) writeOpen(ctx context.Context, named, topic string, m messaging.Message, plain bool, secrets signing) (
	*sarama.ProducerMessage, error,
) {
	marks := m.Extension(messaging.ExtensionMarks)
	if o.Seals == nil || marks == "" {
		return o.write(topic, m, plain, secrets)
	}
	m.Extensions = slices.DeleteFunc(slices.Clone(m.Extensions),
		func(a messaging.Attribute) bool { return a.Name == messaging.ExtensionMarks })
	r, err := o.write(topic, m, plain, secrets)
	if err != nil || plain {
		return r, err
	}
	s, err := o.Seals.Seal(ctx, "", marksPlace(named, m.ID), []byte(marks))
	if err != nil {
		return nil, notSealed(err)
	}
	value := base64.StdEncoding.EncodeToString(s.Value) + " " + s.Key
	r.Headers = append(r.Headers, sarama.RecordHeader{Key: []byte(marksHeader), Value: []byte(value)})
	return r, nil
}

// marksPlace is what the marks of a message are bound to.
func marksPlace(topic, id string) string { return topic + " marks " + id }

// bearing has an event that bears encrypted marks opened before it is worked on.
func (e *entry) bearing(o *Options, named, id, header string) {
	if o.Seals == nil || header == "" || len(header) > 2*messaging.MaxMarks {
		return
	}
	headers, body := e.headers, e.body
	e.open = func(ctx context.Context) ([]messaging.Attribute, []byte, error) {
		value, key, _ := strings.Cut(header, " ")
		sealed, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return headers, body, nil
		}
		marks, err := o.Seals.Open(ctx, marksPlace(named, id), store.Sealed{Key: key, Value: sealed})
		switch {
		case errors.Is(err, store.ErrErased) || errors.Is(err, store.ErrDamaged) || errors.Is(err, store.ErrElsewhere):
			return headers, body, nil // of another project, or of a state from before: nobody here knows whose it is
		case err != nil:
			return nil, nil, err
		}
		return append(slices.Clip(headers), messaging.Attribute{Name: "ce_" + messaging.ExtensionMarks, Value: string(marks)}), body, nil
	}
}
