package codec

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// charsets are the encodings of text that are read and written beside UTF-8 and US-ASCII, by the labels that IANA registers for them.
var charsets = map[string]encoding.Encoding{
	"iso-8859-1": charmap.ISO8859_1, "iso8859-1": charmap.ISO8859_1, "latin1": charmap.ISO8859_1, "l1": charmap.ISO8859_1,
	"iso-8859-2": charmap.ISO8859_2, "latin2": charmap.ISO8859_2, "iso-8859-3": charmap.ISO8859_3, "iso-8859-4": charmap.ISO8859_4,
	"iso-8859-5": charmap.ISO8859_5, "iso-8859-6": charmap.ISO8859_6, "iso-8859-7": charmap.ISO8859_7, "iso-8859-8": charmap.ISO8859_8,
	"iso-8859-9": charmap.ISO8859_9, "latin5": charmap.ISO8859_9, "iso-8859-10": charmap.ISO8859_10, "iso-8859-13": charmap.ISO8859_13,
	"iso-8859-14": charmap.ISO8859_14, "iso-8859-15": charmap.ISO8859_15, "latin-9": charmap.ISO8859_15, "iso-8859-16": charmap.ISO8859_16,
	"windows-1250": charmap.Windows1250, "windows-1251": charmap.Windows1251, "windows-1252": charmap.Windows1252,
	"windows-1253": charmap.Windows1253, "windows-1254": charmap.Windows1254, "windows-1255": charmap.Windows1255,
	"windows-1256": charmap.Windows1256, "windows-1257": charmap.Windows1257, "windows-1258": charmap.Windows1258,
	"cp1252": charmap.Windows1252, "ibm437": charmap.CodePage437, "ibm850": charmap.CodePage850, "koi8-r": charmap.KOI8R,
	"utf-16":   unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), // RFC 2781 §4.3: without a mark it is big-endian
	"utf-16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
}

// marks are the byte order marks, with the charset that each stands for.
var marks = []struct{ octets, charset string }{
	{"\xef\xbb\xbf", "utf-8"}, {"\xfe\xff", "utf-16be"}, {"\xff\xfe", "utf-16le"},
}

var errEncoding = errors.New("octets that are not of the encoding it says")

// UTF8 returns text in UTF-8 that came under the label of a charset, "" for none: data itself where it is UTF-8 already,
// without its byte order mark. A mark decides where no label does; the two may not contradict each other. The errors
// quote nothing of the text.
func UTF8(data []byte, label string) ([]byte, error) {
	label = charsetLabel(label)
	for _, m := range marks {
		if !bytes.HasPrefix(data, []byte(m.octets)) {
			continue
		}
		if label != "" && label != m.charset && !(label == "utf-16" && m.charset != "utf-8") {
			return nil, fmt.Errorf("a byte order mark of %s under the charset %s", m.charset, label)
		}
		data, label = data[len(m.octets):], m.charset
		break
	}
	switch label {
	case "", "utf-8":
		if !utf8.Valid(data) {
			return nil, errEncoding
		}
		return data, nil
	case "us-ascii", "ascii":
		for _, c := range data {
			if c >= utf8.RuneSelf {
				return nil, errEncoding
			}
		}
		return data, nil
	}
	known := charsets[label]
	if known == nil {
		return nil, fmt.Errorf("the charset %s is not supported", shown(label))
	}
	if strings.HasPrefix(label, "utf-16") && len(data)%2 != 0 {
		return nil, errEncoding
	}
	text, err := known.NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return nil, errEncoding
	}
	return text, nil
}

// Mended returns text in UTF-8 that is not of the encoding it says, or that says one which is not supported: as
// windows-1252, which most of such texts are (WHATWG Encoding, its default). False if data is UTF-8 or UTF-16 by what it
// says or by its mark: those are not of a code page.
func Mended(data []byte, label string) ([]byte, bool) {
	if _, err := UTF8(data, label); err == nil || len(data) == 0 {
		return nil, false
	}
	if utf8.Valid(data) { // it is of no other encoding, whatever the label says
		return bytes.TrimPrefix(data, []byte(marks[0].octets)), true
	}
	if strings.HasPrefix(strings.ToLower(strings.Trim(label, ` "'`)), "utf-16") || bytes.IndexByte(data, 0) >= 0 {
		return nil, false
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(data)
	return text, err == nil
}

// shown returns a label as far as a message may show it.
func shown(label string) string {
	for i := range len(label) {
		if c := label[i]; i >= 40 || c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return "that it says"
		}
	}
	return label
}
