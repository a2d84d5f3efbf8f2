package funcs

import (
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
)

var documents = []*Function{
	{
		Name: "signedContent", Group: "codes", Doc: "The document inside a .p7m (CAdES: CMS SignedData of RFC 5652, BER or DER, also in " +
			"base64); of what is none, the octets themselves. The signature is not checked.", Example: `signedContent(bytes("YWJj"))`,
		Result: `"YWJj"`, Params: []Param{of("x", schema.KindBytes)}, Gives: schema.TypeBytes,
		Run: func(w World, a []schema.Value) (schema.Value, error) {
			b := schema.Octets(a[0])
			if err := w.Meter.Spend(len(b) / 64); err != nil {
				return schema.Value{}, err
			}
			if err := w.Meter.Take(len(b)); err != nil {
				return schema.Value{}, err
			}
			return schema.Bytes(signedContent(b)), nil
		},
		Charges: true,
	},
	{
		Name: "xmlText", Group: "codes", Doc: "The text of the first element of an XML document at a path of names below its root, without " +
			"prefixes; nil where there is none, or no XML.", Example: `xmlText(bytes(base64("<a><b><c>7</c></b></a>")), "b/c")`, Result: `"7"`,
		Params: []Param{of("x", schema.KindText, schema.KindBytes), hides(text("path"))}, Gives: schema.TypeText.OrNull(),
		Run: func(w World, a []schema.Value) (schema.Value, error) {
			b := bytesOf(a[0])
			if err := w.Meter.Spend(len(b) / 8); err != nil {
				return schema.Value{}, err
			}
			found, ok := xmlText(b, strings.Split(a[1].Str(), "/"))
			if !ok {
				return schema.Null, nil
			}
			return schema.Text(found), w.Meter.Take(len(found)) // the document itself is not kept
		},
		Charges: true,
	},
}

// xmlText returns the text of the first element at a path below the root, and reports whether there is one.
func xmlText(document []byte, path []string) (string, bool) {
	s := codec.NewXMLScanner(document, codec.XMLOptions{})
	var text strings.Builder
	depth, fits, inside := 0, 0, false // fits: how many elements of the path are open
	for {
		kind, err := s.Next()
		if err != nil {
			return "", false
		}
		switch kind {
		case codec.XMLStart:
			if _, local := s.Name(); depth > 0 && fits == depth-1 && fits < len(path) && local == path[fits] {
				fits++
				inside = fits == len(path)
			}
			depth++
		case codec.XMLText:
			if inside && depth == len(path)+1 {
				text.WriteString(s.Text())
			}
		case codec.XMLEnd:
			depth--
			if inside && depth == len(path) {
				return text.String(), true
			}
			fits = min(fits, max(depth-1, 0))
		case codec.XMLEOF:
			return "", false
		}
	}
}

// oidSignedData is id-signedData (RFC 5652 §5.1), the content of its encoding.
var oidSignedData = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}

// signedContent returns the eContent of a CMS SignedData, and b itself where it is none. A document that was signed
// several times, one signature around the other, is opened down to what was signed first.
func signedContent(b []byte) []byte {
	for range 8 {
		inner, err := openSigned(b)
		if err != nil {
			return b
		}
		b = inner
	}
	return b
}

var errNotSigned = errors.New("not a CMS SignedData with its content")

func openSigned(b []byte) ([]byte, error) {
	if len(b) > 0 && b[0] == 'M' { // 0x30 of a sequence, in base64
		decoded, err := base64.StdEncoding.DecodeString(strings.NewReplacer("\r", "", "\n", "").Replace(string(b)))
		if err != nil {
			return nil, errNotSigned
		}
		b = decoded
	}
	info, _, ok := readBER(b)
	if !ok || !info.is(asn1.ClassUniversal, asn1.TagSequence) {
		return nil, errNotSigned
	}
	kind, rest, ok := readBER(info.content)
	if !ok || !kind.is(asn1.ClassUniversal, asn1.TagOID) || string(kind.content) != string(oidSignedData) {
		return nil, errNotSigned
	}
	data := []byte(nil)
	for _, want := range []struct{ class, tag int }{{asn1.ClassContextSpecific, 0}, {asn1.ClassUniversal, asn1.TagSequence}} {
		if data != nil {
			rest = data
		}
		e, _, ok := readBER(rest)
		if !ok || !e.is(want.class, want.tag) {
			return nil, errNotSigned
		}
		data = e.content
	}
	rest = data
	for _, want := range []int{asn1.TagInteger, asn1.TagSet} { // version, digestAlgorithms
		e, after, ok := readBER(rest)
		if !ok || !e.is(asn1.ClassUniversal, want) {
			return nil, errNotSigned
		}
		rest = after
	}
	encap, _, ok := readBER(rest)
	if !ok || !encap.is(asn1.ClassUniversal, asn1.TagSequence) {
		return nil, errNotSigned
	}
	_, rest, ok = readBER(encap.content) // eContentType
	if !ok {
		return nil, errNotSigned
	}
	explicit, _, ok := readBER(rest)
	if !ok || !explicit.is(asn1.ClassContextSpecific, 0) {
		return nil, errNotSigned // a detached signature
	}
	octets, _, ok := readBER(explicit.content)
	if !ok || !octets.is(asn1.ClassUniversal, asn1.TagOctetString) {
		return nil, errNotSigned
	}
	return octets.octets(nil, 0)
}

// ber is an element of the Basic Encoding Rules (X.690).
type ber struct {
	class, tag  int
	constructed bool
	content     []byte
}

func (e ber) is(class, tag int) bool { return e.class == class && e.tag == tag }

// octets appends the content of an octet string, whose pieces may be octet strings again (X.690 §8.7.3).
func (e ber) octets(to []byte, depth int) ([]byte, error) {
	if !e.constructed {
		return append(to, e.content...), nil
	}
	if depth == 8 {
		return nil, errNotSigned
	}
	for rest := e.content; len(rest) > 0; {
		piece, after, ok := readBER(rest)
		if !ok || !piece.is(asn1.ClassUniversal, asn1.TagOctetString) {
			return nil, errNotSigned
		}
		var err error
		if to, err = piece.octets(to, depth+1); err != nil {
			return nil, err
		}
		rest = after
	}
	return to, nil
}

// readBER reads the first element of b and returns what follows it. Tags above 30 do not occur in a SignedData before its
// content, and are refused.
func readBER(b []byte) (e ber, rest []byte, ok bool) { return readBERAt(b, 0) }

func readBERAt(b []byte, depth int) (e ber, rest []byte, ok bool) {
	if len(b) < 2 || b[0]&0x1f == 0x1f || depth > 16 {
		return ber{}, nil, false
	}
	e = ber{class: int(b[0] >> 6), tag: int(b[0] & 0x1f), constructed: b[0]&0x20 != 0}
	length, b := int(b[1]), b[2:]
	switch {
	case length < 0x80:
	case length == 0x80: // indefinite: up to the end-of-contents octets
		if !e.constructed {
			return ber{}, nil, false
		}
		for rest = b; ; {
			if len(rest) < 2 {
				return ber{}, nil, false
			}
			if rest[0] == 0 && rest[1] == 0 {
				e.content = b[:len(b)-len(rest)]
				return e, rest[2:], true
			}
			if _, rest, ok = readBERAt(rest, depth+1); !ok {
				return ber{}, nil, false
			}
		}
	default:
		n := length & 0x7f
		if n > 4 || n > len(b) {
			return ber{}, nil, false
		}
		length = 0
		for _, c := range b[:n] {
			length = length<<8 | int(c)
		}
		b = b[n:]
	}
	if length > len(b) {
		return ber{}, nil, false
	}
	e.content = b[:length]
	return e, b[length:], true
}
