package soap

import (
	"errors"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// The namespaces of envelopes.
const (
	soap11 = "http://schemas.xmlsoap.org/soap/envelope/"
	soap12 = "http://www.w3.org/2003/05/soap-envelope"
)

// version is what differs between SOAP 1.1 and 1.2.
type version struct {
	name, space, media string
}

var versions = map[string]*version{
	"1.1": {"1.1", soap11, "text/xml; charset=utf-8"},
	"1.2": {"1.2", soap12, "application/soap+xml; charset=utf-8"},
}

// message writes and reads messages of one kind: the requests or the answers of one operation. Safe for concurrent use.
type message struct {
	version *version
	body    *body
	head    []byte // up to the header's content
	root    tag
	entries []tag // of the header
	decoder *decoder
	want    *schema.Type
	faults  []fault
	loose   bool // as reading

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

// open gives the envelope's beginning, with the namespaces of the body.
func (v *version) open(spaces []string) []byte {
	head := append([]byte(`<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="`), v.space...)
	head = append(append(head, `" xmlns:xsi="`...), xsiSpace...)
	for i, s := range spaces {
		head = append(head, `" xmlns:n`...)
		head = append(head, itoa(i)...)
		head = codec.AppendXMLAttr(append(head, `="`...), s)
	}
	return append(head, `">`...)
}

// append appends a whole message: security is the content of the header, nil for none. What would be attached is left
// out: a message that has attachments is written with write.
func (m *message) append(dst []byte, v schema.Value, security func(dst []byte) []byte) ([]byte, error) {
	return m.write(&writing{}, dst, v, security)
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
	m := &message{version: v, body: b, want: want, faults: faults, detailType: detailType(faults), loose: b.encoding != ""}
	ds := decoders{}
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

var (
	errEnvelope = errors.New("the message is no SOAP envelope")
	errVersion  = errors.New("the envelope is of another version of SOAP")
	errBody     = errors.New("the envelope has not one Body, last")
	errRoot     = errors.New("the Body holds another element than the operation's")
)

// envelope goes to the first element in the Body, and tells whether there is one. header is called with each element
// of the header and must pass over it; nil passes over them all.
func envelope(s *codec.XMLScanner, v *version, header func() error) (full bool, err error) {
	if _, err := start(s); err != nil {
		return false, err
	}
	space, local := s.Name()
	switch {
	case local != "Envelope" || space != soap11 && space != soap12:
		return false, errEnvelope
	case space != v.space:
		return false, errVersion
	}
	headers := 0
	for {
		ok, err := start(s)
		if err != nil || !ok {
			return false, first(err, errBody)
		}
		space, local := s.Name()
		switch {
		case space == v.space && local == "Header" && headers == 0:
			headers++
			for {
				ok, err := start(s)
				if err != nil {
					return false, err
				}
				if !ok {
					break
				}
				if header == nil {
					err = s.Skip()
				} else {
					err = header()
				}
				if err != nil {
					return false, err
				}
			}
		case space == v.space && local == "Body":
			return start(s)
		default:
			return false, errBody
		}
	}
}

// start goes to the next start tag; false at the end of the element around.
func start(s *codec.XMLScanner) (bool, error) {
	for {
		kind, err := s.Next()
		if err != nil {
			return false, err
		}
		switch kind {
		case codec.XMLStart:
			return true, nil
		case codec.XMLText:
			if collapse(s.Text()) != "" {
				return false, errEnvelope
			}
		default:
			return false, nil
		}
	}
}

// finish reads the ends of Body and Envelope; open tells that the Body is still open.
func finish(s *codec.XMLScanner, open bool) error {
	for i := range 2 {
		if i == 0 && !open {
			continue
		}
		more, err := start(s)
		if err != nil {
			return err
		}
		if more {
			return errBody
		}
	}
	kind, err := s.Next()
	if err == nil && kind != codec.XMLEOF {
		err = errBody
	}
	return err
}

// read reads a message whose body is the operation's: its value, or the fault in its place.
func (m *message) read(data []byte, strict bool, header func(s *codec.XMLScanner) error) (schema.Value, *Fault, error) {
	v, f, _, err := m.take(&received{envelope: data}, strict, header)
	return v, f, err
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
	r := &reading{s: codec.NewXMLScanner(data, codec.XMLOptions{}), strict: strict, loose: m.loose, parts: in.parts}
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
	full, err := envelope(s, m.version, each)
	if err != nil {
		return schema.Value{}, nil, err
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
	space, local := s.Name()
	if space == m.version.space && local == "Fault" {
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
	if m.body.none || m.body.encoding == "" && (local != m.body.root.local || space != m.body.root.space && !m.loose) {
		return schema.Value{}, nil, errRoot
	}
	v, err := m.decoder.element(r, false, nil)
	if err != nil {
		if m.body.alone {
			err = within(err, "value")
		}
		return v, nil, err
	}
	if m.body.alone {
		slots := schema.Slots(m.want)
		r.fill(slots)
		if i := m.want.Index("value"); i >= 0 {
			slots[i+1] = v
		}
		v = schema.Record(m.want, slots)
	}
	for m.loose && m.body.encoding != "" {
		more, err := start(s)
		if err != nil {
			return v, nil, err
		}
		if !more {
			return v, nil, finish(s, false)
		}
		if err := s.Skip(); err != nil {
			return v, nil, err
		}
	}
	return v, nil, finish(s, true)
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

// attachment gives the attachment of a part: the one whose Content-ID says its name, else the one at its place.
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

func itoa(i int) string {
	if i < 10 {
		return string(rune('0' + i))
	}
	return itoa(i/10) + string(rune('0'+i%10))
}

// Fault is a SOAP fault. Its text and detail are the service's words and may hold personal data: they are for whoever
// asks for them by errors.As, not for logs.
type Fault struct {
	Code    string // local name of the code, as Client or Receiver
	Subcode string // of SOAP 1.2, or what follows the point of a 1.1 code; "" if there is none
	Text    string
	Detail  schema.Value // a record of the elements of the detail that the WSDL declares; absent if there is none
}

// Error tells the codes alone.
func (f *Fault) Error() string {
	if f.Subcode != "" {
		return "SOAP fault " + f.Code + "/" + f.Subcode
	}
	return "SOAP fault " + f.Code
}

// detailType gives the type of the details of faults: what the WSDL declares, any of it.
func detailType(faults []fault) *schema.Type {
	t := &schema.Type{Kind: schema.KindRecord, Open: true}
	for _, f := range faults {
		t.Fields = append(t.Fields, schema.Field{Name: f.name.local, Type: f.plan.t})
	}
	return t.Seal()
}

// value gives the fault as fails rules see it, of the operation's FaultType.
func (f *Fault) value(t *schema.Type) schema.Value {
	subcode := schema.Value{}
	if f.Subcode != "" {
		subcode = schema.Text(f.Subcode)
	}
	return schema.RecordOf(t, schema.Text(f.Code), subcode, schema.Text(f.Text), f.Detail)
}

// fault reads a Fault whose start was the last step, up to the end of the message.
func (m *message) fault(r *reading) (*Fault, error) {
	f := &Fault{}
	for {
		ok, err := start(r.s)
		if err != nil {
			return nil, err
		}
		if !ok {
			return f, finish(r.s, true)
		}
		switch _, local := r.s.Name(); local {
		case "faultcode":
			text, err := r.text()
			if err != nil {
				return nil, err
			}
			f.Code, f.Subcode, _ = strings.Cut(word(text), ".")
		case "faultstring":
			if f.Text, err = r.text(); err != nil {
				return nil, err
			}
		case "Code":
			if err := r.code(f); err != nil {
				return nil, err
			}
		case "Reason":
			err = r.inside(func(string) error {
				text, err := r.text()
				if f.Text == "" {
					f.Text = text
				}
				return err
			})
		case "detail", "Detail":
			err = m.detail(r, f)
		default:
			err = r.s.Skip()
		}
		if err != nil {
			return nil, err
		}
	}
}

// word gives the local part of a qualified name in a text.
func word(text string) string {
	text = collapse(text)
	if _, local, found := strings.Cut(text, ":"); found {
		text = local
	}
	return text[:min(len(text), 100)]
}

// inside calls each with every element inside of the one whose start was the last step; it must read it to its end.
func (r *reading) inside(each func(local string) error) error {
	for {
		ok, err := start(r.s)
		if err != nil || !ok {
			return err
		}
		_, local := r.s.Name()
		if err := each(local); err != nil {
			return err
		}
	}
}

// code reads the Code of a 1.2 fault.
func (r *reading) code(f *Fault) error {
	return r.inside(func(local string) error {
		switch local {
		case "Value":
			text, err := r.text()
			f.Code = word(text)
			return err
		case "Subcode":
			return r.inside(func(local string) error {
				if local != "Value" || f.Subcode != "" {
					return r.s.Skip()
				}
				text, err := r.text()
				f.Subcode = word(text)
				return err
			})
		}
		return r.s.Skip()
	})
}

// detail reads the elements of a fault's detail that the WSDL declares. An element that is not as declared is passed
// over: a fault is a fault all the same.
func (m *message) detail(r *reading, f *Fault) error {
	var slots []schema.Value
	err := r.inside(func(local string) error {
		space, _ := r.s.Name()
		for i, known := range m.faults {
			if known.name.local != local || known.name.space != space {
				continue
			}
			depth := r.s.Depth()
			v, err := decoders{}.of(known.plan, known.plan.t).element(r, true, nil)
			if err == nil {
				if slots == nil {
					slots = schema.Slots(m.detailType)
				}
				slots[i+1] = v
				return nil
			}
			var wrong *schema.Violation
			if !errors.As(err, &wrong) {
				return err
			}
			return r.leave(depth)
		}
		return r.s.Skip()
	})
	if slots != nil {
		f.Detail = schema.Record(m.detailType, slots)
	}
	return err
}

// leave goes on to the end of the element that was open at a depth.
func (r *reading) leave(depth int) error {
	for r.s.Depth() >= depth {
		if _, err := r.s.Next(); err != nil {
			return err
		}
	}
	return nil
}
