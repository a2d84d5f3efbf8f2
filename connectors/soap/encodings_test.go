package soap

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
)

const encodedTypes = `<x:element name="a"><x:complexType><x:sequence><x:element name="b" type="x:string"/></x:sequence></x:complexType></x:element>`

// inUTF16 returns a text in UTF-16, little-endian or big-endian.
func inUTF16(s string, little bool) string {
	var b []byte
	for _, r := range s {
		if little {
			b = append(b, byte(r), byte(r>>8))
		} else {
			b = append(b, byte(r>>8), byte(r))
		}
	}
	return string(b)
}

// TestEncodings: messages in the encodings that old systems have, by RFC 7303, as a client and as a service, octet by octet.
func TestEncodings(t *testing.T) {
	declared := func(encoding, b string) string {
		return `<?xml version="1.0" encoding="` + encoding + `"?>` + bodied("<b>"+b+"</b>")
	}
	c := wired(t, encodedTypes, "")
	for _, x := range []struct {
		name, media, message, want string
		overridden                 int64
	}{
		{"UTF-8", "text/xml; charset=utf-8", declared("UTF-8", "perché €"), "perché €", 0},
		{"nothing said", "text/xml", bodied("<b>perché</b>"), "perché", 0},
		{"ISO-8859-1 declared", "text/xml", declared("ISO-8859-1", "perch\xe9"), "perché", 0},
		{"ISO-8859-1 labelled", "text/xml; charset=iso-8859-1", bodied("<b>perch\xe9</b>"), "perché", 0},
		{"latin1", `text/xml; charset="latin1"`, declared("ISO-8859-1", "perch\xe9"), "perché", 0},
		{"ISO-8859-15 declared", "text/xml", declared("ISO-8859-15", "10 \xa4"), "10 €", 0},
		{"ISO-8859-15 labelled", "text/xml; charset=ISO-8859-15", bodied("<b>10 \xa4</b>"), "10 €", 0},
		{"windows-1252", "text/xml", declared("windows-1252", "10 \x80"), "10 €", 0},
		{"windows-1250", "text/xml; charset=windows-1250", bodied("<b>\xe8</b>"), "č", 0},
		{"windows-1251", "text/xml", declared("windows-1251", "\xef"), "п", 0},
		{"UTF-16 with a mark", "text/xml", "\xff\xfe" + inUTF16(declared("UTF-16", "però €"), true), "però €", 0},
		{"UTF-16 with a mark, labelled", "text/xml; charset=utf-16", "\xfe\xff" + inUTF16(declared("UTF-16", "però"), false), "però", 0},
		{"UTF-16 without a mark", "text/xml", inUTF16(declared("UTF-16", "però"), true), "però", 0},
		{"UTF-16BE labelled", "text/xml; charset=utf-16be", inUTF16(bodied("<b>però</b>"), false), "però", 0},
		{"a mark of UTF-8", "text/xml", "\xef\xbb\xbf" + declared("utf-8", "però"), "però", 0},
		{"the label overrides", "text/xml; charset=utf-8", declared("ISO-8859-1", "perché"), "perché", 1},
		{"the mark overrides", "text/xml", "\xef\xbb\xbf" + declared("windows-1252", "perché"), "perché", 1},
		{
			"a mark that contradicts", "text/xml; charset=utf-8", "\xff\xfe" + inUTF16(bodied("<b>x</b>"), true),
			"!a byte order mark of utf-16le under the charset utf-8", 0,
		},
		{"not of the encoding", "text/xml; charset=windows-1252", bodied("<b>\x81</b>"), "!octets that are not of the encoding it says", 0},
		{"Latin-1 that says UTF-8", "text/xml; charset=utf-8", bodied("<b>perch\xe9</b>"), "!at byte 196: not UTF-8", 0},
		{"not supported", "text/xml", declared("EBCDIC-IT", "x"), "!the charset ebcdic-it is not supported", 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			want, served := `{"b":"`+x.want+`"}`, "<b>"+x.want+"</b>"
			if reason, refused := strings.CutPrefix(x.want, "!"); refused {
				want, served = "invalid: "+reason, reason
			}
			got, n := read(t, c, `{"b":"x"}`, text(200, x.media, x.message))
			if got != want || n != x.overridden {
				t.Errorf("called: found %s, counted %d; expected %s, %d", got, n, want, x.overridden)
			}
			if got := echoed(t, c, x.media, x.message); got != served {
				t.Errorf("served: found %s, expected %s", got, served)
			}
		})
	}
}

// TestEncodings_parts: the envelope among attachments has a charset of its own.
func TestEncodings_parts(t *testing.T) {
	c := wired(t, encodedTypes, "")
	for media, b := range map[string]string{
		"text/xml; charset=iso-8859-15":                       "10 \xa4",
		`application/xop+xml; type="text/xml"; charset=utf-8`: "10 €",
	} {
		message := "--b\r\nContent-Type: " + media + "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + bodied("<b>"+b+"</b>") + "\r\n--b--\r\n"
		if got, _ := read(t, c, `{"b":"x"}`, text(200, "multipart/related; boundary=b", message)); got != `{"b":"10 €"}` {
			t.Errorf("%s: found %s", media, got)
		}
	}
}

// TestEncodings_described: a WSDL in UTF-16 is read, and one in ISO-8859-15 is served as the charset says.
func TestEncodings_described(t *testing.T) {
	for name, to := range map[string]func(string) string{
		"UTF-16":      func(s string) string { return "\xff\xfe" + inUTF16(s, true) },
		"ISO-8859-15": func(s string) string { return strings.ReplaceAll(s, "€", "\xa4") },
	} {
		wsdl := `<?xml version="1.0" encoding="` + name + `"?><definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="` + xsd.Space + `" xmlns:t="urn:t" targetNamespace="urn:t">` +
			`<types><x:schema targetNamespace="urn:t"><x:element name="a"><x:complexType><x:sequence><x:element name="importo_in_€" type="x:string"/></x:sequence></x:complexType></x:element></x:schema></types>` +
			`<message name="m"><part name="p" element="t:a"/></message><portType name="p"><operation name="op"><documentation>Costa 10 €</documentation><input message="t:m"/></operation></portType>` +
			`<binding name="b" type="t:p"><soap:binding/><operation name="op"/></binding><service name="s"><port name="p" binding="t:b"/></service></definitions>`
		wsdl = strings.ReplaceAll(wsdl, "importo_in_€", "importo")
		c, problems := loadWSDL(to(wsdl), "", "op: {}")
		if len(problems) > 0 || c.Operation("op").Title != "Costa 10 €" {
			t.Fatalf("%s: %v", name, problems)
		}
		h := offered(t, c, func(context.Context, *connectors.Operation, schema.Value) (schema.Value, *connectors.SampleFault) {
			return schema.Null, nil
		})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?wsdl", nil))
		if media := w.Header().Get("Content-Type"); media != "text/xml; charset=utf-8" || !strings.Contains(w.Body.String(), "Costa 10 €") ||
			strings.Contains(w.Body.String(), name) {
			t.Errorf("%s: found %s, %s", name, media, w.Body)
		}
	}
}

// TestZipped: answers in gzip are asked for and read, within their bound, and simulators take and give it too.
func TestZipped(t *testing.T) {
	c := wired(t, encodedTypes, "")
	zip := func(body string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(body))
		_ = z.Close()
		return b.String()
	}
	for _, x := range []struct{ name, coding, body, want string }{
		{"gzip", "gzip", zip(bodied("<b>x</b>")), `{"b":"x"}`},
		{"Latin-1 in gzip", "x-gzip", zip(`<?xml version="1.0" encoding="ISO-8859-1"?>` + bodied("<b>\xe8</b>")), `{"b":"è"}`},
		{"no gzip", "gzip", bodied("<b>x</b>"), "invalid: the answer is not of the content coding that it says"},
		{"cut off", "gzip", zip(bodied("<b>x</b>"))[:60], "invalid: the answer is not of the content coding that it says"},
		{"a bomb", "gzip", zip(bodied("<b>" + strings.Repeat("x", 11<<20) + "</b>")), "invalid: the answer is larger than allowed"},
		{"another coding", "br", bodied("<b>x</b>"), "invalid: the answer is not of the content coding that it says"},
	} {
		t.Run(x.name, func(t *testing.T) {
			asked := ""
			got, _ := read(t, c, `{"b":"x"}`, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = r.Header.Get("Accept-Encoding")
				w.Header().Set("Content-Encoding", x.coding)
				text(200, "text/xml", x.body)(w, r)
			}))
			if got != x.want || !strings.HasPrefix(asked, "gzip") {
				t.Errorf("found %.200s, asked for %q; expected %s", got, asked, x.want)
			}
		})
	}
	long := strings.Repeat("lungo ", 1000)
	answer := schema.RecordOf(c.Operation("op").Output, schema.Text(long))
	h, err := played(c, simulate.New(nil, map[string][]*simulate.Case{"op": {{Sample: connectors.Sample{Answer: answer}}}}))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := read(t, c, `{"b":"x"}`, h); got != `{"b":"`+long+`"}` {
		t.Errorf("from the simulator: %.200s", got)
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(zip(bodied("<b>x</b>"))))
	r.Header.Set("Content-Type", "text/xml")
	r.Header.Set("Content-Encoding", "gzip")
	r.Header.Set("Accept-Encoding", "deflate, gzip;q=0.5")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() > 1000 {
		t.Errorf("found status %d, coding %q, %d bytes", w.Code, w.Header().Get("Content-Encoding"), w.Body.Len())
	}
}
