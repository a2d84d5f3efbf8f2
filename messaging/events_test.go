package messaging_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("", 3600))

func event() messaging.Message {
	return messaging.Message{
		ID: "a-1", Key: "k", Type: "it.venezia.created", Source: "/routes/x", Subject: "s", Time: noon, ContentType: "application/json",
		Extensions: []messaging.Attribute{
			{Name: "dataschema", Value: "urn:x"},
			{Name: "traceparent", Value: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
		},
		Body: []byte{0, 1, 0xff, '{'},
	}
}

func TestHeaders(t *testing.T) {
	var got []string
	for _, h := range event().Headers() {
		got = append(got, h.Name+": "+h.Value)
	}
	want := []string{
		"ce_id: a-1", "ce_specversion: 1.0", "ce_type: it.venezia.created", "ce_source: /routes/x", "ce_time: 2026-11-23T12:00:00+01:00",
		"ce_subject: s", "ce_partitionkey: k", "content-type: application/json", "ce_dataschema: urn:x",
		"ce_traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if trace := event().Trace(); trace != "0af7651916cd43dd8448eb211c80319c" {
		t.Errorf("trace is %q", trace)
	}
}

// What is written is read, whatever it holds; on the wire and through an envelope.
func TestThereAndBack(t *testing.T) {
	text := rapid.StringOfN(rapid.RuneFrom([]rune("aZ09 -_./:àè漢😀")), 1, 20, -1)
	rapid.Check(t, func(t *rapid.T) {
		m := messaging.Message{
			ID: text.Draw(t, "id"), Type: text.Draw(t, "type"), Source: text.Draw(t, "source"),
			Time: time.Unix(rapid.Int64Range(0, 1_700_000_000).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).UTC(),
			Body: rapid.SliceOfN(rapid.Byte(), 1, 50).Draw(t, "body"),
		}
		if rapid.Bool().Draw(t, "more") {
			m.Key, m.Subject, m.ContentType = text.Draw(t, "key"), text.Draw(t, "subject"), text.Draw(t, "ct")
			m.Extensions = []messaging.Attribute{{Name: "aa", Value: text.Draw(t, "a")}, {Name: "zz9", Value: text.Draw(t, "z")}}
		}
		late := m.Time.Add(time.Hour)
		if got, flaw := messaging.Read(m.Headers(), m.Body, late); flaw != nil || !reflect.DeepEqual(got, m) {
			t.Fatalf("read %#v, %v\nwrote %#v", got, flaw, m)
		}
		m.Due = late
		e, err := messaging.Pack(context.Background(), m)
		if err != nil {
			t.Fatal(err)
		}
		if got, flaw := messaging.Unpack(e); flaw != nil || !reflect.DeepEqual(got, m) {
			t.Fatalf("unpacked %#v, %v\npacked %#v", got, flaw, m)
		}
	})
}

// Row K04 and the rest of what a foreign client may send: each becomes a message with a flaw, never a failure, and
// nothing from outside sets attempt or due.
func TestForeignHeaders(t *testing.T) {
	good := event().Headers()
	with := func(more ...messaging.Attribute) []messaging.Attribute {
		return append(good[:len(good):len(good)], more...)
	}
	replaced := func(name, value string) (hs []messaging.Attribute) {
		for _, h := range good {
			if h.Name == name {
				h.Value = value
			}
			hs = append(hs, h)
		}
		return hs
	}
	many := with()
	for i := range 1000 {
		many = append(many, messaging.Attribute{Name: "ce_x" + strings.Repeat("a", i%30) + string(rune('a'+i%26)), Value: "v"})
	}
	for name, c := range map[string]struct {
		headers []messaging.Attribute
		reason  messaging.Reason
	}{
		"good": {good, ""},
		"forged control": {with(messaging.Attribute{Name: "x-attempt", Value: "9"},
			messaging.Attribute{Name: "due", Value: "2099-01-01T00:00:00Z"}), ""},
		"binary foreign":     {with(messaging.Attribute{Name: "raw", Value: "\xff\x00"}), ""},
		"1000 foreign":       {append(make([]messaging.Attribute, 1000), good...), ""},
		"none":               {nil, messaging.NoEvent},
		"key only":           {[]messaging.Attribute{{Name: "ce_partitionkey", Value: "k"}}, messaging.NoEvent},
		"structured":         {[]messaging.Attribute{{Name: "content-type", Value: "application/cloudevents+json"}}, messaging.StructuredMode},
		"old version":        {replaced("ce_specversion", "0.3"), messaging.BadVersion},
		"no id":              {replaced("ce_id", ""), messaging.BadAttribute},
		"no source":          {replaced("ce_source", ""), messaging.BadAttribute},
		"binary id":          {replaced("ce_id", "a\xff"), messaging.BadAttribute},
		"line break in type": {replaced("ce_type", "a\r\nb"), messaging.BadAttribute},
		"repeated":           {with(messaging.Attribute{Name: "ce_id", Value: "other"}), messaging.RepeatedHeader},
		"capitals":           {with(messaging.Attribute{Name: "ce_myName", Value: "v"}), messaging.BadAttribute},
		"1000 of ours":       {many, messaging.TooManyHeaders},
		"huge":               {with(messaging.Attribute{Name: "ce_big", Value: strings.Repeat("x", 1<<20)}), messaging.TooManyHeaders},
		"many marks":         {with(marks(messaging.MaxMarks)), ""},
		"too many marks":     {with(marks(messaging.MaxMarks + 1)), messaging.TooManyHeaders},
	} {
		m, flaw := messaging.Read(c.headers, []byte("body"), noon)
		got := messaging.Reason("")
		if flaw != nil {
			got = flaw.Reason
		}
		if got != c.reason {
			t.Errorf("%s: flaw %v, want %q", name, flaw, c.reason)
		}
		if string(m.Body) != "body" || m.Attempt != 0 || !m.Due.IsZero() {
			t.Errorf("%s: body %q attempt %d due %v", name, m.Body, m.Attempt, m.Due)
		}
		if flaw != nil && strings.Contains(flaw.Error(), "other") {
			t.Errorf("%s: the flaw repeats a value: %v", name, flaw)
		}
		e := messaging.Deliver(context.Background(), messaging.Delivery{Headers: c.headers, Body: []byte("body"), Attempt: 3, Arrived: noon})
		if m, f := messaging.Received(e); m.Attempt != 3 || (f == nil) != (c.reason == "") {
			t.Errorf("%s: delivered attempt %d, flaw %v", name, m.Attempt, f)
		}
		if m, f := messaging.Unpack(e); m.Attempt != 3 || (f == nil) != (c.reason == "") {
			t.Errorf("%s: unpacked attempt %d, flaw %v", name, m.Attempt, f)
		}
	}
	// Row K05.
	for _, bad := range []string{"2300-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "yesterday"} {
		if m, flaw := messaging.Read(replaced("ce_time", bad), nil, noon); flaw != nil || !m.Time.Equal(noon) {
			t.Errorf("time %s: %v, %v", bad, m.Time, flaw)
		}
	}
	// A plain traceparent, as OpenTelemetry writes it, is taken where ce_traceparent is absent.
	m, _ := messaging.Read([]messaging.Attribute{{Name: "traceparent", Value: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}, nil,
		noon)
	if m.Trace() != "0af7651916cd43dd8448eb211c80319c" {
		t.Errorf("trace %q", m.Trace())
	}
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*messaging.Message)
		want   error
	}{
		"good":             {func(*messaging.Message) {}, nil},
		"empty body":       {func(m *messaging.Message) { m.Body = nil }, nil},
		"no id":            {func(m *messaging.Message) { m.ID = "" }, messaging.ErrInvalid},
		"no type":          {func(m *messaging.Message) { m.Type = "" }, messaging.ErrInvalid},
		"no source":        {func(m *messaging.Message) { m.Source = "" }, messaging.ErrInvalid},
		"line break":       {func(m *messaging.Message) { m.Key = "a\nb" }, messaging.ErrInvalid},
		"no UTF-8":         {func(m *messaging.Message) { m.Subject = "\xff" }, messaging.ErrInvalid},
		"repeated":         {func(m *messaging.Message) { m.Extensions = append(m.Extensions, m.Extensions[0]) }, messaging.ErrInvalid},
		"attribute's name": {func(m *messaging.Message) { m.Extensions = []messaging.Attribute{{Name: "id", Value: "x"}} }, messaging.ErrInvalid},
		"capitals":         {func(m *messaging.Message) { m.Extensions = []messaging.Attribute{{Name: "aB", Value: "x"}} }, messaging.ErrInvalid},
		"many":             {func(m *messaging.Message) { m.Extensions = make([]messaging.Attribute, 65) }, messaging.ErrInvalid},
		"large attribute":  {func(m *messaging.Message) { m.Subject = strings.Repeat("x", 20<<10) }, messaging.ErrTooLarge},
		"large body":       {func(m *messaging.Message) { m.Body = make([]byte, 1<<20+1) }, messaging.ErrTooLarge},
	} {
		m := event()
		c.change(&m)
		err := m.Check(0)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if _, flaw := messaging.Read(m.Headers(), m.Body, noon); c.want == nil && flaw != nil {
			t.Errorf("%s: passed the check and has the flaw %v", name, flaw)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("ce_id", "1", "ce_type", "t", []byte("x"))
	f.Add("content-type", "application/cloudevents+json", "traceparent", "00-0-0-0", []byte(nil))
	f.Fuzz(func(t *testing.T, n1, v1, n2, v2 string, body []byte) {
		hs := []messaging.Attribute{
			{Name: n1, Value: v1},
			{Name: n2, Value: v2},
			{Name: "ce_specversion", Value: "1.0"},
			{Name: "ce_source", Value: "/s"},
		}
		m, flaw := messaging.Read(hs, body, noon)
		if flaw != nil {
			return
		}
		if err := m.Check(1 << 30); err != nil {
			t.Fatalf("read without a flaw, and may not be published: %v", err)
		}
		if again, flaw := messaging.Read(m.Headers(), m.Body, noon); flaw != nil || !reflect.DeepEqual(again, m) {
			t.Fatalf("%#v became %#v, %v", m, again, flaw)
		}
	})
}

// marks is a header of so many bytes of marks.
func marks(bytes int) messaging.Attribute {
	return messaging.Attribute{Name: "ce_" + messaging.ExtensionMarks, Value: strings.Repeat("a", bytes)}
}
