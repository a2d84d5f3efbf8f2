package codec

import (
	"strings"
	"testing"
)

// utf16 returns a text of ASCII in UTF-16.
func utf16(s string, little bool) string {
	var b []byte
	for i := range len(s) {
		if little {
			b = append(b, s[i], 0)
		} else {
			b = append(b, 0, s[i])
		}
	}
	return string(b)
}

func TestXMLUTF8(t *testing.T) {
	declared := func(encoding string) string { return `<?xml version="1.0" encoding="` + encoding + `"?>` }
	const blank = "" // stands for a declaration that was blanked out
	for _, c := range []struct {
		name, data, label, want string
		overridden              bool
	}{
		{"nothing said", "<a>è</a>", "", "<a>è</a>", false},
		{"declared UTF-8", declared("utf-8") + "<a>è</a>", "", declared("utf-8") + "<a>è</a>", false},
		{"declared and labelled", declared("UTF-8") + "<a>è</a>", "utf-8", declared("UTF-8") + "<a>è</a>", false},
		{"declared Latin-1", declared("ISO-8859-1") + "<a>\xe8</a>", "", blank + "<a>è</a>", false},
		{"declared ISO-8859-15", declared("ISO-8859-15") + "<a>\xa4</a>", "", blank + "<a>€</a>", false},
		{"declared windows-1252", declared("windows-1252") + "<a>\x80</a>", "", blank + "<a>€</a>", false},
		{"labelled windows-1250", "<a>\xe8</a>", "windows-1250", "<a>č</a>", false},
		{"the label overrides", declared("ISO-8859-1") + "<a>è</a>", "utf-8", blank + "<a>è</a>", true},
		{"the label overrides UTF-8", declared("UTF-8") + "<a>\xe8</a>", `"iso-8859-1"`, blank + "<a>è</a>", true},
		{"other words for one encoding", declared("latin1") + "<a>\xe8</a>", "ISO_8859-1", blank + "<a>è</a>", false},
		{"the mark overrides", "\xef\xbb\xbf" + declared("ISO-8859-1") + "<a>è</a>", "", "\xef\xbb\xbf" + blank + "<a>è</a>", true},
		{"a mark of UTF-8", "\xef\xbb\xbf<a>è</a>", "utf-8", "\xef\xbb\xbf<a>è</a>", false},
		{"UTF-16 with a mark", "\xff\xfe" + utf16(declared("UTF-16")+"<a>x</a>", true), "", blank + "<a>x</a>", false},
		{"UTF-16 with a mark and a label", "\xfe\xff" + utf16("<a>x</a>", false), "utf-16", "<a>x</a>", false},
		{"UTF-16 without a mark", utf16(declared("UTF-16")+"<a>x</a>", true), "", blank + "<a>x</a>", false},
		{"UTF-16 without a mark, labelled", utf16("<a>x</a>", true), "utf-16", "<a>x</a>", false},
		{"UTF-16, big-endian, without a mark", utf16("<a>x</a>", false), "utf-16", "<a>x</a>", false},
		{"UTF-16 that says UTF-8", utf16(declared("utf-8")+"<a>x</a>", false), "", blank + "<a>x</a>", true},
		{"a mark that contradicts", "\xff\xfe" + utf16("<a/>", true), "utf-8", "!a byte order mark of utf-16le under the charset utf-8", false},
		{"a mark of UTF-8 that contradicts", "\xef\xbb\xbf<a/>", "iso-8859-1", "!a byte order mark of utf-8 under the charset iso-8859-1", false},
		{"not of the encoding", "<a>\x81</a>", "windows-1252", "!octets that are not of the encoding it says", false},
		{"not ASCII", "<a>è</a>", "us-ascii", "!octets that are not of the encoding it says", false},
		{"not UTF-8", "<a>\xe8</a>", "", "<a>\xe8</a>", false},
		{"half a character", utf16("<a/>", true) + "x", "", "!octets that are not of the encoding it says", false},
		{"not supported", declared("klingon") + "<a/>", "", "!the charset klingon is not supported", false},
		{"the label is good", declared("klingon") + "<a/>", "utf-8", blank + "<a/>", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, overridden, err := XMLUTF8([]byte(c.data), c.label)
			got := string(text)
			if err != nil {
				got = "!" + err.Error()
			}
			got, want := strings.ReplaceAll(got, " ", ""), strings.ReplaceAll(c.want, " ", "")
			if got != want || overridden != c.overridden {
				t.Errorf("found %q, overridden %v; expected %q, %v", got, overridden, want, c.overridden)
			}
			if err == nil {
				s := NewXMLScanner(text, XMLOptions{})
				for {
					kind, err := s.Next()
					if err != nil && c.name == "not UTF-8" {
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					if kind == XMLEOF {
						if c.name == "not UTF-8" {
							t.Error("octets that are not UTF-8 were read")
						}
						break
					}
				}
			}
		})
	}
}
