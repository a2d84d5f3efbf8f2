package soap

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestDigits: a number, a date or a duration of a megabyte is refused with its place, and costs no more than its bytes.
func TestDigits(t *testing.T) {
	long := strings.Repeat("7", 1_040_000)
	for _, x := range []struct{ types, text string }{
		{`type="x:decimal"`, long},
		{`type="x:decimal"`, "0." + long},
		{`type="x:integer"`, long},
		{`type="x:int"`, long},
		{`type="x:long"`, "-" + long},
		{`type="x:double"`, long},
		{`type="x:double"`, "1e" + long},
		{`type="x:unsignedLong"`, long},
		{`type="x:date"`, "2026-01-31" + long},
		{`type="x:dateTime"`, "2026-01-31T10:00:00." + long},
		{`type="x:time"`, "10:00:00." + long},
		{`type="x:duration"`, "P" + long + "D"},
		{`type="x:boolean"`, long},
	} {
		for _, attribute := range []bool{false, true} {
			types := complexA(`<x:sequence><x:element name="b" ` + x.types + `/></x:sequence>`)
			body := `<b>` + x.text + `</b>`
			place := "/b"
			if attribute {
				types = complexA(`<x:attribute name="b" ` + x.types + `/>`)
			}
			head := `<s:Envelope xmlns:s="` + soap11 + `"><s:Body><a xmlns="urn:t"`
			message := head + `>` + body + `</a></s:Body></s:Envelope>`
			if attribute {
				message = head + ` b="` + x.text + `"/></s:Body></s:Envelope>`
			}
			p := shape(t, types, "")
			m := versions["1.1"].reads(p.in, p.in.Type, nil)
			data := []byte(message)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := m.read(data, true, nil)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.HasPrefix(err.Error(), place+": ") || len(err.Error()) > 200 {
				t.Errorf("%s, attribute %v: found %.300v, expected a refusal with the place %s", x.types, attribute, err, place)
			}
			if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 4 {
				t.Errorf("%s, attribute %v: %d MiB were allocated", x.types, attribute, n)
			}
		}
	}
	p := shape(t, complexA(`<x:sequence><x:element name="b" type="x:decimal"/></x:sequence>`), "")
	message := fmt.Sprintf(`<s:Envelope xmlns:s=%q><s:Body><a xmlns="urn:t"><b>%s</b></a></s:Body></s:Envelope>`, soap11, long[:1000])
	if _, _, err := versions["1.1"].reads(p.in, p.in.Type, nil).read([]byte(message), true, nil); err != nil {
		t.Errorf("1,000 digits: %v", err)
	}
}
