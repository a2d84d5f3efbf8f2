package soap

import (
	"net/http"
	"strings"
	"testing"
)

// sloppyTypes is an answer with one field of each kind that servers get wrong.
const sloppyTypes = `<x:element name="a"><x:complexType><x:sequence><x:element name="s" type="x:string"/><x:element name="d" type="x:date"/><x:element name="m" type="x:dateTime"/>` +
	`<x:element name="n" type="x:int"/><x:element name="p" type="x:decimal"/><x:element name="b" type="x:boolean"/><x:element name="e" type="t:E"/><x:element name="l" type="x:int" maxOccurs="unbounded"/>` +
	`<x:element name="r"><x:complexType><x:sequence><x:element name="k" type="x:int"/><x:element name="z" type="t:E"/></x:sequence><x:attribute name="at" type="x:date" use="required"/></x:complexType></x:element>` +
	`<x:element name="v"><x:complexType><x:simpleContent><x:extension base="x:int"><x:attribute name="u" type="x:string"/></x:extension></x:simpleContent></x:complexType></x:element>` +
	`</x:sequence></x:complexType></x:element><x:simpleType name="E"><x:restriction base="x:string"><x:enumeration value="uno"/><x:enumeration value="due"/></x:restriction></x:simpleType>`

// sloppyGood is a right content of it, in its pieces by the first letter.
var sloppyGood = []string{
	`<s>x</s>`, `<d>2026-01-31</d>`, `<m>2026-01-31T10:00:00</m>`, `<n>1</n>`, `<p>1.50</p>`, `<b>true</b>`, `<e>uno</e>`, `<l>1</l>`,
	`<r at="2026-01-31"><k>1</k><z>due</z></r>`, `<v u="g">7</v>`,
}

const sloppyIs = `{"s":"x","d":"2026-01-31","m":"2026-01-31T10:00:00","n":1,"p":1.50,"b":true,"e":"uno","l":[1],"r":{"k":1,"z":"due","at":"2026-01-31"},"v":{"value":7,"u":"g"}}`

// TestTolerant_fields: an answer over a socket in which one field is not as the schema says loses that field at most where the
// connector tolerates it, and each is counted; without the word it is invalid, with the place.
func TestTolerant_fields(t *testing.T) {
	strict := wired(t, sloppyTypes, "")
	c := wired(t, sloppyTypes, "  tolerant: true\n")
	for _, x := range []struct {
		name, instead, is, becomes string
		counted                    int64
		invalid                    string // where the strict one finds it
	}{
		{"right", `<s>x</s>`, ``, ``, 0, ""},
		{"empty date", `<d/>`, `"d":"2026-01-31",`, ``, 1, "/d"},
		{"empty moment", `<m> </m>`, `"m":"2026-01-31T10:00:00",`, ``, 1, "/m"},
		{"empty number", `<n></n>`, `"n":1,`, ``, 1, "/n"},
		{"empty decimal", `<p/>`, `"p":1.50,`, ``, 1, "/p"},
		{"empty boolean", `<b/>`, `"b":true,`, ``, 1, "/b"},
		{"offset without colon", `<m>2026-01-31T10:00:00+0200</m>`, `10:00:00"`, `10:00:00+02:00"`, 1, "/m"},
		{"offset of hours", `<m>2026-01-31T10:00:00-05</m>`, `10:00:00"`, `10:00:00-05:00"`, 1, "/m"},
		{"offset of a date", `<d>2026-01-31+0100</d>`, ``, ``, 1, "/d"},
		{"True", `<b>True</b>`, ``, ``, 1, "/b"},
		{"FALSE", `<b>FALSE</b>`, `"b":true`, `"b":false`, 1, "/b"},
		{"no date", `<d>31/01/2026</d>`, `"d":"2026-01-31",`, ``, 1, "/d"},
		{"a comma", `<p>1,50</p>`, `"p":1.50,`, ``, 1, "/p"},
		{"out of bounds", `<n>99999999999</n>`, `"n":1,`, ``, 1, "/n"},
		{"not one of", `<e>tre</e>`, `"e":"uno",`, ``, 1, "/e"},
		{"one of a list", `<l>1</l><l>x</l><l/>`, ``, ``, 2, "/l/1"},
		{"deep", `<r at="2026-01-31"><k>uno</k><z>due</z></r>`, `"k":1,`, ``, 1, "/r/k"},
		{"elements for a text", `<n><a/><c>1</c></n>`, `"n":1,`, ``, 1, "/n"},
		{"text for elements", `<r at="2026-01-31">no<k>1</k></r>`, `"r":{"k":1,"z":"due","at":"2026-01-31"},`, ``, 1, "/r"},
		{"bad attribute", `<r at="oggi"><k>1</k><z>due</z></r>`, `,"at":"2026-01-31"`, ``, 1, "/r/at"},
		{"empty attribute", `<r at=""><k>1</k><z>due</z></r>`, `,"at":"2026-01-31"`, ``, 1, "/r/at"},
		{"text beside attributes", `<v u="g"></v>`, `"value":7,`, ``, 1, "/v/value"},
	} {
		t.Run(x.name, func(t *testing.T) {
			inside := ""
			for _, good := range sloppyGood {
				if good[1] == x.instead[1] {
					good = x.instead
				}
				inside += good
			}
			want := sloppyIs
			if x.is != "" {
				want = strings.Replace(sloppyIs, x.is, x.becomes, 1)
			}
			got, n := read(t, c, sloppyIs, text(200, "text/xml", bodied(inside)))
			if got != want || n != x.counted {
				t.Errorf("found %s, counted %d; expected %s, %d", got, n, want, x.counted)
			}
			got, n = read(t, strict, sloppyIs, text(200, "text/xml", bodied(inside)))
			if x.invalid == "" && got != sloppyIs || x.invalid != "" && !strings.HasPrefix(got, "invalid at "+x.invalid+":") || n != 0 {
				t.Errorf("strictly: found %s, counted %d; expected it to be invalid at %q", got, n, x.invalid)
			}
		})
	}
}

// TestTolerant_messages: envelopes under other media types, and in wrappers of other names.
func TestTolerant_messages(t *testing.T) {
	strict := wired(t, sloppyTypes, "")
	c := wired(t, sloppyTypes, "  tolerant: true\n")
	good := bodied(strings.Join(sloppyGood, ""))
	renamed := strings.NewReplacer(`<a xmlns`, `<aResult xmlns`, `</a>`, `</aResult>`).Replace(good)
	fault := strings.Replace(good[:strings.Index(good, "<s:Body>")], "", "", 1) +
		`<s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>`
	for _, x := range []struct {
		name, media, body string
		status            int
		tolerant          string
		counted           int64
		strict            string
	}{
		{"HTML", "text/html; charset=utf-8", good, 200, sloppyIs, 1, "invalid: the answer is not SOAP by its Content-Type"},
		{"text", "text/plain", good, 200, sloppyIs, 1, "invalid: the answer is not SOAP by its Content-Type"},
		{"nothing", "", good, 200, sloppyIs, 1, "invalid: the answer is not SOAP by its Content-Type"},
		{
			"JSON is none", "application/json", good, 200, "invalid: the answer is not SOAP by its Content-Type", 0,
			"invalid: the answer is not SOAP by its Content-Type",
		},
		{
			"a page", "text/html", "<html><body>Login</body></html>", 200, "invalid: the message is not a SOAP envelope", 1,
			"invalid: the answer is not SOAP by its Content-Type",
		},
		{
			"a page of a proxy", "text/html", "<html><body>Login</body></html>", 502, "unavailable: HTTP status 502", 1,
			"unavailable: HTTP status 502",
		},
		{"a fault as HTML", "text/html", fault, 500, "refused: SOAP fault Client", 1, "unavailable: HTTP status 500"},
		{"renamed", "text/xml", renamed, 200, sloppyIs, 1, "invalid: the Body holds another element than the operation's"},
		{
			"renamed and empty", "text/xml", strings.NewReplacer(`<a xmlns`, `<aResult xmlns`, `</a>`, `</aResult>`).Replace(bodied("")), 200,
			"invalid: the Body holds another element than the operation's", 2, "invalid: the Body holds another element than the operation's",
		},
		{
			"something else", "text/xml", strings.NewReplacer(`<a xmlns`, `<error xmlns`, `</a>`, `</error>`).
				Replace(bodied("<message>no</message>")), 200, "invalid: the Body holds another element than the operation's", 2,
			"invalid: the Body holds another element than the operation's",
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := text(x.status, x.media, x.body)
			if x.media == "" {
				h = func(w http.ResponseWriter, _ *http.Request) {
					w.Header()["Content-Type"] = nil
					_, _ = w.Write([]byte(x.body))
				}
			}
			if got, n := read(t, c, sloppyIs, h); got != x.tolerant || n != x.counted {
				t.Errorf("found %s, counted %d; expected %s, %d", got, n, x.tolerant, x.counted)
			}
			if got, n := read(t, strict, sloppyIs, h); got != x.strict || n != 0 {
				t.Errorf("strictly: found %s, counted %d; expected %s", got, n, x.strict)
			}
		})
	}
}

// TestTolerantEnvelopes: octets of another encoding than the message says, and a blank line before the declaration, are let pass and counted.
func TestTolerantEnvelopes(t *testing.T) {
	types := complexA(`<x:sequence><x:element name="s" type="x:string"/></x:sequence>`)
	c, strict := wired(t, types, "  tolerant: true\n"), wired(t, types, "")
	latin := strings.NewReplacer("è", "\xe8", "€", "\x80").Replace
	const declared = `<?xml version="1.0" encoding="UTF-8"?>`
	message := bodied("<s>è €</s>")
	for _, x := range []struct {
		name, media, message string
	}{
		{"Latin-1 without a word", "text/xml", latin(message)},
		{"Latin-1 under UTF-8", "text/xml; charset=utf-8", latin(declared + message)},
		{"an encoding that nobody knows", "text/xml; charset=x-pippo", message},
		{"declared as nobody knows", "text/xml", strings.Replace(declared, "UTF-8", "x-pippo", 1) + message},
		{"a blank line first", "text/xml", "\r\n \t" + declared + message},
		{"a blank line and Latin-1", "text/xml", "\n" + latin(declared+message)},
		{"a blank line, and Latin-1 as it says", "text/xml", "\n" + strings.Replace(declared, "UTF-8", "windows-1252", 1) + latin(message)},
	} {
		if got, n := read(t, c, `{"s":"è €"}`, text(200, x.media, x.message)); got != `{"s":"è €"}` || n != 1 {
			t.Errorf("%s: found %s, counted %d", x.name, got, n)
		}
		if got, _ := read(t, strict, `{"s":"è €"}`, text(200, x.media, x.message)); !strings.HasPrefix(got, "invalid") {
			t.Errorf("%s, strictly: found %s", x.name, got)
		}
	}
}

// TestNothingKnown: what stands in an element that the schema does not have is no answer that holds nothing.
func TestNothingKnown(t *testing.T) {
	c := wired(t, complexA(`<x:sequence><x:element name="k" type="x:int"/>`+
		`<x:element name="l" minOccurs="0" maxOccurs="unbounded"><x:complexType><x:sequence><x:element name="z" type="x:int" minOccurs="0"/></x:sequence></x:complexType></x:element>`+
		`</x:sequence>`), "  tolerant: true\n")
	for _, x := range []struct{ inside, want string }{
		{`<risultato><k>1</k><l><z>2</z></l></risultato>`, `invalid: expected an element that the schema has here, found others alone`},
		{`<k>1</k><l><dentro><z>2</z></dentro></l><l><z>3</z></l>`, `{"k":1,"l":[{"z":3}]}`},
		{`<altro/><k>1</k>`, `{"k":1,"l":[]}`},
		{``, `{"l":[]}`},
	} {
		if got, _ := read(t, c, `{"k":1,"l":[]}`, text(200, "text/xml", bodied(x.inside))); got != x.want {
			t.Errorf("%s\n found    %s\n expected %s", x.inside, got, x.want)
		}
	}
}
