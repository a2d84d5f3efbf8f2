package codec

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"
)

// XMLUTF8 returns an XML document in UTF-8 that came under the label of a charset, "" for none: data itself where it is UTF-8
// and says nothing else. What decides is the byte order mark, else the label, else the declaration of the document (of UTF-16
// without a mark, the zeros of its first character), else it is UTF-8 (RFC 7303 §3.2). A declaration that says another encoding is
// overridden, blanked out, and reported. The error reports a mark that contradicts the label, of an encoding that is not
// supported, and of octets that are not of the encoding; that of octets that are not UTF-8 is left to the scanner.
func XMLUTF8(data []byte, label string) (text []byte, overridden bool, err error) {
	label = charsetLabel(label)
	encoding := label
	switch mark := markOf(data); {
	case mark == "":
		if wide := wideOf(data); wide != "" && (encoding == "" || encoding == "utf-16") {
			encoding = wide
		}
	case label != "" && label != mark && !(label == "utf-16" && mark != "utf-8"):
		return nil, false, fmt.Errorf("a byte order mark of %s under the charset %s", mark, shown(label))
	default:
		encoding = mark
	}
	if encoding == "" {
		encoding = cmp.Or(charsetLabel(declaredOf(data)), "utf-8")
	}
	text = data
	converted := encoding != "utf-8"
	if converted {
		if text, err = UTF8(data, encoding); err != nil {
			return nil, false, err
		}
	}
	declared := charsetLabel(declaredOf(text))
	overridden = declared != "" && !sameCharset(declared, encoding)
	if declared != "" && (converted || overridden) {
		text = undeclared(text, converted)
	}
	return text, overridden, nil
}

// MendedXML returns an XML document in UTF-8 that is not as it should be and whose meaning is plain all the same: with blanks before its
// declaration, and with octets that are not of the encoding that it says, which are read as Mended reads them. False if data is as it
// should be, or cannot be read so either.
func MendedXML(data []byte, label string) (text []byte, mended bool) {
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) < len(data) && bytes.HasPrefix(trimmed, []byte("<?xml")) {
		data, mended = trimmed, true
	}
	text, _, err := XMLUTF8(data, label)
	if err == nil && utf8.Valid(text) {
		return text, mended
	}
	if err == nil {
		label = "utf-8"
	}
	if text, ok := Mended(data, cmp.Or(label, declaredOf(data))); ok {
		if declared := declaredOf(text); declared != "" && charsetLabel(declared) != "utf-8" {
			text = undeclared(text, false)
		}
		return text, true
	}
	return data, mended
}

// charsetLabel returns a label as charsets has it.
func charsetLabel(label string) string {
	label = strings.ReplaceAll(strings.ToLower(strings.Trim(label, ` "'`)), "_", "-")
	switch {
	case label == "utf8":
		return "utf-8"
	case strings.HasPrefix(label, "iso8859-"):
		return "iso-" + label[3:]
	}
	return label
}

// sameCharset reports whether a declaration says the encoding that the document has. Both are labels of charsetLabel.
func sameCharset(declared, encoding string) bool {
	if declared == encoding || declared == "utf-16" && strings.HasPrefix(encoding, "utf-16") {
		return true
	}
	a, b := charsets[declared], charsets[encoding]
	return a != nil && a == b || declared == "us-ascii" && encoding == "utf-8"
}

// markOf returns the charset that the byte order mark names, "" without one.
func markOf(data []byte) string {
	for _, m := range marks {
		if bytes.HasPrefix(data, []byte(m.octets)) {
			return m.charset
		}
	}
	return ""
}

// wideOf returns the charset of a document in UTF-16 that has no mark, "" for any other (XML 1.0, appendix F).
func wideOf(data []byte) string {
	switch {
	case len(data) < 4:
	case data[0] == '<' && data[1] == 0 && data[2] != 0 && data[3] == 0:
		return "utf-16le"
	case data[0] == 0 && data[1] == '<' && data[2] == 0 && data[3] != 0:
		return "utf-16be"
	}
	return ""
}

// longestDeclaration is how far a declaration is looked for.
const longestDeclaration = 1 << 10

// declaredOf returns the encoding that a document's declaration says, "" if it says none or is none.
func declaredOf(data []byte) string {
	s := &XMLScanner{data: data[:min(len(data), longestDeclaration)]}
	if s.starts("\xef\xbb\xbf") {
		s.pos = 3
	}
	encoding := s.declaration()
	if s.err != nil {
		return ""
	}
	return encoding
}

// undeclared returns a document with blanks in the place of its declaration, which belongs to the caller if own.
func undeclared(text []byte, own bool) []byte {
	end := bytes.Index(text, []byte("?>"))
	if end < 0 {
		return text
	}
	if !own {
		text = bytes.Clone(text)
	}
	start := bytes.IndexByte(text, '<')
	for i := start; i < end+2; i++ {
		if text[i] != '\n' {
			text[i] = ' '
		}
	}
	return text
}
