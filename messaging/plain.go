package messaging

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The headers that our own records have on a plain topic. Other readers of the topic have no use for them.
const (
	enginePrefix = "fondaco_"
	plainID      = enginePrefix + "id"
	plainSource  = enginePrefix + "source"

	// besidePrefix precedes the names of Message.Beside where a message is kept as an event, as in a letter.
	besidePrefix = enginePrefix + "header_"
)

// Limits of what a plain record's headers and computed attributes may be: with them a message passes Check.
const (
	mostBeside = MaxHeaders - 4<<10 // bytes of headers
	mostPlain  = 1 << 10            // bytes of an id or a key
)

// Plain says how a topic is read and written whose records are JSON and no CloudEvents, as programs of others know them.
// It may be used concurrently.
type Plain struct {
	Type   string // CloudEvents type of its messages
	Source string // CloudEvents source of records of others, and of all messages whose id is computed
	ID     bool   // Compute returns the id
	Key    bool   // Compute returns the key
	// Compute returns id and key of a record, from its value and its headers; "" for what is absent. A flaw says why they
	// cannot be computed. It is called if ID or Key is set.
	Compute func(body []byte, headers []Attribute) (id, key string, flaw *Flaw)
}

// PlainRecord is what was read of a plain topic.
type PlainRecord struct {
	Headers []Attribute // as they came
	Key     string
	Body    []byte
	Arrived time.Time
	Place   Place
	Flaw    *Flaw // what the broker itself holds against it
}

// Message makes the message of a record. The id is the computed one; without Plain.ID that which our own records bear, and
// of others their place. A replay keeps the id that its letter had. The key is the computed one, or else the record's. It
// never fails: what is no good message comes with its flaw, with the record's key, and without an id.
func (p *Plain) Message(r PlainRecord) (Message, *Flaw) {
	m := Message{Type: p.Type, Source: p.Source, Key: r.Key, Time: r.Arrived, ContentType: jsonType, Body: r.Body, Place: r.Place}
	id, source, flaw := m.takePlain(r.Headers)
	if r.Flaw != nil {
		flaw = r.Flaw
	}
	if flaw != nil {
		return m, flaw
	}
	computed, key, flaw := p.Named(r.Body, m.Beside)
	if flaw != nil {
		return m, flaw
	}
	switch replayed := m.Replay != (Replay{}); {
	case id != "" && (replayed || !p.ID):
		m.ID = id
		if source != "" {
			m.Source = source
		}
	case p.ID:
		m.ID = computed
	case replayed:
		m.ID = m.Replay.key()
	default:
		m.ID = r.Place.String()
	}
	if p.Key {
		m.Key = key
	}
	return m, nil
}

// Named returns what Compute does, where it may be an id and a key: an id must be there. They hold no memory of the body.
func (p *Plain) Named(body []byte, headers []Attribute) (id, key string, flaw *Flaw) {
	if !p.ID && !p.Key {
		return "", "", nil
	}
	if id, key, flaw = p.Compute(body, headers); flaw != nil {
		return "", "", flaw
	}
	for _, a := range []struct {
		name, value string
		needed      bool
	}{{"id", id, p.ID}, {"key", key, false}} {
		switch {
		case a.value == "" && a.needed:
			return "", "", &Flaw{BadAttribute, fmt.Sprintf("%s: what the topic says under %s is absent or empty here", a.name, a.name)}
		case len(a.value) > mostPlain:
			return "", "", &Flaw{BadAttribute, fmt.Sprintf("%s: it has %d bytes; at most %d were expected", a.name, len(a.value), mostPlain)}
		case !plain(a.value):
			return "", "", &Flaw{BadAttribute, fmt.Sprintf("%s: it holds control characters or no UTF-8", a.name)}
		}
	}
	return strings.Clone(id), strings.Clone(key), nil
}

// jsonType is the content type of plain records.
const jsonType = "application/json"

// takePlain reads the headers of a plain record: those of the engine, the trace, and those beside. Of a header that stands
// several times the last counts, as for Kafka's clients. One that is no text is given in base64.
func (m *Message) takePlain(headers []Attribute) (id, source string, flaw *Flaw) {
	size := 0
	for _, h := range headers {
		switch {
		case h.Name == plainID || h.Name == plainSource:
			if len(h.Value) > MaxHeaders/4 || !plain(h.Value) {
				continue
			}
			if h.Name == plainID {
				id = h.Value
			} else {
				source = h.Value
			}
			continue
		case h.Name == ReplayHeader:
			m.Replay = readReplay(h.Value)
			continue
		case strings.HasPrefix(h.Name, enginePrefix):
			continue
		case !plain(h.Name):
			continue
		}
		if !plain(h.Value) {
			h.Value = base64.StdEncoding.EncodeToString([]byte(h.Value))
		}
		if size += len(besidePrefix) + len(h.Name) + len(h.Value); size > mostBeside {
			m.Beside = nil
			return id, source, &Flaw{TooManyHeaders, fmt.Sprintf("over %d bytes of headers", mostBeside)}
		}
		if i := slices.IndexFunc(m.Beside, func(o Attribute) bool { return o.Name == h.Name }); i >= 0 {
			m.Beside[i].Value = h.Value
			continue
		}
		if len(m.Beside) == MaxExtensions {
			m.Beside = nil
			return id, source, &Flaw{TooManyHeaders, fmt.Sprintf("over %d headers", MaxExtensions)}
		}
		m.Beside = append(m.Beside, h)
	}
	for _, name := range []string{"traceparent", "tracestate"} {
		if value := beside(m.Beside, name); value != "" && len(value) <= 512 {
			m.Extensions = append(m.Extensions, Attribute{name, value})
		}
	}
	return id, source, nil
}

func beside(list []Attribute, name string) string {
	for _, a := range list {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// PlainHeaders returns m's headers on a plain topic: those beside, as they came, the content type, the trace, and in headers
// of the engine's own what it needs to know its records again: the id, the source, the replay. m has passed Check.
func (m Message) PlainHeaders() []Attribute {
	hs := make([]Attribute, 0, len(m.Beside)+6)
	hs = append(hs, m.Beside...)
	for _, a := range []Attribute{
		{contentType, m.ContentType},
		{"traceparent", m.Extension("traceparent")},
		{"tracestate", m.Extension("tracestate")},
	} {
		if a.Value != "" && beside(hs, a.Name) == "" {
			hs = append(hs, a)
		}
	}
	for _, a := range []Attribute{{plainID, m.ID}, {plainSource, m.Source}} {
		if a.Value != "" {
			hs = append(hs, a)
		}
	}
	if m.Replay != (Replay{}) {
		hs = append(hs, Attribute{ReplayHeader, m.Replay.String()})
	}
	return hs
}

// IsBeside reports whether a header of a message that is kept as an event is one of Message.Beside, which no type describes.
func IsBeside(name string) bool { return strings.HasPrefix(name, besidePrefix) }

// checkBeside returns what keeps m's headers beside from being published, and how many bytes they are.
func (m Message) checkBeside() (size int, err error) {
	if len(m.Beside) > MaxExtensions {
		return 0, fmt.Errorf("%w: %d headers beside the event; at most %d may be", ErrInvalid, len(m.Beside), MaxExtensions)
	}
	for _, h := range m.Beside {
		size += len(h.Name) + len(h.Value)
		if !plain(h.Name) || !plain(h.Value) {
			return 0, fmt.Errorf("%w: a header beside the event holds control characters or no UTF-8", ErrInvalid)
		}
	}
	return size, nil
}
