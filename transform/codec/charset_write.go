package codec

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	codes "unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Charset is an encoding of text that bodies are written in. A nil one is UTF-8. Safe for concurrent use.
type Charset struct {
	// Name is its label, as it was given.
	Name string

	page      *charmap.Charmap // of one octet a character
	wide      bool             // UTF-16, big-endian unless little
	little    bool
	markFirst bool
}

// UnknownCharset is the error of a label that no supported charset has.
type UnknownCharset struct{ Label string }

func (e *UnknownCharset) Error() string {
	return fmt.Sprintf("the charset %s is not supported", shown(strings.ToLower(e.Label)))
}

// CharsetOf returns the charset of a label, nil for UTF-8 and for no label. The error is an UnknownCharset.
func CharsetOf(label string) (*Charset, error) {
	c := &Charset{Name: label}
	switch known := charsetLabel(label); known {
	case "", "utf-8":
		return nil, nil //nolint:nilnil // nil is UTF-8
	case "us-ascii", "ascii":
	case "utf-16", "utf-16be", "utf-16le": // one that does not say its order has a mark (RFC 2781 §3.3)
		c.wide, c.little, c.markFirst = true, known == "utf-16le", known == "utf-16"
	default:
		if c.page, _ = charsets[known].(*charmap.Charmap); c.page == nil {
			return nil, &UnknownCharset{label}
		}
	}
	return c, nil
}

// Charsets lists the labels of the charsets that are read and written.
func Charsets() []string {
	return slices.Sorted(maps.Keys(charsets))
}

// Narrow reports whether the charset writes ASCII as it is, as all but UTF-16 do.
func (c *Charset) Narrow() bool { return c == nil || !c.wide }

// Has reports whether the charset has all characters of a text.
func (c *Charset) Has(text string) bool {
	if c == nil || c.wide {
		return true
	}
	for _, r := range text {
		if _, ok := c.octet(r); !ok {
			return false
		}
	}
	return true
}

// Characters returns the character of each octet, utf8.RuneError where it has none. False if c has not one octet a character.
func (c *Charset) Characters() (page [256]rune, ok bool) {
	if c == nil || c.page == nil {
		return page, false
	}
	for i := range page {
		page[i] = c.page.DecodeByte(byte(i))
	}
	return page, true
}

// octet returns the octet of a character in a charset that has one for each.
func (c *Charset) octet(r rune) (byte, bool) {
	switch {
	case r < utf8.RuneSelf && c.page == nil:
		return byte(r), true
	case c.page == nil:
		return 0, false
	}
	return c.page.EncodeRune(r)
}

// Append appends text, which is UTF-8, in the charset. A character that the charset does not have is written as escape has it;
// without an escape the caller has looked by Has.
func (c *Charset) Append(dst, text []byte, escape func(dst []byte, r rune) []byte) []byte {
	if c == nil {
		return append(dst, text...)
	}
	if c.markFirst {
		dst = append(dst, marks[1].octets...)
	}
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		if c.wide {
			dst = c.appendWide(dst, r)
			continue
		}
		if b, ok := c.octet(r); ok {
			dst = append(dst, b)
		} else if escape != nil {
			dst = escape(dst, r)
		}
	}
	return dst
}

func (c *Charset) appendWide(dst []byte, r rune) []byte {
	for _, unit := range codes.AppendRune(nil, r) {
		if c.little {
			dst = append(dst, byte(unit), byte(unit>>8))
		} else {
			dst = append(dst, byte(unit>>8), byte(unit))
		}
	}
	return dst
}

// EscapeJSON appends a character of a text in JSON by its number (RFC 8259 §7).
func EscapeJSON(dst []byte, r rune) []byte {
	for _, unit := range codes.AppendRune(nil, r) {
		dst = fmt.Appendf(dst, `\u%04x`, unit)
	}
	return dst
}

// EscapeXML appends a character of a text in XML by its number (XML 1.0 §4.1).
func EscapeXML(dst []byte, r rune) []byte {
	return append(strconv.AppendInt(append(dst, "&#"...), int64(r), 10), ';')
}
