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
	decoder *decoder
	want    *schema.Type
	faults  []fault

	detailType *schema.Type // a field for each of the faults
}

// writes prepares the writing of a body.
func (v *version) writes(b *body) *message {
	m := &message{version: v, body: b}
	es := newEncoders()
	if !b.none {
		m.root = es.tag(b.root, b.plan)
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

// append appends a whole message: security is the content of the header, nil for none.
func (m *message) append(dst []byte, v schema.Value, security func(dst []byte) []byte) ([]byte, error) {
	dst = append(dst, m.head...)
	if security != nil {
		dst = append(dst, "<soap:Header>"...)
		dst = append(security(dst), "</soap:Header>"...)
	}
	dst = append(dst, "<soap:Body>"...)
	if !m.body.none {
		if m.body.alone {
			if v = v.Get("value"); v.IsAbsent() {
				return dst, within(violation("required", schema.Article(m.body.plan.t), "nothing"), "value")
			}
		}
		var err error
		if dst, err = m.root.element(dst, v, nil); err != nil {
			return dst, err
		}
	}
	return append(dst, "</soap:Body></soap:Envelope>"...), nil
}

// reads prepares the reading of a body into values of want: the body's type, or what is left of it.
func (v *version) reads(b *body, want *schema.Type, faults []fault) *message {
	m := &message{version: v, body: b, want: want, faults: faults, detailType: detailType(faults)}
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
	m.decoder = decoders{}.of(b.plan, inner)
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
	s := codec.NewXMLScanner(data, codec.XMLOptions{})
	var each func() error
	if header != nil {
		each = func() error { return header(s) }
	}
	full, err := envelope(s, m.version, each)
	if err != nil {
		return schema.Value{}, nil, err
	}
	if !full {
		if !m.body.none {
			return schema.Value{}, nil, errRoot
		}
		v := schema.Null
		if m.want != nil && m.want.Kind == schema.KindRecord {
			v = schema.Record(m.want, schema.Slots(m.want))
		}
		return v, nil, finish(s, false)
	}
	space, local := s.Name()
	r := &reading{s: s, strict: strict}
	if space == m.version.space && local == "Fault" {
		f, err := m.fault(r)
		return schema.Value{}, f, err
	}
	if m.body.none || space != m.body.root.space || local != m.body.root.local {
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
		if i := m.want.Index("value"); i >= 0 {
			slots[i+1] = v
		}
		v = schema.Record(m.want, slots)
	}
	return v, nil, finish(s, true)
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
