package soap

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestServe_contradictions: a message whose head names two operations is refused, wherever they are named.
func TestServe_contradictions(t *testing.T) {
	h := offered(t, loadServed(t), replied)
	for _, x := range []struct {
		name, version string
		media         string // what its media type has more
		actions       []string
		status        int
	}{
		{"none", "1.1", "", nil, 200},
		{"one", "1.1", "", []string{`"urn:chiedi"`}, 200},
		{"an empty one", "1.1", "", []string{`""`}, 200},
		{"two that are the same", "1.1", "", []string{`"urn:chiedi"`, `urn:chiedi`}, 200},
		{"another", "1.1", "", []string{`"urn:altro"`}, 400},
		{"two, ours first", "1.1", "", []string{`"urn:chiedi"`, `"urn:altro"`}, 400},
		{"two, ours last", "1.1", "", []string{`"urn:altro"`, `"urn:chiedi"`}, 400},
		{"two in one line", "1.1", "", []string{`"urn:chiedi", "urn:altro"`}, 400},
		{"1.2", "1.2", `; action="urn:chiedi"`, nil, 200},
		{"1.2 says another", "1.2", `; action="urn:altro"`, nil, 400},
		{"1.2 and SOAPAction", "1.2", `; action="urn:chiedi"`, []string{`"urn:chiedi"`}, 200},
		{"1.2 and two SOAPActions", "1.2", `; action="urn:chiedi"`, []string{`"urn:chiedi"`, `"urn:altro"`}, 400},
	} {
		body := `<e:Envelope xmlns:e="` + versions[x.version].space +
			`"><e:Body><t:chiedi xmlns:t="urn:t"><n>0</n></t:chiedi></e:Body></e:Envelope>`
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", versions[x.version].media+x.media)
		for _, action := range x.actions {
			r.Header.Add("SOAPAction", action)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != x.status {
			t.Errorf("%s: found %d %s, expected %d", x.name, w.Code, w.Body, x.status)
		}
	}
}

// TestUnpack_contradictions: parts of which two have the name of one, the envelope's too, are refused, and a part that
// says two things of itself.
func TestUnpack_contradictions(t *testing.T) {
	part := func(id, body string, more ...string) string {
		head := "--b\r\nContent-Type: text/xml\r\n"
		if id != "" {
			head += "Content-ID: " + id + "\r\n"
		}
		return head + strings.Join(more, "") + "\r\n" + body + "\r\n"
	}
	for _, x := range []struct {
		name, start, body string
		good              bool
	}{
		{"one", "<a@x>", part("<a@x>", "<a/>"), true},
		{"the envelope is not the first", "<a@x>", part("<p@x>", "p") + part("<a@x>", "<a/>"), true},
		{"without start", "", part("<a@x>", "<a/>") + part("<p@x>", "p"), true},
		{"parts without names", "", part("", "<a/>") + part("", "p") + part("", "q"), true},
		{"two envelopes", "<a@x>", part("<a@x>", "<a/>") + part("<a@x>", "<b/>"), false},
		{"two envelopes, apart", "<a@x>", part("<a@x>", "<a/>") + part("<p@x>", "p") + part("a@x", "<b/>"), false},
		{"two envelopes without start", "", part("<a@x>", "<a/>") + part("<a@x>", "<b/>"), false},
		{"two parts", "<a@x>", part("<a@x>", "<a/>") + part("<p@x>", "p") + part("<p@x>", "q"), false},
		{"two names of a part", "<a@x>", part("<a@x>", "<a/>", "Content-ID: <c@x>\r\n"), false},
		{"two media types of a part", "<a@x>", part("<a@x>", "<a/>", "Content-Type: application/xml\r\n"), false},
		{
			"two encodings of a part", "<a@x>", part("<a@x>", "<a/>", "Content-Transfer-Encoding: binary\r\nContent-Transfer-Encoding: base64\r\n"),
			false,
		},
		{"no envelope", "<z@x>", part("<a@x>", "<a/>"), false},
	} {
		media := `multipart/related; boundary=b; type="text/xml"`
		if x.start != "" {
			media += `; start="` + x.start + `"`
		}
		in, err := unpack(media, []byte(x.body+"--b--\r\n"), "")
		if (err == nil) != x.good || x.good && string(in.envelope) != "<a/>" {
			t.Errorf("%s: found %v, expected %v", x.name, err, x.good)
		}
	}
}
