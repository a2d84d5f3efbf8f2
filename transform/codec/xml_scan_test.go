package codec

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// walk takes a step and returns its name and where the scanner then is.
func walk(t *testing.T, s *XMLScanner) string {
	t.Helper()
	kind, err := s.Next()
	if err != nil {
		t.Fatal(err)
	}
	_, local := s.Name()
	return fmt.Sprintf("%s %s depth %d at %d", [...]string{"", "start", "end", "text", "eof"}[kind], local, s.Depth(), s.Offset())
}

func expect(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestXMLPlaces(t *testing.T) {
	s := NewXMLScanner([]byte(`<a> <b/><c><d>x</d>&amp;<e/></c><f>y</f></a>`), XMLOptions{})
	expect(t, walk(t, s), "start a depth 1 at 3")
	expect(t, walk(t, s), "text a depth 1 at 4")
	expect(t, walk(t, s), "start b depth 2 at 8")
	if err := s.Skip(); err != nil {
		t.Fatal(err)
	}
	expect(t, fmt.Sprint(s.Depth()), "1")
	expect(t, walk(t, s), "start c depth 2 at 11")
	if err := s.Skip(); err != nil {
		t.Fatal(err)
	}
	_, local := s.Name()
	expect(t, local, "c")
	expect(t, walk(t, s), "start f depth 2 at 35")
	expect(t, walk(t, s), "text f depth 2 at 36")
	if err := s.Skip(); err != nil { // the innermost open element, wherever in it
		t.Fatal(err)
	}
	expect(t, walk(t, s), "end a depth 0 at 44")
	expect(t, walk(t, s), "eof a depth 0 at 44")
	expect(t, walk(t, s), "eof a depth 0 at 44")
	if err := s.Skip(); err != nil { // nothing is open
		t.Fatal(err)
	}
}

func TestXMLSkipChecks(t *testing.T) {
	s := NewXMLScanner([]byte(`<a><b>]]></b></a>`), XMLOptions{})
	walk(t, s)
	if err := s.Skip(); err == nil || err.Error() != "at byte 6: ]]> in text" {
		t.Error(err)
	}
}

func TestXMLLookup(t *testing.T) {
	s := NewXMLScanner([]byte(`<a xmlns:t="u" xmlns="d"><b xmlns:t="v" xmlns="">t:x</b></a>`), XMLOptions{})
	look := func() string {
		var b strings.Builder
		for _, prefix := range []string{"", "t", "xml", "xmlns", "q"} {
			space, ok := s.Lookup(prefix)
			fmt.Fprint(&b, space, " ", ok, ", ")
		}
		return b.String()
	}
	outer := "d true, u true, http://www.w3.org/XML/1998/namespace true,  false,  false, "
	inner := " true, v true, http://www.w3.org/XML/1998/namespace true,  false,  false, "
	for _, want := range []string{outer, inner, inner, inner, outer} { // the end of b still has its scope
		walk(t, s)
		expect(t, look(), want)
	}
	walk(t, s)
	expect(t, look(), " true,  false, http://www.w3.org/XML/1998/namespace true,  false,  false, ")
}

func TestXMLLimits(t *testing.T) {
	for _, c := range []struct {
		o        XMLOptions
		in, want string
	}{
		{XMLOptions{MaxDepth: 2}, `<a><b/></a>`, `<a><b></b></a>`},
		{XMLOptions{MaxDepth: 2}, `<a><b><c/></b></a>`, "at byte 6: nested deeper than 2"},
		{XMLOptions{MaxElements: 2}, `<a><b/><c/></a>`, "at byte 7: more than 2 elements"},
		{XMLOptions{MaxAttrs: 2}, `<a x="" xmlns:y="u"/>`, `<a {}x=""></a>`},
		{XMLOptions{MaxAttrs: 2}, `<a x="" xmlns:y="u" z=""/>`, "at byte 20: more than 2 attributes"},
	} {
		expect(t, events(c.in, c.o), c.want)
	}
}

// TestXMLCut proves that no beginning of a document is taken for the whole, in any encoding.
func TestXMLCut(t *testing.T) {
	latin := append([]byte(`<?xml version="1.0" encoding="ISO-8859-1"?><a b="`),
		"\xe0\xe8\"> \xe0<!-- \xe0 --><?p \xe0?><![CDATA[\xe0]]>&amp;</a>"...)
	answer := people()
	first, last := bytes.Index(answer, []byte("</persona>")), bytes.LastIndex(answer, []byte("</persona>"))
	answer = append(answer[:first:first], answer[last:]...) // of one person
	for _, doc := range [][]byte{answer[:len(answer)-1], latin[:len(latin)-1]} {
		for n := range doc {
			if _, err := scanAll(doc[:n:n]); err == nil {
				t.Fatalf("%q was read", doc[:n])
			}
		}
		if _, err := scanAll(append(doc, '>')); err != nil {
			t.Fatal(err)
		}
	}
}

// TestXMLHostile reads documents that are well formed and made to be slow: the work must not grow with the square.
func TestXMLHostile(t *testing.T) {
	var tag strings.Builder
	for i := range 255 {
		fmt.Fprintf(&tag, ` p0:b%d=""`, i)
	}
	for name, doc := range map[string]string{
		"attributes under many namespaces": `<a` + bindings(0, 250) + `>` + strings.Repeat(`<b`+tag.String()+`/>`, 400) + `</a>`,
		"ends of brackets":                 `<a>` + strings.Repeat("]", 2<<20) + `</a>`,
		"references":                       `<a b="` + strings.Repeat("&#9;", 1<<18) + `">` + strings.Repeat("&#x0000041;", 1<<18) + `</a>`,
		"comments":                         `<a>` + strings.Repeat("x<!---->", 1<<18) + `</a>`,
		"sections":                         `<a>` + strings.Repeat("<![CDATA[\r]]>", 1<<18) + `</a>`,
		"zeros":                            `<a>&#` + strings.Repeat("0", 2<<20) + `65;</a>`,
	} {
		before := time.Now()
		if _, err := scanAll([]byte(doc)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(before); took > 10*time.Second {
			t.Errorf("%s: %d bytes took %v", name, len(doc), took)
		}
	}
}

// TestXMLAliases proves that a text without anything to resolve is the document's own bytes, and that resolved texts
// are not written over by later ones.
func TestXMLAliases(t *testing.T) {
	data := []byte(`<a b="value">text</a>`)
	s := NewXMLScanner(data, XMLOptions{})
	walk(t, s)
	value := s.Attrs()[0].Value
	walk(t, s)
	copy(data[bytes.Index(data, []byte("value")):], "VALUE")
	copy(data[bytes.Index(data, []byte("text")):], "TEXT")
	expect(t, value+" "+s.Text(), "VALUE TEXT")

	var doc strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&doc, "<b>%d&amp;%s</b>", i, strings.Repeat("x", i%40))
	}
	seen, err := ourSight([]byte("<a>" + doc.String() + "</a>"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5000 {
		expect(t, strings.Join(seen[1+2*i].text, ""), fmt.Sprintf("%d&%s", i, strings.Repeat("x", i%40)))
	}
}

func TestXMLWrite(t *testing.T) {
	text := "a<b>&\"'\t\r\n]]>è"
	expect(t, string(AppendXMLText([]byte("·"), text)), "·a&lt;b&gt;&amp;\"'\t&#13;\n]]&gt;è")
	expect(t, string(AppendXMLAttr([]byte("·"), text)), "·a&lt;b&gt;&amp;&#34;'&#9;&#13;&#10;]]&gt;è")
	for text, want := range map[string]bool{
		"": true, "è\t\r\n\u0085\ufffd😀": true, "\x00": false, "\x1f": false, "\uffff": false,
		"\xff": false, "\xed\xa0\x80": false,
	} {
		if XMLTextOK(text) != want {
			t.Errorf("%q: %t", text, !want)
		}
	}
}

// TestXMLStart: a start is told where its tag begins, in bytes of the document as it came.
func TestXMLStart(t *testing.T) {
	for _, encoding := range []string{"", `<?xml version="1.0" encoding="ISO-8859-1"?>`} {
		doc := encoding + "<a>\xe0\xe0<b\n c=\"\xe0\"/>\xe0<d></d></a>"
		if encoding == "" {
			doc = strings.ReplaceAll(doc, "\xe0", "à")
		}
		s := NewXMLScanner([]byte(doc), XMLOptions{})
		for {
			kind, err := s.Next()
			if err != nil {
				t.Fatal(err)
			}
			if kind == XMLEOF {
				break
			}
			if _, local := s.Name(); kind == XMLStart && !strings.HasPrefix(doc[s.Start():], "<"+local) {
				t.Errorf("%s is told at %q", local, doc[s.Start():])
			}
		}
	}
}
