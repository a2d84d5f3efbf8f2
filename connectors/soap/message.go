package soap

import (
	"cmp"
	"errors"

	"fondaco/connectors/soap/wsdl"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// message writes and reads messages of one kind: the requests or the answers of one operation. Safe for concurrent use.
type message struct {
	version         *version
	body            *wsdl.Body
	head            []byte       // up to the header's content
	root            xsd.Tag      // unless the parts stand side by side
	parts           *xsd.Encoder // of the parts that do
	entries         []xsd.Tag    // of the header
	decoder         *xsd.Decoder
	want            *schema.Type
	faults          []wsdl.Fault
	loose, tolerant bool // as reading

	headWant   *schema.Type   // of the header entries that are wanted, nil if none is
	heads      []*xsd.Decoder // by entry, nil if it is not wanted
	detailType *schema.Type   // a field for each of the faults
}

// writes prepares the writing of a body.
func (v *version) writes(b *wsdl.Body) *message {
	m := &message{version: v, body: b}
	es := xsd.NewEncoders(b.Encoding)
	switch {
	case b.Empty:
	case b.Several:
		m.parts = es.Of(b.Plan)
	default:
		var style []byte
		if b.Encoding != "" {
			style = append(codec.AppendXMLAttr([]byte(` soap:encodingStyle="`), b.Style), '"')
		}
		m.root = es.Root(b.Root, b.Plan, style)
	}
	for _, x := range b.Headers {
		m.entries = append(m.entries, es.Tag(x.Name, x.Plan))
	}
	m.head = v.open(es.Namespaces())
	return m
}

// write appends the envelope of a message; its attachments go to w.
func (m *message) write(w *xsd.Writing, dst []byte, v schema.Value, security func(dst []byte) []byte) ([]byte, error) {
	dst = append(dst, m.head...)
	dst, err := m.header(w, dst, v, security)
	if err != nil {
		return dst, err
	}
	dst = append(dst, "<soap:Body>"...)
	for i, n := range m.body.AttachedAs {
		if x := v.Get(n); x.Kind() == schema.KindBytes {
			if err := w.Room(dst, x); err != nil {
				return dst, err
			}
			w.Attach(m.body.Attached[i], schema.Octets(x))
		}
	}
	if !m.body.Empty {
		if m.body.Alone {
			if v = v.Get("value"); v.IsAbsent() {
				return dst, xsd.Within(xsd.Violation("required", schema.Article(m.body.Plan.Type()), "nothing"), "value")
			}
		}
		if m.body.Several {
			dst, err = m.parts.Append(w, dst, v)
		} else {
			dst, err = m.root.Append(w, dst, v)
		}
		if err != nil {
			return dst, err
		}
	}
	if err := w.Room(dst, schema.Value{}); err != nil {
		return dst, err
	}
	return append(dst, "</soap:Body></soap:Envelope>"...), nil
}

// header appends the header: security, and the entries that the value holds.
func (m *message) header(w *xsd.Writing, dst []byte, v schema.Value, security func(dst []byte) []byte) ([]byte, error) {
	begun := false
	if security != nil {
		dst, begun = security(append(dst, "<soap:Header>"...)), true
	}
	if len(m.entries) > 0 {
		given := v.Get(m.body.HeadField)
		for i := range m.entries {
			n := m.body.HeadType.Fields[i].Name
			x := given.Get(n)
			if x.IsAbsent() && m.body.HeadType.Fields[i].Required {
				return dst, xsd.Within(xsd.Within(xsd.Violation("required", schema.Article(m.body.HeadType.Fields[i].Type), "nothing"), n),
					m.body.HeadField)
			}
			if x.IsAbsent() {
				continue
			}
			if !begun {
				dst, begun = append(dst, "<soap:Header>"...), true
			}
			var err error
			if dst, err = m.entries[i].Append(w, dst, x); err != nil {
				return dst, xsd.Within(xsd.Within(err, n), m.body.HeadField)
			}
		}
	}
	if begun {
		dst = append(dst, "</soap:Header>"...)
	}
	return dst, nil
}

// reads prepares the reading of a body into values of want: the body's type, or what is left of it.
func (v *version) reads(b *wsdl.Body, want *schema.Type, faults []wsdl.Fault) *message {
	return v.receives(b, want, faults, false)
}

// receives is reads for one whose answers are taken as they come, if tolerant.
func (v *version) receives(b *wsdl.Body, want *schema.Type, faults []wsdl.Fault, tolerant bool) *message {
	m := &message{version: v, body: b, want: want, faults: faults, detailType: detailType(faults), loose: tolerant ||
		b.Encoding != "", tolerant: tolerant}
	ds := xsd.NewDecoders(m.tolerant)
	if b.HeadType != nil && want.Kind == schema.KindRecord {
		if i := want.Index(b.HeadField); i >= 0 {
			m.headWant = want.Fields[i].Type
		}
		for i := range b.Headers {
			var d *xsd.Decoder
			if m.headWant != nil {
				if at := m.headWant.Index(b.HeadType.Fields[i].Name); at >= 0 {
					d = ds.Of(b.Headers[i].Plan, m.headWant.Fields[at].Type)
				}
			}
			m.heads = append(m.heads, d)
		}
	}
	if b.Empty {
		return m
	}
	inner := want
	if b.Alone {
		inner = b.Plan.Type()
		if i := want.Index("value"); i >= 0 {
			inner = want.Fields[i].Type
		}
	}
	m.decoder = ds.Of(b.Plan, inner)
	return m
}

// take reads a message as it was received; tolerated is how often it was not as the schema says, where that is let
// pass.
func (m *message) take(in *received, strict bool, header func(s *codec.XMLScanner) error) (v schema.Value, f *Fault, tolerated int,
	err error,
) {
	data := in.envelope
	if m.body.Encoding != "" && refers(data) {
		if data, err = follow(data); err != nil {
			return v, nil, 0, err
		}
	}
	r := &xsd.Reading{
		Scanner: codec.NewXMLScanner(data, codec.XMLOptions{}), Strict: strict, Loose: m.loose, Tolerant: m.tolerant,
		Parts: in.parts,
	}
	v, f, err = m.message(r, in, header)
	return v, f, r.Tolerated, err
}

func (m *message) message(r *xsd.Reading, in *received, header func(s *codec.XMLScanner) error) (schema.Value, *Fault, error) {
	s := r.Scanner
	var entries []schema.Value
	if m.headWant != nil {
		entries = schema.Slots(m.headWant)
	}
	var each func() error
	if header != nil || entries != nil {
		each = func() error { return m.entry(r, entries, header) }
	}
	spoken := []*version{m.version}
	if !r.Strict {
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
		v, err := m.nothing(r)
		return v, nil, err
	}
	if space == v.space && local == "Fault" {
		r.Beside = nil
		f, err := m.fault(r)
		return schema.Value{}, f, err
	}
	if m.body.Several {
		slots := schema.Slots(m.want)
		r.Fill(slots)
		if err := m.decoder.ReadRest(r, slots); err != nil {
			return schema.Value{}, nil, err
		}
		return schema.Record(m.want, slots), nil, finish(s, false)
	}
	value, err := m.value(r)
	if err != nil {
		return value, nil, err
	}
	return value, nil, m.end(s)
}

// nothing reads a message whose Body is empty.
func (m *message) nothing(r *xsd.Reading) (v schema.Value, err error) {
	if !m.body.Empty && !m.body.Several {
		return v, errRoot
	}
	v = schema.Null
	if m.want != nil && m.want.Kind == schema.KindRecord {
		slots := schema.Slots(m.want)
		r.Fill(slots)
		v = schema.Record(m.want, slots)
		if m.body.Several {
			err = m.body.Plan.Missing()
		}
	}
	return v, cmp.Or(err, finish(r.Scanner, false))
}

// value reads the element in the Body whose start was the last step.
func (m *message) value(r *xsd.Reading) (schema.Value, error) {
	space, local := r.Scanner.Name()
	other := local != m.body.Root.Local || space != m.body.Root.Space
	if m.body.Empty || other && m.body.Encoding == "" && !m.renamed(local) {
		return schema.Value{}, errRoot
	}
	if other {
		r.Tolerated++
	}
	value, err := m.decoder.Read(r, false)
	var wrong *schema.Violation
	if (err == nil || errors.As(err, &wrong)) && local != m.body.Root.Local && m.body.Encoding == "" && r.Placed == 0 {
		err = errRoot // of what is in it nothing is known: it may be anything
	}
	if err != nil {
		if m.body.Alone {
			err = xsd.Within(err, "value")
		}
		return value, err
	}
	if m.body.Alone {
		slots := schema.Slots(m.want)
		r.Fill(slots)
		if i := m.want.Index("value"); i >= 0 {
			slots[i+1] = value
		}
		value = schema.Record(m.want, slots)
	}
	return value, nil
}

// end reads what comes after the element in the Body: in SOAP encoding values may stand apart there.
func (m *message) end(s *codec.XMLScanner) error {
	for m.loose && m.body.Encoding != "" {
		more, err := start(s)
		if err != nil {
			return err
		}
		if !more {
			return finish(s, false)
		}
		if err := s.Skip(); err != nil {
			return err
		}
	}
	return finish(s, true)
}

// renamed reports whether an element of that name may stand for the operation's in an answer that is taken as it comes: of
// another namespace, or a wrapper of another name.
func (m *message) renamed(local string) bool {
	return m.loose && local == m.body.Root.Local || m.tolerant && m.body.Plan.Structured()
}

// entry reads the header entry whose start was the last step: into the slots of those that are wanted, or by header.
func (m *message) entry(r *xsd.Reading, entries []schema.Value, header func(s *codec.XMLScanner) error) error {
	space, local := r.Scanner.Name()
	for i, d := range m.heads {
		x := &m.body.Headers[i]
		if d == nil || entries == nil || x.Name.Local != local || x.Name.Space != space && !r.Loose {
			continue
		}
		v, err := d.Read(r, true)
		n := m.body.HeadType.Fields[i].Name
		if err != nil {
			return xsd.Within(xsd.Within(err, n), m.body.HeadField)
		}
		entries[m.headWant.Index(n)+1] = v
		return nil
	}
	if header != nil {
		return header(r.Scanner)
	}
	return r.Scanner.Skip()
}

// beside keeps the header entries and the attachments of a message for the record of its body.
func (m *message) beside(r *xsd.Reading, in *received, entries []schema.Value) {
	if entries != nil {
		r.Beside = append(r.Beside, xsd.Beside{Slot: m.want.Index(m.body.HeadField) + 1, Value: schema.Record(m.headWant, entries)})
	}
	for i, n := range m.body.AttachedAs {
		slot := -1
		if m.want.Kind == schema.KindRecord {
			slot = m.want.Index(n)
		}
		if slot < 0 {
			continue
		}
		if octets, ok := in.attachment(m.body.Attached[i], i); ok {
			r.Beside = append(r.Beside, xsd.Beside{Slot: slot + 1, Value: schema.Bytes(octets)})
		}
	}
}
