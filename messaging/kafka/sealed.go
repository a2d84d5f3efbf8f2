package kafka

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fondaco/messaging"
	"fondaco/store"
	"github.com/IBM/sarama"
)

// Seals encrypts the messages of the engine's own topics. It may be used concurrently.
type Seals struct {
	store.Seals
	// Of returns the marks of the person whose message it is, "" for nobody who is known and for several persons: the erasure of one
	// would take the others' away.
	Of func(messaging.Message) store.Marks
}

// A record of an encrypted message has its id, source and replay readable beside it, the name of its data key, and its due time, signed.
// Its key is blinded. Its value holds all headers, each name and value after its length, an empty name, and the body.
const (
	sealedHeader  = "fondaco_sealed" // the version of this form, a space, and the data key's name
	sealedVersion = "1"
)

// seals reports whether messages of a topic, as the project names it, are encrypted.
func (o *Options) seals(topic string) bool {
	return o.Seals != nil && strings.HasPrefix(topic, messaging.EnginePrefix)
}

// unmarked returns a message of a topic that is not encrypted, without the pseudonyms that encrypted ones bear: others read it.
func (o *Options) unmarked(m messaging.Message) messaging.Message {
	if o.Seals == nil || m.Extension(messaging.ExtensionMarks) == "" {
		return m
	}
	m.Extensions = slices.DeleteFunc(slices.Clone(m.Extensions),
		func(a messaging.Attribute) bool { return a.Name == messaging.ExtensionMarks })
	return m
}

// writeSealed makes the record of a message of a topic that the project names named, encrypted. key is the data key of the person whose
// message it is, "" for nobody's.
func (o *Options) writeSealed(ctx context.Context, named, topic string, m messaging.Message, secrets signing) (r *sarama.ProducerMessage,
	key string, err error,
) {
	shown := messaging.Message{ID: m.ID, Due: m.Due}
	if m.Key != "" {
		if shown.Key, err = o.Seals.Blind(ctx, m.Key); err != nil {
			return nil, "", err
		}
	}
	list := m.Headers()
	var headers []messaging.Attribute
	size := 1 + len(m.Body)
	for _, h := range list {
		size += len(h.Name) + len(h.Value) + 2*binary.MaxVarintLen32
		if besideSealed(h.Name) {
			headers = append(headers, h)
		}
	}
	text := make([]byte, 0, size)
	for _, h := range list {
		text = appendText(appendText(text, h.Name), h.Value)
	}
	text = append(appendText(text, ""), m.Body...)
	marks := o.Seals.Of(m)
	s, err := o.Seals.Seal(ctx, marks, sealedPlace(named, m.ID, shown.Key), text)
	if err != nil {
		return nil, "", fmt.Errorf("nothing was sent, as it cannot be encrypted: %w", err)
	}
	if marks != "" {
		key = s.Key
	}
	headers = append(headers, messaging.Attribute{Name: sealedHeader, Value: sealedVersion + " " + s.Key})
	r, err = newRecord(topic, shown, headers, secrets)
	if err == nil {
		r.Value = sarama.ByteEncoder(s.Value)
	}
	return r, key, err
}

// besideSealed reports whether a header stays readable.
func besideSealed(name string) bool {
	return name == "ce_id" || name == "ce_source" || name == messaging.ReplayHeader
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// sealedPlace is what a message is bound to. No name of a topic has a space, no blinded key either.
func sealedPlace(topic, id, key string) string { return topic + " " + key + " " + id }

// readSealed takes up a record of an encrypted message; false for one that is as it was published.
func (e *entry) readSealed(o *Options, topic string, r *sarama.ConsumerMessage, secrets signing) bool {
	var form, id string
	var due []byte
	for _, h := range r.Headers {
		switch string(h.Key) {
		case sealedHeader:
			form = string(h.Value)
		case "ce_id":
			id = string(h.Value)
		case dueHeader:
			due = h.Value
		}
	}
	if form == "" {
		return false
	}
	for _, h := range r.Headers {
		if name := nameOf(h.Key); besideSealed(name) {
			e.headers = append(e.headers, messaging.Attribute{Name: name, Value: string(h.Value)})
			e.size += len(name) + len(h.Value)
		}
	}
	e.due = secrets.due(r.Topic, id, e.key, due)
	version, key, _ := strings.Cut(form, " ")
	value, place := e.body, sealedPlace(topic, id, e.key)
	e.body = nil
	e.open = func(ctx context.Context) ([]messaging.Attribute, []byte, error) {
		switch {
		case version != sealedVersion:
			return nil, nil, fmt.Errorf("it was written by a newer version of fondaco (form %.20q, this one knows %s)", version, sealedVersion)
		case o.Seals == nil:
			return nil, nil, errors.New("it is encrypted, and this process has no keys: say storage.encryption and the state that it was " +
				"written with")
		}
		return o.openSealed(ctx, place, store.Sealed{Key: key, Value: value})
	}
	return true
}

// openSealed decrypts a message. See messaging.OpenSealed.
func (o *Options) openSealed(ctx context.Context, place string, s store.Sealed) ([]messaging.Attribute, []byte, error) {
	text, err := o.Seals.Open(ctx, place, s)
	switch {
	case errors.Is(err, store.ErrErased):
		return nil, nil, messaging.ErrErased
	case errors.Is(err, store.ErrDamaged):
		return nil, nil, &messaging.Flaw{Reason: messaging.Corrupt, Detail: err.Error()}
	case err != nil:
		return nil, nil, err
	}
	headers, body, ok := unsealed(text)
	if !ok {
		return nil, nil, &messaging.Flaw{Reason: messaging.Corrupt, Detail: "what was encrypted is no message"}
	}
	return headers, body, nil
}

// unsealed reads what seal encrypted.
func unsealed(text []byte) (headers []messaging.Attribute, body []byte, ok bool) {
	part := func() (string, bool) {
		n, w := binary.Uvarint(text)
		if w <= 0 || n > uint64(len(text)-w) {
			return "", false
		}
		s := string(text[w : w+int(n)])
		text = text[w+int(n):]
		return s, true
	}
	for {
		name, ok := part()
		if !ok || name == "" {
			return headers, text, ok
		}
		value, ok := part()
		if !ok {
			return nil, nil, false
		}
		headers = append(headers, messaging.Attribute{Name: name, Value: value})
	}
}

// published reports that what was written may be readable by nobody, as a person was erased while it was: it was sealed with a data key
// that was destroyed. Whoever publishes it again seals it with another.
func (o *Options) published(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	kept, err := o.Seals.Kept(ctx, keys...)
	if err == nil && !kept {
		err = store.ErrErased
	}
	if err != nil {
		return fmt.Errorf("%w (it was written, and may not be read: %w)", messaging.ErrUnknown, err)
	}
	return nil
}
