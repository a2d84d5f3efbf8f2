package codec

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// events returns what a scanner returns, one word a step, and the error that ends it.
func events(data string, o XMLOptions) string {
	var b strings.Builder
	s := NewXMLScanner([]byte(data), o)
	name := func() {
		space, local := s.Name()
		if space != "" {
			fmt.Fprintf(&b, "{%s}", space)
		}
		b.WriteString(local)
	}
	for {
		kind, err := s.Next()
		if err != nil {
			if _, again := s.Next(); again != err {
				return "the error did not stay"
			}
			return err.Error()
		}
		switch kind {
		case XMLStart:
			b.WriteString("<")
			name()
			for _, a := range s.Attrs() {
				fmt.Fprintf(&b, " {%s}%s=%q", a.Space, a.Local, a.Value)
			}
			b.WriteString(">")
		case XMLEnd:
			b.WriteString("</")
			name()
			b.WriteString(">")
		case XMLText:
			fmt.Fprintf(&b, "%q", s.Text())
		case XMLEOF:
			return b.String()
		}
	}
}

// TestXML holds what is read and what is refused; the rows X are those of the catalogue of bad input.
func TestXML(t *testing.T) {
	for _, c := range []struct{ row, in, want string }{
		{"good", `<a/>`, `<a></a>`},
		{
			"good", "<?xml version='1.0' encoding=\"UTF-8\" standalone='yes' ?>\n<!-- c --><?pi x?>\n<a >x<b/>y</a >\n<!--e--><?pi?>",
			`<a>"x"<b></b>"y"</a>`,
		},
		{"bom", "\xef\xbb\xbf<a/>", `<a></a>`},
		{"bom", "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><a/>", `<a></a>`},
		{"references", `<a b="&lt;&#65;&#x42;&quot;&apos;">&amp;&gt;&#x1F600;]]&gt;è</a>`, `<a {}b="<AB\"'">"&>😀]]>è"</a>`},
		{"line ends", "<a b='1\r\n2\t3\r4&#10;&#13;'>x\r\ny\rz&#13;</a>", `<a {}b="1 2 3 4\n\r">"x\ny\nz\r"</a>`},
		{"cdata", "<a>x<![CDATA[<&]]\r\n]]>]]<![CDATA[]]>y</a>", `<a>"x""<&]]\n""]]""y"</a>`},
		{"names", `<è·a.-1 _x="" 中="1"/>`, `<è·a.-1 {}_x="" {}中="1"></è·a.-1>`},
		{"names", "<\u2070\u2040 \u3042=''/>", "<\u2070\u2040 {}\u3042=\"\"></\u2070\u2040>"},
		{"names", "<\u2040/>", "at byte 1: expected a name"},
		{
			"namespaces", `<p:a xmlns:p="u" xmlns="d" x="1" p:x="2" xml:lang="it"><b/><p:b xmlns:p="v"><p:c/></p:b><c xmlns=""/><p:d/></p:a>`,
			`<{u}a {}x="1" {u}x="2" {http://www.w3.org/XML/1998/namespace}lang="it"><{d}b></{d}b><{v}b><{v}c></{v}c></{v}b><c></c><{u}d></{u}d></{u}a>`,
		},
		{
			"namespaces", `<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:id="1"/>`,
			`<a {http://www.w3.org/XML/1998/namespace}id="1"></a>`,
		},
		{"latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?><a>citt\xe0</a>", `<a>"città"</a>`},
		{"windows", "<?xml version='1.0' encoding='Windows-1252'?><a b='\x80'>\x93\xe8\x94</a>", `<a {}b="€">"“è”"</a>`},
		{"ascii", "<?xml version='1.0' encoding='US-ASCII'?><a>x</a>", `<a>"x"</a>`},

		{
			"X01", `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`,
			"at byte 0: a document type declaration, which is never read",
		},
		{
			"X02", `<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://198.51.100.1/x.dtd"><a/>`,
			"at byte 21: a document type declaration, which is never read",
		},
		{"X02", `<a>%x;&x;</a>`, "at byte 6: an entity that XML does not have"},
		{
			"X03", `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "` + strings.Repeat("&a;", 100_000) + `">]><l>&b;</l>`,
			"at byte 0: a document type declaration, which is never read",
		},
		{
			"X04", "\n<!DOCTYPE a [<!ENTITY x '" + strings.Repeat("x", 50_000) + "'>]><a>" + strings.Repeat("&x;", 50_000) + "</a>",
			"at byte 1: a document type declaration, which is never read",
		},
		{
			"X05", `<?xml-stylesheet href="http://198.51.100.1/"?><a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></a>`,
			`<a><{http://www.w3.org/2001/XInclude}include {}href="/etc/passwd"></{http://www.w3.org/2001/XInclude}include></a>`,
		},
		{"X06", strings.Repeat("<a>", 65), "at byte 192: nested deeper than 64"},
		{"X06", strings.Repeat("<a>", 2_000_000), "at byte 192: nested deeper than 64"},
		{"X06", "<a>" + strings.Repeat("<b/>", 100_000) + "</a>", "at byte 399999: more than 100000 elements"},
		{"X07", "<a" + strings.Repeat(` b=""`, 1_000_000) + "/>", "at byte 1283: more than 256 attributes"},
		{"X07", `<a b="` + strings.Repeat("x", 10<<20) + `"/>`, "at byte 6: a value of more than 1048576 bytes"},
		{"X07", `<a b="1" c="" b="2"/>`, "at byte 21: an attribute that stands twice in one element"},
		{"X07", `<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>`, "at byte 44: an attribute that stands twice in one element"},
		{"X07", `<a xmlns:p="u" xmlns:p="v"/>`, "at byte 15: an attribute that stands twice in one element"},
		{"X07", `<a` + many(200) + ` b7=""/>`, "at byte 1700: an attribute that stands twice in one element"},
		{"X07", `<` + strings.Repeat("x", 1001) + `/>`, "at byte 1: a name of more than 1000 bytes"},
		{"X08", `x<a/>`, "at byte 0: something before the root element"},
		{"X08", `<a/>x`, "at byte 4: something after the root element"},
		{"X08", `<a/>&#32;`, "at byte 4: something after the root element"},
		{"X08", `<a/><![CDATA[]]>`, "at byte 4: a CDATA section outside the root element"},
		{"X08", `<a/><b/>`, "at byte 4: a second root element"},
		{"X08", `<a></a></a>`, "at byte 7: an end tag without its start"},
		{"X08", ` <?xml version="1.0"?><a/>`, "at byte 1: an XML declaration that is not at the beginning or not complete"},
		{"X11", `<:a/>`, "at byte 1: expected a name"},
		{"X11", `<a:/>`, "at byte 1: expected a name"},
		{"X11", `<a:b:c xmlns:a="urn:a"/>`, "at byte 1: expected a name"},
		{"X11", `<x xmlns:="urn:a"/>`, "at byte 3: expected a name"},
		{"X11", `<x xmlns:a=""><a:b/></x>`, "at byte 3: a prefix without a namespace"},
		{"X11", `<x :b="1"/>`, "at byte 3: expected a name"},
		{"X11", `<!-- --><?a:b?><x/>`, "at byte 10: a processing instruction with a colon in its name"},
		{"X12", `<a>ad<!---->min</a>`, `<a>"ad""min"</a>`},
		{"X13", `<a>&#0;</a>`, "at byte 3: a reference to a character that XML does not have"},
		{"X13", `<a b="&#xD800;"/>`, "at byte 6: a reference to a character that XML does not have"},
		{"X13", `<a>&#xFFFE;</a>`, "at byte 3: a reference to a character that XML does not have"},
		{"X13", `<a>&#99999999999999999999;</a>`, "at byte 3: a reference to a character that XML does not have"},
		{"X13", `<a>&#X41;</a>`, "at byte 3: a reference to a character that XML does not have"},
		{"X13", "<a>\x00</a>", "at byte 3: a character that XML does not have"},
		{"X13", "<a b='\x1f'/>", "at byte 6: a character that XML does not have"},
		{"X13", "<a><![CDATA[\x0c]]></a>", "at byte 12: a character that XML does not have"},
		{"X13", "<a><!--\uffff--></a>", "at byte 7: a character that XML does not have"},
		{"X13", "<a><?p \x01?></a>", "at byte 7: a character that XML does not have"},
		{"X13", "<a>\xff</a>", "at byte 3: not UTF-8"},
		{"X13", "<a>\xed\xa0\x80</a>", "at byte 3: not UTF-8"},
		{"X14", "\xff\xfe<\x00a\x00/\x00>\x00", "at byte 0: an encoding that is not read: UTF-16 or UTF-32"},
		{"X14", "\x00<\x00a\x00/\x00>", "at byte 0: an encoding that is not read: UTF-16 or UTF-32"},
		{"X14", `<?xml version="1.0" encoding="UTF-16"?><a/>`, "at byte 0: an encoding that is not read"},
		{"X14", `<?xml version="1.0" encoding="UTF-7"?><a>+ADw-</a>`, "at byte 0: an encoding that is not read"},
		{"X14", "\x4c\x6f\xa7\x94", "at byte 0: something before the root element"},
		{"X14", "\xef\xbb\xbf<?xml version='1.0' encoding='iso-8859-1'?><a/>", "at byte 3: an encoding that the byte order mark belies"},
		{"X14", "<?xml version='1.0' encoding='us-ascii'?><a>\xe0</a>", "at byte 44: not US-ASCII"},
		{"X14", "<?xml version='1.0' encoding='windows-1252'?><a>\x81</a>", "at byte 48: not windows-1252"},
		{"X14", "<?xml version='1.0' encoding='iso-8859-1'?><a>\xe0\xe0</b>", "at byte 48: an end tag whose name is not its start's"},
		{"X15", "<!DOCTYPE html><html><body><p>Errore<br></body></html>", "at byte 0: a document type declaration, which is never read"},
		{"X15", "<html><body><p>Errore<br></p></body></html>", "at byte 25: an end tag whose name is not its start's"},

		{"empty", ``, "at byte 0: no root element"},
		{"empty", " \n<!-- -->", "at byte 10: no root element"},
		{"declaration", `<?xml?><a/>`, "at byte 0: an XML declaration that is not at the beginning or not complete"},
		{"declaration", `<?xml encoding="UTF-8"?><a/>`, "at byte 5: expected version"},
		{"declaration", `<?xml version="1.1"?><a/>`, "at byte 19: a version of XML that is not 1.0"},
		{"declaration", `<?xml version="1.0"encoding="UTF-8"?><a/>`, "at byte 19: expected ?>"},
		{"declaration", `<?xml version="1.0" standalone="maybe"?><a/>`, "at byte 38: standalone that is neither yes nor no"},
		{"declaration", `<?xml version="1.0" standalone="no" encoding="UTF-8"?><a/>`, "at byte 36: expected ?>"},
		{"declaration", `<?xml version=1.0?><a/>`, "at byte 14: expected a value in quotes"},
		{"declaration", `<?xml version "1.0"?><a/>`, "at byte 14: expected ="},
		{"declaration", `<?xml version="1.0`, "at byte 14: expected a value in quotes"},
		{"instruction", `<a><?XmL x?></a>`, "at byte 3: an XML declaration that is not at the beginning or not complete"},
		{"instruction", `<a><?p:q x?></a>`, "at byte 5: a processing instruction with a colon in its name"},
		{"instruction", `<a><? x?></a>`, "at byte 5: expected a name"},
		{"instruction", `<a><?x!?></a>`, "at byte 6: expected white space or ?>"},
		{"instruction", `<a><?x </a>`, "at byte 3: the processing instruction does not end"},
		{"comment", `<a><!-- -- --></a>`, "at byte 8: -- in a comment"},
		{"comment", `<a><!-- --->`, "at byte 8: -- in a comment"},
		{"comment", `<a><!-- -></a>`, "at byte 3: the comment does not end"},
		{"cdata", `<a><![CDATA[ ]></a>`, "at byte 3: the CDATA section does not end"},
		{"markup", `<a><!x></a>`, "at byte 3: expected a tag"},
		{"text", `<a>]]></a>`, "at byte 3: ]]> in text"},
		{"text", `<a>a & b</a>`, "at byte 5: & without a reference"},
		{"text", `<a>&nbsp;</a>`, "at byte 3: an entity that XML does not have"},
		{"text", `<a>&;</a>`, "at byte 3: an entity that XML does not have"},
		{"tags", `<a><b></a></b>`, "at byte 6: an end tag whose name is not its start's"},
		{"tags", `<a></ab>`, "at byte 3: an end tag whose name is not its start's"},
		{"tags", `<ab></a>`, "at byte 4: an end tag whose name is not its start's"},
		{"tags", `<p:a xmlns:p="u" xmlns:q="u"></q:a>`, "at byte 29: an end tag whose name is not its start's"},
		{"tags", `<a></a x>`, "at byte 7: expected >"},
		{"tags", `<a>`, "at byte 3: the document ends inside an element"},
		{"tags", `<a`, "at byte 2: the tag does not end"},
		{"tags", `<a /`, "at byte 3: expected />"},
		{"tags", `<`, "at byte 1: expected a name"},
		{"tags", `< a/>`, "at byte 1: expected a name"},
		{"names", `<1a/>`, "at byte 1: expected a name"},
		{"names", `<-a/>`, "at byte 1: expected a name"},
		{"names", `<a:b:c/>`, "at byte 1: expected a name"},
		{"names", `<:a/>`, "at byte 1: expected a name"},
		{"names", `<a:/>`, "at byte 1: expected a name"},
		{"names", `<a:1/>`, "at byte 1: expected a name"},
		{"names", `<a×/>`, "at byte 1: expected a name"},
		{"names", "<a\xff/>", "at byte 1: expected a name"},
		{"attributes", `<a b="1"c="2"/>`, "at byte 8: expected white space, > or />"},
		{"attributes", `<a b/>`, "at byte 4: expected ="},
		{"attributes", `<a b=1/>`, "at byte 5: expected a value in quotes"},
		{"attributes", `<a b="<"/>`, "at byte 6: < in a value"},
		{"attributes", `<a b="&"/>`, "at byte 6: & without a reference"},
		{"attributes", `<a b="x`, "at byte 5: the value does not end"},
		{"namespaces", `<p:a/>`, "at byte 1: a prefix that no namespace is bound to"},
		{"namespaces", `<a p:b=""/>`, "at byte 11: a prefix that no namespace is bound to"},
		{"namespaces", `<a><b xmlns:p="u"/><p:c/></a>`, "at byte 20: a prefix that no namespace is bound to"},
		{"namespaces", `<xmlns:a/>`, "at byte 1: a prefix that no namespace is bound to"},
		{"namespaces", `<a xmlns:p=""/>`, "at byte 3: a prefix without a namespace"},
		{"namespaces", `<a xmlns:xmlns="u"/>`, "at byte 3: a reserved prefix or namespace"},
		{"namespaces", `<a xmlns:xml="u"/>`, "at byte 3: a reserved prefix or namespace"},
		{"namespaces", `<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>`, "at byte 3: a reserved prefix or namespace"},
		{"namespaces", `<a xmlns="http://www.w3.org/2000/xmlns/"/>`, "at byte 3: a reserved prefix or namespace"},
		{"namespaces", `<a` + bindings(0, 200) + `><b` + bindings(200, 300) + `/></a>`, "at byte 4394: more than 256 namespaces"},
	} {
		before := time.Now()
		got := events(c.in, XMLOptions{})
		if got != c.want {
			t.Errorf("%s: %.80q\n got %s\nwant %s", c.row, c.in, got, c.want)
		}
		if took := time.Since(before); took > 10*time.Second {
			t.Errorf("%s: %.80q took %v", c.row, c.in, took)
		}
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` b%d="%d"`, i, i%10)
	}
	return b.String()
}

func bindings(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, ` xmlns:p%d="u%d"`, i, i)
	}
	return b.String()
}
