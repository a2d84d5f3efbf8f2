package soap

import (
	"cmp"
	"errors"

	"fondaco/connectors/soap/xsd"
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

// plain returns the media type without its parameters.
func (v *version) plain() string {
	if v.name == "1.1" {
		return "text/xml"
	}
	return "application/soap+xml"
}

// open returns the envelope's beginning, with the namespaces of the body.
func (v *version) open(spaces []string) []byte {
	head := append([]byte(`<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="`), v.space...)
	head = append(append(head, `" xmlns:xsi="`...), xsd.InstanceSpace...)
	for i, s := range spaces {
		head = append(head, `" xmlns:n`...)
		head = append(head, itoa(i)...)
		head = codec.AppendXMLAttr(append(head, `="`...), s)
	}
	return append(head, `">`...)
}

var (
	errEnvelope = errors.New("the message is not a SOAP envelope")
	errVersion  = errors.New("the envelope is of another version of SOAP")
	errBody     = errors.New("the envelope has not one Body, last")
	errRoot     = errors.New("the Body holds another element than the operation's")
)

// envelope goes to the first element in the Body, and reports whether there is one. header is called with each element
// of the header and must pass over it; nil passes over them all.
func envelope(s *codec.XMLScanner, v *version, header func() error) (full bool, err error) {
	_, full, err = envelopes(s, []*version{v}, header)
	return full, err
}

// envelopes is envelope for messages of one of several versions, and returns which.
func envelopes(s *codec.XMLScanner, list []*version, header func() error) (v *version, full bool, err error) {
	if _, err := start(s); err != nil {
		return nil, false, err
	}
	space, local := s.Name()
	for _, one := range list {
		if one.space == space {
			v = one
		}
	}
	switch {
	case local != "Envelope":
		return nil, false, errEnvelope
	case v == nil:
		return nil, false, errVersion
	}
	full, err = v.body(s, header)
	return v, full, err
}

// body goes from the envelope's start to the first element in the Body.
func (v *version) body(s *codec.XMLScanner, header func() error) (full bool, err error) {
	headers := 0
	for {
		ok, err := start(s)
		if err != nil || !ok {
			return false, cmp.Or(err, errBody)
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
	ok, err := xsd.Child(s)
	var text *schema.Violation
	if errors.As(err, &text) {
		err = errEnvelope
	}
	return ok, err
}

// finish reads the ends of Body and Envelope; open: the Body is still open.
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

func itoa(i int) string {
	if i < 10 {
		return string(rune('0' + i))
	}
	return itoa(i/10) + string(rune('0'+i%10))
}
