package codec

import "unicode/utf8"

// AppendXMLText appends s as character data: & < > are escaped, and \r, which a reader would take for a line end. The
// characters must be XML's own (XMLTextOK).
func AppendXMLText(dst []byte, s string) []byte { return appendXML(dst, s, &xmlTextEscapes) }

// AppendXMLAttr appends s as an attribute's value, to be put in double quotes: what AppendXMLText escapes, and the
// quotes, tabs and line ends that a reader would not give back. The characters must be XML's own (XMLTextOK).
func AppendXMLAttr(dst []byte, s string) []byte { return appendXML(dst, s, &xmlAttrEscapes) }

// XMLTextOK reports whether XML has every character of s: valid UTF-8 without NUL and other controls, U+FFFE and U+FFFF.
// There is no way to write the others, not even escaped.
func XMLTextOK(s string) bool {
	for i := 0; i < len(s); {
		if c := s[i]; c >= 0x20 && c < 0x80 {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n <= 1 || !legalXML(r) {
			return false
		}
		i += n
	}
	return true
}

var (
	xmlTextEscapes = [64]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '\r': "&#13;"}
	xmlAttrEscapes = [64]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '\r': "&#13;", '"': "&#34;", '\t': "&#9;", '\n': "&#10;"}
)

func appendXML(dst []byte, s string, escapes *[64]string) []byte {
	plain := 0
	for i := range len(s) {
		if c := s[i]; c < 64 && escapes[c] != "" {
			dst = append(dst, s[plain:i]...)
			dst = append(dst, escapes[c]...)
			plain = i + 1
		}
	}
	return append(dst, s[plain:]...)
}
