package kafka

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
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
	// Apart takes a message apart that holds several, of whom each is encrypted for itself; ok is false for every other. Together is
	// its inverse, of those that can be read still.
	Apart    func(messaging.Message) (rest messaging.Message, parts []messaging.Part, ok bool)
	Together func(rest messaging.Message, parts []messaging.Part) messaging.Message
}

// A record of an encrypted message has its id, source and replay readable beside it, the name of its data key, and its due time, signed.
// Its key is blinded. Its value holds all headers, each name and value after its length, an empty name, and the body; of a message that
// holds several there are the body's length, the body without them, and them as sealParts writes them.
const (
	sealedHeader  = "fondaco_sealed" // the version of this form, a space, and the data key's name
	sealedVersion = "1"
	severalSealed = "2" // the version of a message that holds several
)

// seals reports whether messages of a topic, as the project names it, are encrypted.
func (o *Options) seals(topic string) bool {
	return o.Seals != nil && strings.HasPrefix(topic, messaging.EnginePrefix)
}

// writeSealed makes the record of a message of a topic that the project names named, encrypted. keys are the data keys of the persons
// whose message it is.
func (o *Options) writeSealed(ctx context.Context, named, topic string, m messaging.Message, secrets signing) (r *sarama.ProducerMessage,
	keys []string, err error,
) {
	shown := messaging.Message{ID: m.ID, Due: m.Due}
	if m.Key != "" {
		if shown.Key, err = o.Seals.Blind(ctx, m.Key); err != nil {
			return nil, nil, err
		}
	}
	marks, place, version := o.Seals.Of(m), sealedPlace(named, m.ID, shown.Key), sealedVersion
	var parts []byte
	if marks == "" {
		if rest, several, ok := o.Seals.Apart(m); ok {
			m, version = rest, severalSealed
			if parts, keys, err = o.sealPartsNow(ctx, place, several); err != nil {
				return nil, nil, notSealed(err)
			}
		}
	}
	list := m.Headers()
	var headers []messaging.Attribute
	size := 1 + len(m.Body) + len(parts) + binary.MaxVarintLen32
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
	text = appendText(text, "")
	if version == severalSealed {
		text = append(appendText(text, string(m.Body)), parts...)
	} else {
		text = append(text, m.Body...)
	}
	s, err := o.Seals.Seal(ctx, marks, place, text)
	if err != nil {
		return nil, nil, notSealed(err)
	}
	if marks != "" {
		keys = append(keys, s.Key)
	}
	headers = append(headers, messaging.Attribute{Name: sealedHeader, Value: version + " " + s.Key})
	r, err = newRecord(topic, shown, headers, secrets)
	if err == nil {
		r.Value = sarama.ByteEncoder(s.Value)
	}
	return r, keys, err
}

func notSealed(err error) error {
	return fmt.Errorf("nothing was sent, as it cannot be encrypted: %w", err)
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
		case version != sealedVersion && version != severalSealed:
			return nil, nil, fmt.Errorf("it was written by a newer version of fondaco (form %.20q, this one knows %s)", version, severalSealed)
		case o.Seals == nil:
			return nil, nil, errors.New("it is encrypted, and this process has no keys: say storage.encryption and the state that it was " +
				"written with")
		}
		return o.openSealed(ctx, place, store.Sealed{Key: key, Value: value}, version == severalSealed)
	}
	return true
}

// openSealed decrypts a message. See messaging.OpenSealed.
func (o *Options) openSealed(ctx context.Context, place string, s store.Sealed, several bool) ([]messaging.Attribute, []byte, error) {
	text, err := o.Seals.Open(ctx, place, s)
	if err != nil {
		return nil, nil, unread(err)
	}
	headers, body, ok := unsealed(text)
	if !ok {
		return nil, nil, noMessage()
	}
	if several {
		return o.openParts(ctx, place, headers, body)
	}
	return headers, body, nil
}

// unread converts the errors of Seals' Open to those of messaging.OpenSealed.
func unread(err error) error {
	switch {
	case errors.Is(err, store.ErrErased):
		return messaging.ErrErased
	case errors.Is(err, store.ErrDamaged):
		return &messaging.Flaw{Reason: messaging.Corrupt, Detail: err.Error()}
	}
	return err
}

func noMessage() error {
	return &messaging.Flaw{Reason: messaging.Corrupt, Detail: "what was encrypted is not a message"}
}

// unsealed reads what was encrypted of a message.
func unsealed(text []byte) (headers []messaging.Attribute, body []byte, ok bool) {
	for {
		name, left, ok := cutText(text)
		if text = left; !ok || len(name) == 0 {
			return headers, text, ok
		}
		value, left, ok := cutText(text)
		if text = left; !ok {
			return nil, nil, false
		}
		headers = append(headers, messaging.Attribute{Name: string(name), Value: string(value)})
	}
}

// cutText returns what appendText has put before what is left.
func cutText(text []byte) (part, left []byte, ok bool) {
	n, w := binary.Uvarint(text)
	if w <= 0 || n > uint64(len(text)-w) {
		return nil, nil, false
	}
	return text[w : w+int(n)], text[w+int(n):], true
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
