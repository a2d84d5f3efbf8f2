package routes

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"fondaco/config/diag"
	"fondaco/messaging"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
)

// plainTopic is what a topic with format: json says of its records, typed.
type plainTopic struct {
	id, key       *transform.Typed // nil if nothing is said
	data, headers *expr.Var
	record        *schema.Type // of the data as far as the two read it
	beside        bool         // they read headers
	size          int          // slots
}

// formats types what topics say of their records. Types have only what is in use, as those of answers.
func (c *checker) formats() {
	c.typed.plain = map[*Topic]*plainTopic{}
	for _, t := range c.model.Topics {
		if t.format != formatJSON {
			c.eventsAlone(t, "id", &t.id)
			c.eventsAlone(t, "key", &t.key)
			continue
		}
		if !t.id.IsZero() && !t.id.Mentions("data") && !t.id.Mentions("headers") {
			c.out.Report(diag.BadRoute, t.id.Pos(), "id: it reads neither data nor headers: all records of the topic %q would be one", t.Name.Value).
				WithHint("write what distinguishes records, as ${data.id}, or leave it out: each record then stands for itself")
		}
		p := c.plain(t, t.Type)
		if c.out.Failed() {
			c.typed.plain[t] = p
			continue
		}
		outer := c.out
		c.out = &diag.List{}
		c.typed.plain[t] = c.plain(t, schema.Prune(t.Type, p.data.Use))
		c.out = outer
	}
}

// Records returns what the topic says of its records: their format, and their id and key as they are written, "" where it
// says nothing.
func (t *Topic) Records() (format, id, key string) {
	return cmp.Or(t.format, formatEvents), t.id.Text(), t.key.Text()
}

// eventsAlone reports a word that a topic of CloudEvents has no use for.
func (c *checker) eventsAlone(t *Topic, word string, m *transform.Mapping) {
	if !m.IsZero() {
		c.out.Report(diag.BadRoute, m.Pos(), "%s: the records of the topic %q are CloudEvents, which bring their id and key", word, t.Name.Value).
			WithHint("leave it out, or say format: json if they are plain JSON")
	}
}

// plain types id and key of a topic over data of a type.
func (c *checker) plain(t *Topic, data *schema.Type) *plainTopic {
	names := expr.NewScope()
	c.model.constants.Declare(names, nil)
	p := &plainTopic{data: names.Declare("data", data), headers: names.Declare("headers", schema.MapTo(schema.TypeText)), record: data}
	count := 0
	s := &Scope{Names: names, check: c, count: &count, uses: map[string]*schema.Use{}}
	p.id, p.key = s.text(&t.id, "the id"), s.text(&t.key, "the key")
	p.beside = t.id.Mentions("headers") || t.key.Mentions("headers")
	p.size = names.Size()
	return p
}

// Plain returns how the records of a topic are read that are no CloudEvents; nil if they are, or if there is no topic. The
// project was checked without problems.
func (t *Typed) Plain(topic *Topic) *messaging.Plain {
	p := t.plain[topic]
	if p == nil {
		return nil
	}
	out := &messaging.Plain{Type: topic.Event.Value, Source: "/topics/" + topic.Kept(), ID: p.id != nil, Key: p.key != nil}
	if out.ID || out.Key {
		out.Compute = p.compile()
	}
	return out
}

// compile makes what computes id and key of a record. An id that is made of personal data or of a secret is its digest, as
// ids stand in logs.
func (p *plainTopic) compile() func(body []byte, headers []messaging.Attribute) (id, key string, flaw *messaging.Flaw) {
	decode := codec.CompileJSON(p.record, codec.JSONOptions{})
	computeID, computeKey := compileText(p.id), compileText(p.key)
	digested := p.id != nil && (p.id.Type.Personal || p.id.Type.Secret)
	return func(body []byte, headers []messaging.Attribute) (id, key string, flaw *messaging.Flaw) {
		data, err := decode.Decode(body)
		if err != nil {
			return "", "", &messaging.Flaw{Reason: reasonSchema, Detail: describe(err)}
		}
		f := &expr.Frame{Slots: make([]schema.Value, p.size), Budget: evalBudget, Now: time.Now}
		f.Slots[p.data.Slot] = data
		if p.beside {
			all := &schema.Map{}
			for _, h := range headers {
				all.Keys, all.Values = append(all.Keys, h.Name), append(all.Values, schema.Text(h.Value))
			}
			f.Slots[p.headers.Slot] = schema.MapOf(all)
		}
		if id, err = computed(f, computeID); err != nil {
			return "", "", notComputed("id", err)
		}
		if digested && id != "" {
			sum := sha256.Sum256([]byte(id))
			id = hex.EncodeToString(sum[:16])
		}
		if key, err = computed(f, computeKey); err != nil {
			return "", "", notComputed("key", err)
		}
		return id, key, nil
	}
}

// computed computes a text; a panic is an error.
func computed(f *expr.Frame, compute func(*expr.Frame) (string, error)) (text string, err error) {
	defer contained(&err)
	return compute(f)
}

// notComputed returns the flaw of a record for which a word of its topic could not be computed. It holds no value of it.
func notComputed(word string, err error) *messaging.Flaw {
	var crash *PanicError
	if errors.As(err, &crash) {
		return &messaging.Flaw{Reason: messaging.HandlerPanicked, Detail: word + ": it cannot be computed: the expression panicked"}
	}
	return &messaging.Flaw{Reason: messaging.BadAttribute, Detail: fmt.Sprintf("%s: it cannot be computed: %v", word, err)}
}

// namedBy sets the id and the key of an event that a route publishes, by its topic's declaration, as those who read it compute them.
func namedBy(plain *messaging.Plain, m *messaging.Message) error {
	if plain == nil {
		return nil
	}
	id, key, flaw := plain.Named(m.Body, nil)
	if flaw != nil {
		return fmt.Errorf("%w: %w", messaging.ErrInvalid, flaw)
	}
	if plain.ID {
		m.ID, m.Source = id, plain.Source
	}
	if plain.Key {
		m.Key = key
	}
	return nil
}

// checkPlain reports what a publish says that its topic says already, or cannot carry.
func (p *publish) checkPlain(s *Scope) {
	if p.topic == nil || s.check.typed.plain[p.topic] == nil {
		return
	}
	plain, name := s.check.typed.plain[p.topic], p.target.Value
	for _, w := range []struct {
		word    string
		said    *transform.Mapping
		topic   *transform.Mapping
		whether *transform.Typed
	}{{"id", &p.id, &p.topic.id, plain.id}, {"key", &p.key, &p.topic.key, plain.key}} {
		switch {
		case w.whether == nil:
		case !w.said.IsZero():
			s.check.out.Report(diag.BadRoute, w.said.Pos(), "%s: the topic %q says what the %s of its records is", w.word, name, w.word).
				WithHint("leave it out here")
		case w.word == "id" && w.topic.Mentions("headers") && !w.topic.Mentions("data"):
			p.target.Report(s.check.out, diag.BadRoute, "the topic %q takes the id of its records from headers, which what a route publishes "+
				"has none of", name).
				WithHint("let its id fall back to the data, as ${headers[\"id\"] ?? data.id}")
		}
	}
	if !p.subject.IsZero() {
		s.check.out.Report(diag.BadRoute, p.subject.Pos(), "subject: the records of the topic %q are plain JSON, which has no place for it",
			name).
			WithHint("leave it out, or make it a field of the event")
	}
}
