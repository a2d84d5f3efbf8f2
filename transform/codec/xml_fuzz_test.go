package codec

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
)

// xmlSeen is a document as both readers can tell it: starts and ends as they come, and between two of them the whole text.
type xmlSeen struct {
	space, local string
	attrs        []XMLAttr
	text         []string // in its pieces
	end          bool
}

// ourSight reads with the scanner. The strings are only compared when all was read, so that one which was overwritten shows.
func ourSight(data []byte) (seen []xmlSeen, err error) {
	s := NewXMLScanner(data, XMLOptions{})
	for {
		kind, err := s.Next()
		switch {
		case err != nil || kind == XMLEOF:
			return seen, err
		case kind == XMLText:
			seen[len(seen)-1].text = append(seen[len(seen)-1].text, s.Text())
			continue
		}
		step := xmlSeen{end: kind == XMLEnd}
		step.space, step.local = s.Name()
		if kind == XMLStart {
			step.attrs = append(step.attrs, s.Attrs()...)
		}
		seen = append(seen, step)
	}
}

// standardSight reads with encoding/xml.
func standardSight(data []byte) (seen []xmlSeen, err error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	for depth := 0; ; {
		token, err := d.Token()
		if err == io.EOF {
			return seen, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			step := xmlSeen{space: token.Name.Space, local: token.Name.Local}
			for _, a := range token.Attr {
				if a.Name.Space != "xmlns" && (a.Name.Space != "" || a.Name.Local != "xmlns") {
					step.attrs = append(step.attrs, XMLAttr{a.Name.Space, a.Name.Local, a.Value})
				}
			}
			seen = append(seen, step)
		case xml.EndElement:
			depth--
			seen = append(seen, xmlSeen{space: token.Name.Space, local: token.Name.Local, end: true})
		case xml.CharData:
			if depth > 0 {
				seen[len(seen)-1].text = append(seen[len(seen)-1].text, string(token))
			}
		}
	}
}

// sameXML compares what was seen; encoding/xml leaves line ends and tabs in values, where XML asks for spaces.
func sameXML(a, b xmlSeen) bool {
	spaces := strings.NewReplacer("\n", " ", "\t", " ").Replace
	if spaces(a.space) != spaces(b.space) || a.local != b.local || a.end != b.end || len(a.attrs) != len(b.attrs) ||
		strings.Join(a.text, "") != strings.Join(b.text, "") {
		return false
	}
	for i := range a.attrs {
		x, y := a.attrs[i], b.attrs[i]
		if spaces(x.Space) != spaces(y.Space) || x.Local != y.Local || spaces(x.Value) != spaces(y.Value) {
			return false
		}
	}
	return true
}

// FuzzXML holds the scanner against encoding/xml: what both accept they understand alike. What the scanner accepts can
// be written again and is then the same.
func FuzzXML(f *testing.F) {
	for _, seed := range []string{
		string(people()[:1500]), `<a/>`, "\xef\xbb\xbf<?xml version='1.0'?><a b='&lt;\r\n\t'>x\r\ny<![CDATA[<\r]]>&#13;</a>\n<!-- -->",
		`<p:a xmlns:p="u" xmlns="d" x="1" p:x="2" xml:lang="it"><b/><p:b xmlns:p="v"><p:c/></p:b><c xmlns=""/></p:a>`,
		`<a xmlns:x="&#97;&amp;b" x:y=""><?p q?>ad<!---->min</a>`, `<:a/>`, `<a :xmlns="u"/>`, `<a x::y="u"/>`, `<!DOCTYPE a><a/>`,
		`<x::Root/>`, `<Root ::attr="x"/>`, `<a></x::a>`, `<a>]]></a>`, `<a>&#xd;&#xD800;&nbsp;</a>`,
		`<?xml version="1.0" encoding="iso-8859-1"?><a>` + "\xe0</a>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ours, err := ourSight(data)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(data) {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		compare := func(what string, theirs []xmlSeen) {
			if len(ours) != len(theirs) {
				t.Fatalf("%d steps, %s %d", len(ours), what, len(theirs))
			}
			for i := range ours {
				if !sameXML(ours[i], theirs[i]) {
					t.Fatalf("step %d: %+v, %s %+v", i, ours[i], what, theirs[i])
				}
			}
		}
		if standard, err := standardSight(data); err == nil {
			compare("encoding/xml", standard)
		}
		again, err := ourSight(rewritten(ours))
		if err != nil && strings.Contains(err.Error(), ": more than") {
			return // the declarations beside each name or the escaped values go beyond a limit
		}
		if err != nil {
			t.Fatalf("%v: %s", err, rewritten(ours))
		}
		compare("written again", again)
	})
}

// rewritten writes a document with the declarations that each name needs beside it.
func rewritten(seen []xmlSeen) (b []byte) {
	for _, x := range seen {
		name := x.local
		if x.space == xmlSpace { // which no other prefix may have
			name = "xml:" + name
		}
		if x.end {
			b = append(b, "</"+name+">"...)
		} else {
			b = append(b, "<"+name...)
			if x.space != xmlSpace {
				b = append(AppendXMLAttr(append(b, ` xmlns="`...), x.space), '"')
			}
			for i, a := range x.attrs {
				prefix := ""
				switch a.Space {
				case "":
				case xmlSpace:
					prefix = "xml:"
				default:
					prefix = "p" + strconv.Itoa(i)
					b = append(AppendXMLAttr(append(b, " xmlns:"+prefix+`="`...), a.Space), '"')
					prefix += ":"
				}
				b = append(AppendXMLAttr(append(b, " "+prefix+a.Local+`="`...), a.Value), '"')
			}
			b = append(b, '>')
		}
		b = AppendXMLText(b, strings.Join(x.text, ""))
	}
	return b
}

// FuzzXMLWrite proves that every text that is XML's comes back as it was, from both readers, and that no other is read.
func FuzzXMLWrite(f *testing.F) {
	for _, seed := range []string{"", "plain", `<&>"'`, " \t\n\r\r\n ", "]]>", "è😀\u0085\u2028", "\x00", "\ufffe", "\xff", "\ufffd", "\x7f"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc := append(AppendXMLAttr([]byte(`<a b="`), text), `">`...)
		doc = append(AppendXMLText(doc, text), `</a>`...)
		seen, err := ourSight(doc)
		if !XMLTextOK(text) {
			if err == nil {
				t.Fatalf("%q was read", doc)
			}
			return
		}
		if len(text) > 1<<20/6 {
			return // longer than a value may be
		}
		if err != nil {
			t.Fatalf("%q: %v", doc, err)
		}
		standard, err := standardSight(doc)
		if err != nil {
			t.Fatalf("%q: %v", doc, err)
		}
		for _, seen := range [][]xmlSeen{seen, standard} {
			if got := seen[0].attrs[0].Value; got != text {
				t.Fatalf("value %q, wrote %q", got, text)
			}
			if got := strings.Join(seen[0].text, ""); got != text {
				t.Fatalf("text %q, wrote %q", got, text)
			}
		}
	})
}
