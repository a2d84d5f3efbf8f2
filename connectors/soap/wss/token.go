package wss

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // a thumbprint only selects one of the known certificates
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"strings"

	"fondaco/transform/codec"
)

// Reference is how a signature names its certificate (X.509 Certificate Token Profile 1.1.1, section 3.2). With all but
// the first two the receiver must have the certificate already.
type Reference uint8

// The forms of reference. ModI allows any (ID_AUTH_SOAP_01, step 4).
const (
	BinarySecurityToken Reference = iota // the certificate in the header, and a reference to it
	Embedded                             // the certificate in a wsse:KeyIdentifier of type X509v3
	SubjectKeyID                         // its subject key identifier
	ThumbprintSHA1                       // the SHA-1 of the certificate
	IssuerSerial                         // its issuer's name and its serial number
)

// appendToken appends the BinarySecurityToken.
func appendToken(dst []byte, c *x509.Certificate, id string) []byte {
	dst = append(dst, `<wsse:BinarySecurityToken xmlns:wsse="`+wsseSpace+`" xmlns:wsu="`+wsuSpace+`" EncodingType="`+base64Type+
		`" ValueType="`+x509Profile+`X509v3" wsu:Id="`+id+`">`...)
	return append(base64.StdEncoding.AppendEncode(dst, c.Raw), "</wsse:BinarySecurityToken>"...)
}

// appendTo appends the ds:KeyInfo that refers to the certificate; id is the token's.
func (r Reference) appendTo(dst []byte, c *x509.Certificate, id string) ([]byte, error) {
	identifier := func(kind string, value []byte) {
		dst = append(dst, `<wsse:KeyIdentifier EncodingType="`+base64Type+`" ValueType="`+kind+`">`...)
		dst = append(base64.StdEncoding.AppendEncode(dst, value), "</wsse:KeyIdentifier>"...)
	}
	dst = append(dst, "<ds:KeyInfo><wsse:SecurityTokenReference>"...)
	switch r {
	case BinarySecurityToken:
		dst = append(dst, `<wsse:Reference URI="#`+id+`" ValueType="`+x509Profile+`X509v3"/>`...)
	case Embedded:
		identifier(x509Profile+"X509v3", c.Raw)
	case SubjectKeyID:
		if len(c.SubjectKeyId) == 0 {
			return nil, refuse(KeyUnfit, "subject key identifier")
		}
		identifier(x509Profile+"X509SubjectKeyIdentifier", c.SubjectKeyId)
	case ThumbprintSHA1:
		hash := sha1.Sum(c.Raw) //nolint:gosec // as above
		identifier(thumbprint, hash[:])
	case IssuerSerial:
		issuer := c.Issuer.String()
		if !codec.XMLTextOK(issuer) {
			return nil, refuse(KeyUnfit, "issuer")
		}
		dst = append(dst, "<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>"...)
		dst = codec.AppendXMLText(dst, issuer)
		dst = append(dst, "</ds:X509IssuerName><ds:X509SerialNumber>"...)
		dst = append(dst, c.SerialNumber.String()...)
		dst = append(dst, "</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>"...)
	default:
		return nil, refuse(KeyUnfit, "reference")
	}
	return append(dst, "</wsse:SecurityTokenReference></ds:KeyInfo>"...), nil
}

// certificate reads the certificate that ds:KeyInfo names, or finds it among the known ones. That it is trusted is
// still to be seen.
func (e *envelope) certificate(info *node, known []*x509.Certificate) (*x509.Certificate, error) {
	bad := refuse(TokenForm, "")
	told, only := info.elements()
	if len(told) != 1 || !only {
		return nil, bad
	}
	if told[0].is(wsseSpace, "SecurityTokenReference") {
		if told, only = told[0].elements(); len(told) != 1 || !only {
			return nil, bad
		}
	}
	switch t := told[0]; {
	case t.is(wsseSpace, "Reference"):
		uri, _ := t.value("", "URI")
		id, local := strings.CutPrefix(uri, "#")
		token := e.parts[Token]
		if token == nil || !local || id == "" || token.id() != id || !x509Type(t, true) || !x509Type(token, false) || !base64Encoded(token) {
			return nil, bad
		}
		return decoded(token)
	case t.is(wsseSpace, "KeyIdentifier"):
		return identified(t, known)
	case t.is(dsSpace, "X509Data"):
		return x509Data(t, known)
	}
	return nil, bad
}

// identified returns the certificate of a wsse:KeyIdentifier.
func identified(t *node, known []*x509.Certificate) (*x509.Certificate, error) {
	kind, _ := t.value("", "ValueType")
	switch kind {
	case x509Profile + "X509v3":
		return decoded(t)
	case x509Profile + "X509SubjectKeyIdentifier", thumbprint:
		want, err := unbase64(t)
		if err != nil || len(want) == 0 || !base64Encoded(t) {
			return nil, refuse(TokenForm, "")
		}
		return find(known, func(c *x509.Certificate) bool {
			if kind != thumbprint {
				return bytes.Equal(c.SubjectKeyId, want)
			}
			hash := sha1.Sum(c.Raw) //nolint:gosec // as above
			return bytes.Equal(hash[:], want)
		})
	}
	return nil, refuse(TokenForm, "")
}

// x509Data returns the certificate of a ds:X509Data: the one in it, or the one whose issuer and number it has.
func x509Data(t *node, known []*x509.Certificate) (*x509.Certificate, error) {
	bad := refuse(TokenForm, "")
	data, only := t.elements()
	if len(data) != 1 || !only {
		return nil, bad
	}
	if data[0].is(dsSpace, "X509Certificate") {
		return decoded(data[0])
	}
	if !data[0].is(dsSpace, "X509IssuerSerial") {
		return nil, bad
	}
	issuer, _ := data[0].child(dsSpace, "X509IssuerName")
	serial, _ := data[0].child(dsSpace, "X509SerialNumber")
	if issuer == nil || serial == nil {
		return nil, bad
	}
	name, _ := issuer.content()
	text, _ := serial.content()
	number, ok := new(big.Int).SetString(text, 10)
	if !ok || len(text) > 100 {
		return nil, bad
	}
	return find(known, func(c *x509.Certificate) bool {
		return c.SerialNumber.Cmp(number) == 0 && SameName(name, c.Issuer.String())
	})
}

// find returns the one known certificate that is meant.
func find(known []*x509.Certificate, meant func(*x509.Certificate) bool) (*x509.Certificate, error) {
	var found *x509.Certificate
	for _, c := range known {
		if meant(c) && (found == nil || !bytes.Equal(found.Raw, c.Raw)) {
			if found != nil {
				return nil, refuse(TokenUnknown, "")
			}
			found = c
		}
	}
	if found == nil {
		return nil, refuse(TokenUnknown, "")
	}
	return found, nil
}

// x509Type reports whether the type told is a single certificate; a reference may leave it out.
func x509Type(n *node, optional bool) bool {
	kind, told := n.value("", "ValueType")
	return kind == x509Profile+"X509v3" || optional && !told
}

// base64Encoded reports whether the encoding told is the usual one, which may be left out.
func base64Encoded(n *node) bool {
	kind, told := n.value("", "EncodingType")
	return kind == base64Type || !told
}

func decoded(n *node) (*x509.Certificate, error) {
	raw, err := unbase64(n)
	if err != nil {
		return nil, refuse(TokenForm, "")
	}
	c, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, refuse(TokenForm, "")
	}
	return c, nil
}

// unbase64 reads a value that may be broken into lines.
func unbase64(n *node) ([]byte, error) {
	text, ok := n.content()
	if !ok {
		return nil, refuse(SignatureForm, "")
	}
	if strings.ContainsAny(text, " \t\r\n") {
		text = strings.Join(strings.Fields(text), "")
	}
	return base64.StdEncoding.DecodeString(text)
}

// SameName compares names of RFC 4514 as senders write them: with or without spaces after commas, with or without
// spaces around =, the types' names in either case.
func SameName(a, b string) bool { return tidyName(a) == tidyName(b) }

func tidyName(name string) string {
	var out strings.Builder
	key := true
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '\\' && i+1 < len(name):
			out.WriteString(name[i : i+2])
			i++
		case c == ',' || c == '+':
			out.WriteByte(c)
			key = true
		case c == '=':
			out.WriteByte(c)
			key = false
		case key && c == ' ':
		case key && c >= 'a' && c <= 'z':
			out.WriteByte(c - 'a' + 'A')
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
