package message

import (
	"encoding/base64"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"fondaco/transform/codec"
)

// encodedWord is RFC 2047's, as it is really written.
var encodedWord = regexp.MustCompile(`=\?([^?\s]{1,40})\?([bBqQ])\?([^?\s]*)\?=`)

// words decodes the encoded words of a field. Neighbours of one charset are decoded together, as some programs cut within a character.
func words(value string) string {
	var b strings.Builder
	var pending []byte
	var charset string
	flush := func() {
		b.WriteString(text(pending, charset))
		pending, charset = nil, ""
	}
	last := 0
	for _, m := range encodedWord.FindAllStringSubmatchIndex(value, -1) {
		between := value[last:m[0]]
		label, _, _ := strings.Cut(strings.ToLower(value[m[2]:m[3]]), "*") // RFC 2231 §5: a language
		if charset == "" || strings.TrimSpace(between) != "" || label != charset {
			flush()
			if last == 0 || strings.TrimSpace(between) != "" {
				b.WriteString(text([]byte(between), ""))
			}
		}
		charset = label
		pending = append(pending, word(value[m[4]:m[5]], value[m[6]:m[7]])...)
		last = m[1]
	}
	flush()
	b.WriteString(text([]byte(value[last:]), ""))
	return line(b.String())
}

// word decodes the octets of a word.
func word(encoding, s string) []byte {
	if strings.EqualFold(encoding, "b") {
		return unbase64([]byte(s))
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			out = append(out, ' ')
		case s[i] == '=' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			out = append(out, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return out
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// unbase64 decodes base64, past whatever else stands in it, as far as it goes.
func unbase64(s []byte) []byte {
	clean := make([]byte, 0, len(s))
	for _, c := range s {
		if c == '=' {
			break
		}
		if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' {
			clean = append(clean, c)
		}
	}
	if len(clean)%4 == 1 { // half of an octet
		clean = clean[:len(clean)-1]
	}
	out, _ := base64.RawStdEncoding.DecodeString(string(clean))
	return out
}

// text returns octets of a charset as text: what is not of the charset that it says is read as windows-1252, which most of it is. It holds
// no NUL, which no text of ours may hold.
func text(octets []byte, charset string) string {
	got, err := codec.UTF8(octets, charset)
	if err != nil {
		var ok bool
		if got, ok = codec.Mended(octets, charset); !ok {
			got = octets
		}
	}
	s := string(got)
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	return strings.ReplaceAll(s, "\x00", "")
}

// line returns text as one line without control characters.
func line(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s))
}
