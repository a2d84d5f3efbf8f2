package messaging_test

import (
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
)

// TestStructured: what an event in structured mode must be is what it says; anything else comes with a flaw that says what is
// wrong, and with the bytes as they were.
func TestStructured(t *testing.T) {
	const head = `"specversion":"1.0","id":"1","source":"/s","type":"t"`
	for _, c := range []struct{ name, contentType, body, data, flaw string }{
		{"no data", "", `{` + head + `}`, "", ""},
		{"null attributes are absent", "", `{` + head + `,"subject":null,"data":null}`, "null", ""},
		{"a text as JSON", "", `{` + head + `,"data":"x"}`, `"x"`, ""},
		{"a text as text", "", `{` + head + `,"datacontenttype":"text/plain","data":"x\ty"}`, "x\ty", ""},
		{"vendor JSON", "", `{` + head + `,"datacontenttype":"application/vnd.pagopa+json","data":[1, 2.50]}`, "[1, 2.50]", ""},
		{"order does not count", "", `{"data":{"a":1},` + head + `}`, `{"a":1}`, ""},
		{"no id", "", `{"specversion":"1.0","source":"/s","type":"t"}`, "", "id is absent"},
		{"another version", "", `{"specversion":"0.3","id":"1","source":"/s","type":"t"}`, "", "specversion"},
		{"twice", "", `{` + head + `,"id":"2"}`, "", "twice"},
		{"both kinds of data", "", `{` + head + `,"data":1,"data_base64":""}`, "", "both data"},
		{"not base64", "", `{` + head + `,"data_base64":"%"}`, "", "base64"},
		{"an object as attribute", "", `{` + head + `,"where":{}}`, "", "attribute"},
		{"a broken number as attribute", "", `{` + head + `,"n":1.5}`, "", "attribute"},
		{"control characters", "", `{` + head + `,"subject":"a\u0000b"}`, "", "control characters"},
		{"a name in capitals", "", `{` + head + `,"traceParent":"x"}`, "", "name"},
		{"a bad time", "", `{` + head + `,"time":"yesterday"}`, "", "time"},
		{"something follows", "", `{` + head + `} {}`, "", "follows"},
		{"not an object", "", `["` + strings.Repeat("x", 50) + `"]`, "", "not a JSON object"},
		{"no UTF-8", "", "{" + head + ",\"subject\":\"\xff\"}", "", "UTF-8"},
		{"nothing", "", "", "", "not a JSON object"},
		{"a batch", "application/cloudevents-batch+json", `[{` + head + `}]`, "", "batches of events are not supported"},
		{"another format", "application/cloudevents+avro", "\x00", "", "no other format"},
	} {
		t.Run(c.name, func(t *testing.T) {
			kind := c.contentType
			if kind == "" {
				kind = "application/cloudevents+json; charset=utf-8"
			}
			trace := messaging.Attribute{Name: "traceparent", Value: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
			m, flaw := messaging.Read([]messaging.Attribute{{Name: "content-type", Value: kind}, trace}, []byte(c.body), noon)
			switch {
			case c.flaw == "" && (flaw != nil || string(m.Body) != c.data || m.ID != "1" || m.Source != "/s" || m.Type != "t" || m.Trace() == "" ||
				!m.Time.Equal(noon)):
				t.Errorf("read %+v (%s), %v", m, m.Body, flaw)
			case c.flaw != "" && (flaw == nil || flaw.Reason != messaging.StructuredMode || !strings.Contains(flaw.Detail, c.flaw) ||
				string(m.Body) != c.body):
				t.Errorf("the flaw is %v, the bytes %q; expected %q", flaw, m.Body, c.flaw)
			}
		})
	}
	// A producer of binary events that says the wrong content type is read as it always was.
	e := event()
	e.ContentType = "application/cloudevents+json"
	if m, flaw := messaging.Read(e.Headers(), []byte("{}"), noon.Add(time.Hour)); flaw != nil || m.ID != e.ID || string(m.Body) != "{}" {
		t.Errorf("read %+v, %v", m, flaw)
	}
}
