package kafka

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"fondaco/messaging"
	"fondaco/store"
)

// partPlace is what the parts of one person are bound to, in a message whose place is given.
func partPlace(place string) string { return place + " part" }

// sealPartsNow is sealParts with data keys that are there at this moment. What is published of one person with a key that was destroyed
// is read by nobody, and is published again; of a message that holds several it would be worked on without that person's, and again under
// the same id is nothing.
func (o *Options) sealPartsNow(ctx context.Context, place string, parts []messaging.Part) (text []byte, keys []string, err error) {
	text, keys, err = o.sealParts(ctx, place, parts)
	if err != nil || len(keys) == 0 {
		return text, keys, err
	}
	kept, err := o.Seals.Kept(ctx, keys...)
	if err == nil && !kept { // which has the destroyed ones forgotten
		text, keys, err = o.sealParts(ctx, place, parts)
	}
	return text, keys, err
}

// sealParts encrypts the messages that a message holds, those of each person with that person's data key: for each person the key's name
// and the value after their lengths. What is encrypted are the person's marks after their length, and of each message its number in the
// whole and, after its length, its body. keys are the data keys of persons.
func (o *Options) sealParts(ctx context.Context, place string, parts []messaging.Part) (text []byte, keys []string, err error) {
	of := map[string][]byte{}
	var all []string
	for i, one := range parts {
		if _, met := of[one.Marks]; !met {
			all = append(all, one.Marks)
		}
		of[one.Marks] = appendText(binary.AppendUvarint(of[one.Marks], uint64(i)), string(one.Body))
	}
	for _, marks := range all {
		s, err := o.Seals.Seal(ctx, store.Marks(marks), partPlace(place), append(appendText(nil, marks), of[marks]...))
		if err != nil {
			return nil, nil, err
		}
		if marks != "" {
			keys = append(keys, s.Key)
		}
		text = appendText(appendText(text, s.Key), string(s.Value))
	}
	return text, keys, nil
}

// openParts decrypts the messages that a message holds, and puts those together that can be read: of a person who was erased nobody can.
// See messaging.OpenSealed.
func (o *Options) openParts(ctx context.Context, place string, headers []messaging.Attribute, text []byte) ([]messaging.Attribute, []byte,
	error,
) {
	body, text, ok := cutText(text)
	if !ok {
		return nil, nil, noMessage()
	}
	found := map[int]messaging.Part{}
	for len(text) > 0 {
		var key, value []byte
		if key, text, ok = cutText(text); ok {
			value, text, ok = cutText(text)
		}
		if !ok {
			return nil, nil, noMessage()
		}
		opened, err := o.Seals.Open(ctx, partPlace(place), store.Sealed{Key: string(key), Value: value})
		if errors.Is(err, store.ErrErased) {
			continue
		}
		if err != nil {
			return nil, nil, unread(err)
		}
		if !partsOf(opened, found) {
			return nil, nil, noMessage()
		}
	}
	if len(found) == 0 {
		return nil, nil, messaging.ErrErased
	}
	order := make([]int, 0, len(found))
	for i := range found {
		order = append(order, i)
	}
	slices.Sort(order)
	parts := make([]messaging.Part, len(order))
	for i, at := range order {
		parts[i] = found[at]
	}
	m, _ := messaging.Read(headers, body, time.Time{})
	m = o.Seals.Together(m, parts)
	return m.Headers(), m.Body, nil
}

// partsOf adds the messages of one person, as sealParts wrote them, by their numbers.
func partsOf(text []byte, found map[int]messaging.Part) (ok bool) {
	marks, text, ok := cutText(text)
	for ok && len(text) > 0 {
		at, w := binary.Uvarint(text)
		if w <= 0 || at > mostParts {
			return false
		}
		var body []byte
		if body, text, ok = cutText(text[w:]); ok {
			found[int(at)] = messaging.Part{Marks: string(marks), Body: body}
		}
	}
	return ok
}

// mostParts is beyond what any message holds.
const mostParts = 1 << 20
