package records

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// utf8Name is the charset that holds where none is said.
const utf8Name = "utf-8"

// asciiNames are the charsets whose first 128 octets are those of ASCII; allNames are all.
var (
	asciiNames = []string{utf8Name, "windows-1252", "iso-8859-1", "iso-8859-15", "cp850", "cp858", "cp437"}
	allNames   = append(append([]string{}, asciiNames...), "ebcdic-037", "ebcdic-500", "ebcdic-280", "ebcdic-1144")
)

// charset converts the octets of a field to text and back.
type charset struct {
	name   string
	page   *[256]rune // nil of UTF-8
	octets map[rune]byte
	ebcdic bool
	plain  [256]byte // the ASCII character of an octet, 0xFF if it has none
}

func newCharset(name string) *charset {
	c := &charset{name: name}
	if page, ok := pageOf(name); ok {
		c.page, c.octets = page, make(map[rune]byte, 256)
		for i := 255; i >= 0; i-- {
			c.octets[page[i]] = byte(i)
		}
		delete(c.octets, utf8.RuneError)
		delete(c.octets, 0)
		c.ebcdic = page['0'] != '0'
	}
	for i := range c.plain {
		switch {
		case c.page != nil && c.page[i] < utf8.RuneSelf:
			c.plain[i] = byte(c.page[i])
		case c.page == nil && i < utf8.RuneSelf:
			c.plain[i] = byte(i)
		default:
			c.plain[i] = 0xFF
		}
	}
	return c
}

// octet returns the octet of an ASCII character.
func (c *charset) octet(ascii byte) byte {
	if !c.ebcdic {
		return ascii
	}
	return c.octets[rune(ascii)]
}

// text returns the text of octets: the octets themselves where they are the text already, and otherwise made in room. ok is false if
// some of them are not characters of the charset, or are NUL.
func (c *charset) text(raw []byte, room *room) (text []byte, ok bool) {
	switch plain, ascii := plainText(raw); {
	case !plain:
		return nil, false
	case ascii && !c.ebcdic:
		return raw, true
	case c.page == nil:
		return raw, utf8.Valid(raw)
	}
	out := room.open(len(raw) * utf8.UTFMax)
	for _, b := range raw {
		r := c.page[b]
		if r == utf8.RuneError || r == 0 {
			return nil, false
		}
		out = utf8.AppendRune(out, r)
	}
	return room.keep(out), true
}

// plainText reports whether octets hold no NUL, and whether all of them are ASCII. Eight are looked at together.
func plainText(raw []byte) (plain, ascii bool) {
	const high, ones = 0x8080808080808080, 0x0101010101010101
	all := uint64(0)
	for len(raw) >= 8 {
		x := binary.LittleEndian.Uint64(raw)
		if (x-ones)&^x&high != 0 {
			return false, false
		}
		all |= x
		raw = raw[8:]
	}
	for _, b := range raw {
		if b == 0 {
			return false, false
		}
		all |= uint64(b)
	}
	return true, all&high == 0
}

// append writes text in the charset. ok is false if it holds a character that the charset lacks, or NUL.
func (c *charset) append(dst []byte, text string) (out []byte, ok bool) {
	if c.page == nil {
		return append(dst, text...), utf8.ValidString(text) && strings.IndexByte(text, 0) < 0
	}
	for _, r := range text {
		b, known := c.octets[r]
		if !known {
			return dst, false
		}
		dst = append(dst, b)
	}
	return dst, true
}

// room is where texts are made that do not stand in the file as they are. Its blocks belong to the values made from them.
type room struct{ free []byte }

const roomSize = 16 << 10

// open returns an empty slice with space for n octets; keep says how many of them were used.
func (r *room) open(n int) []byte {
	if n > len(r.free) {
		r.free = make([]byte, max(roomSize, n))
	}
	return r.free[:0:n]
}

func (r *room) keep(used []byte) []byte {
	r.free = r.free[len(used):]
	return used[:len(used):len(used)]
}
