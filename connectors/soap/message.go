package soap

import (
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// message writes and reads messages of one kind: the requests or the answers of one operation. Safe for concurrent use.
type message struct {
	version         *version
	body            *body
	head            []byte // up to the header's content
	root            tag
	entries         []tag // of the header
	decoder         *decoder
	want            *schema.Type
	faults          []fault
	loose, tolerant bool // as reading

	headWant   *schema.Type // of the header entries that are wanted, nil if none is
	heads      []*decoder   // by entry, nil if it is not wanted
	detailType *schema.Type // a field for each of the faults
}

// writes prepares the writing of a body.
func (v *version) writes(b *body) *message {
	m := &message{version: v, body: b}
	es := newEncoders()
	es.encoding = b.encoding
	switch {
	case b.none:
	case b.several:
		m.root.e = es.of(b.plan)
	default:
		m.root = es.tag(b.root, b.plan)
		m.root.typed = nil
		if b.encoding != "" {
			m.root.open = append(codec.AppendXMLAttr(append(m.root.open, ` soap:encodingStyle="`...), b.style), '"')
		}
	}
	for _, x := range b.headers {
		m.entries = append(m.entries, es.tag(x.name, x.plan))
	}
	m.head = v.open(es.spaces)
	return m
}

// write appends the envelope of a message; its attachments go to w.
func (m *message) write(w *writing, dst []byte, v schema.Value, security func(dst []byte) []byte) ([]byte, error) {
	dst = append(dst, m.head...)
	dst, err := m.header(w, dst, v, security)
	if err != nil {
		return dst, err
	}
	dst = append(dst, "<soap:Body>"...)
	for i, n := range m.body.attachedAs {
		if x := v.Get(n); x.Kind() == schema.KindBytes {
			if err := w.room(dst, x); err != nil {
				return dst, err
			}
			w.attach(contentID(m.body.attached[i]), schema.Octets(x))
		}
	}
	if !m.body.none {
		if m.body.alone {
			if v = v.Get("value"); v.IsAbsent() {
				return dst, within(violation("required", schema.Article(m.body.plan.t), "nothing"), "value")
			}
		}
		if m.body.several {
			dst, err = m.root.e.content(w, dst, v)
		} else {
			dst, err = m.root.element(w, dst, v, nil)
		}
		if err != nil {
			return dst, err
		}
	}
	if err := w.room(dst, schema.Value{}); err != nil {
		return dst, err
	}
	return append(dst, "</soap:Body></soap:Envelope>"...), nil
}

// header appends the header: security, and the entries that the value holds.
func (m *message) header(w *writing, dst []byte, v schema.Value, security func(dst []byte) []byte) ([]byte, error) {
	begun := false
	if security != nil {
		dst, begun = security(append(dst, "<soap:Header>"...)), true
	}
	if len(m.entries) > 0 {
		given := v.Get(m.body.headField)
		for i := range m.entries {
			n := m.body.headType.Fields[i].Name
			x := given.Get(n)
			if x.IsAbsent() && m.body.headType.Fields[i].Required {
				return dst, within(within(violation("required", schema.Article(m.body.headType.Fields[i].Type), "nothing"), n), m.body.headField)
			}
			if x.IsAbsent() {
				continue
			}
			if !begun {
				dst, begun = append(dst, "<soap:Header>"...), true
			}
			var err error
			if dst, err = m.entries[i].element(w, dst, x, nil); err != nil {
				return dst, within(within(err, n), m.body.headField)
			}
		}
	}
	if begun {
		dst = append(dst, "</soap:Header>"...)
	}
	return dst, nil
}

// reads prepares the reading of a body into values of want: the body's type, or what is left of it.
func (v *version) reads(b *body, want *schema.Type, faults []fault) *message {
	return v.receives(b, want, faults, false)
}

// receives is reads for one whose answers are taken as they come, if tolerant.
func (v *version) receives(b *body, want *schema.Type, faults []fault, tolerant bool) *message {
	m := &message{version: v, body: b, want: want, faults: faults, detailType: detailType(faults), loose: tolerant || b.encoding != "", tolerant: tolerant}
	ds := newDecoders(m.tolerant)
	if b.headType != nil && want.Kind == schema.KindRecord {
		if i := want.Index(b.headField); i >= 0 {
			m.headWant = want.Fields[i].Type
		}
		for i := range b.headers {
			var d *decoder
			if m.headWant != nil {
				if at := m.headWant.Index(b.headType.Fields[i].Name); at >= 0 {
					d = ds.of(b.headers[i].plan, m.headWant.Fields[at].Type)
				}
			}
			m.heads = append(m.heads, d)
		}
	}
	if b.none {
		return m
	}
	inner := want
	if b.alone {
		inner = b.plan.t
		if i := want.Index("value"); i >= 0 {
			inner = want.Fields[i].Type
		}
	}
	m.decoder = ds.of(b.plan, inner)
	return m
}

// take reads a message as it was received; tolerated tells how often it was not as the schema says, where that is let
// pass.
func (m *message) take(in *received, strict bool, header func(s *codec.XMLScanner) error) (v schema.Value, f *Fault, tolerated int, err error) {
	data := in.envelope
	if m.body.encoding != "" && refers(data) {
		if data, err = follow(data); err != nil {
			return v, nil, 0, err
		}
	}
	r := &reading{s: codec.NewXMLScanner(data, codec.XMLOptions{}), strict: strict, loose: m.loose, tolerant: m.tolerant, parts: in.parts}
	v, f, err = m.message(r, in, header)
	return v, f, r.tolerated, err
}

func (m *message) message(r *reading, in *received, header func(s *codec.XMLScanner) error) (schema.Value, *Fault, error) {
	s := r.s
	var entries []schema.Value
	if m.headWant != nil {
		entries = schema.Slots(m.headWant)
	}
	var each func() error
	if header != nil || entries != nil {
		each = func() error { return m.entry(r, entries, header) }
	}
	spoken := []*version{m.version}
	if !r.strict {
		spoken = []*version{versions["1.1"], versions["1.2"]} // faults come in the other one too: who does not speak ours says so in his
	}
	v, full, err := envelopes(s, spoken, each)
	if err != nil {
		return schema.Value{}, nil, err
	}
	space, local := s.Name()
	if v != m.version && (!full || space != v.space || local != "Fault") {
		return schema.Value{}, nil, errVersion
	}
	m.beside(r, in, entries)
	if !full {
		if !m.body.none && !m.body.several {
			return schema.Value{}, nil, errRoot
		}
		v := schema.Null
		if m.want != nil && m.want.Kind == schema.KindRecord {
			slots := schema.Slots(m.want)
			r.fill(slots)
			v = schema.Record(m.want, slots)
			if m.body.several {
				err = m.body.plan.complete(-1, nil)
			}
		}
		return v, nil, first(err, finish(s, false))
	}
	if space == v.space && local == "Fault" {
		r.extra = nil
		f, err := m.fault(r)
		return schema.Value{}, f, err
	}
	if m.body.several {
		slots := schema.Slots(m.want)
		r.fill(slots)
		r.begun = true
		if err := m.decoder.content(r, slots); err != nil {
			return schema.Value{}, nil, err
		}
		return schema.Record(m.want, slots), nil, finish(s, false)
	}
	other := local != m.body.root.local || space != m.body.root.space
	if m.body.none || other && m.body.encoding == "" && !m.renamed(local) {
		return schema.Value{}, nil, errRoot
	}
	if other {
		r.tolerated++
	}
	value, err := m.decoder.element(r, false, nil)
	if err == nil && local != m.body.root.local && m.body.encoding == "" && r.placed == 0 {
		err = errRoot // of what is in it nothing is known: it may be anything
	}
	if err != nil {
		if m.body.alone {
			err = within(err, "value")
		}
		return value, nil, err
	}
	if m.body.alone {
		slots := schema.Slots(m.want)
		r.fill(slots)
		if i := m.want.Index("value"); i >= 0 {
			slots[i+1] = value
		}
		value = schema.Record(m.want, slots)
	}
	for m.loose && m.body.encoding != "" {
		more, err := start(s)
		if err != nil {
			return value, nil, err
		}
		if !more {
			return value, nil, finish(s, false)
		}
		if err := s.Skip(); err != nil {
			return value, nil, err
		}
	}
	return value, nil, finish(s, true)
}

// renamed reports whether an element of that name may stand for the operation's in an answer that is taken as it comes: of
// another namespace, or a wrapper of another name.
func (m *message) renamed(local string) bool {
	return m.loose && local == m.body.root.local || m.tolerant && m.body.plan.t.Kind == schema.KindRecord && len(m.body.plan.kids) > 0
}

// entry reads the header entry whose start was the last step: into the slots of those that are wanted, or by header.
func (m *message) entry(r *reading, entries []schema.Value, header func(s *codec.XMLScanner) error) error {
	space, local := r.s.Name()
	for i, d := range m.heads {
		x := &m.body.headers[i]
		if d == nil || entries == nil || x.name.local != local || x.name.space != space && !r.loose {
			continue
		}
		v, err := d.element(r, true, nil)
		n := m.body.headType.Fields[i].Name
		if err != nil {
			return within(within(err, n), m.body.headField)
		}
		entries[m.headWant.Index(n)+1] = v
		return nil
	}
	if header != nil {
		return header(r.s)
	}
	return r.s.Skip()
}

// beside keeps the header entries and the attachments of a message for the record of its body.
func (m *message) beside(r *reading, in *received, entries []schema.Value) {
	if entries != nil {
		r.extra = append(r.extra, extra{m.want.Index(m.body.headField) + 1, schema.Record(m.headWant, entries)})
	}
	for i, n := range m.body.attachedAs {
		slot := -1
		if m.want.Kind == schema.KindRecord {
			slot = m.want.Index(n)
		}
		if slot < 0 {
			continue
		}
		if octets, ok := in.attachment(m.body.attached[i], i); ok {
			r.extra = append(r.extra, extra{slot + 1, schema.Bytes(octets)})
		}
	}
}

// attachment returns the attachment of a part: the one whose Content-ID says its name, else the one at its place.
func (in *received) attachment(name string, place int) ([]byte, bool) {
	for _, id := range in.order {
		if before, _, ok := strings.Cut(id, "="); ok && before == name {
			return in.parts[id], true
		}
	}
	if place < len(in.order) {
		return in.parts[in.order[place]], true
	}
	return nil, false
}
