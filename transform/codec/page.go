package codec

import (
	"golang.org/x/text/encoding/charmap"
)

// pages are charsets of one octet a character that files of records have and messages have not.
var pages = map[string]*charmap.Charmap{
	"cp850": charmap.CodePage850, "cp858": charmap.CodePage858, "cp437": charmap.CodePage437, "cp037": charmap.CodePage037,
	"cp1252": charmap.Windows1252,
}

// Page returns the character of each octet of a charset that has one octet a character, utf8.RuneError where it has none. False if
// there is no such charset: UTF-8 and UTF-16 are none.
func Page(label string) (page [256]rune, ok bool) {
	m := pages[label]
	if m == nil {
		if m, _ = charsets[label].(*charmap.Charmap); m == nil {
			return page, false
		}
	}
	for i := range page {
		page[i] = m.DecodeByte(byte(i))
	}
	return page, true
}
