package messaging_test

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
)

var receipts = &messaging.Plain{
	Type: "it.pagopa.receipt", Source: "/topics/receipts", ID: true, Key: true,
	Compute: func(body []byte, _ []messaging.Attribute) (id, key string, flaw *messaging.Flaw) {
		if len(body) == 0 {
			return "", "", &messaging.Flaw{Reason: "schema", Detail: "empty"}
		}
		return "id of " + string(body), "key of " + string(body), nil
	},
}

// TestPlainRoundTrip: a record of others is the same message where it is kept as an event, as a letter is, and on the topic
// again, as a replay is.
func TestPlainRoundTrip(t *testing.T) {
	const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	arrived := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	place := messaging.Place{Log: "log", Partition: 1, Offset: 7}
	r := messaging.PlainRecord{
		Key: "k", Body: []byte("b"), Arrived: arrived, Place: place,
		Headers: []messaging.Attribute{
			{Name: "x", Value: "1"},
			{Name: "ce_id", Value: "an event's"},
			{Name: "content-type", Value: "application/cloudevents+json"},
			{Name: "traceparent", Value: trace},
			{Name: "x", Value: "2"},
			{Name: "b", Value: "\x00\xff"},
			{Name: "fondaco_unknown", Value: "3"},
		},
	}
	for _, p := range []*messaging.Plain{receipts, {Type: "t", Source: "/topics/t"}} {
		m, flaw := p.Message(r)
		if flaw != nil {
			t.Fatal(flaw)
		}
		id, key := "id of b", "key of b"
		if !p.ID {
			id, key = "log/1/7", "k"
		}
		if m.ID != id || m.Key != key || m.Type != p.Type || m.Source != p.Source || m.Trace() == "" || m.ContentType != "application/json" ||
			len(m.Beside) != 5 {
			t.Errorf("found %+v", m)
		}
		if err := m.Check(0); err != nil {
			t.Error(err)
		}
		kept, flaw := messaging.Read(m.Headers(), m.Body, arrived)
		kept.Place = place
		if flaw != nil || !reflect.DeepEqual(kept, m) {
			t.Errorf("kept as an event it is\n%+v %v\nexpected\n%+v", kept, flaw, m)
		}
		kept.Replay = messaging.Replay{Letter: "letter", Group: "g", Number: 1}
		again, flaw := p.Message(messaging.PlainRecord{
			Headers: kept.PlainHeaders(), Key: kept.Key, Body: kept.Body, Arrived: arrived,
			Place: messaging.Place{Log: "log", Offset: 99},
		})
		again.Place = place
		if flaw != nil || !reflect.DeepEqual(again, kept) {
			t.Errorf("replayed it is\n%+v %v\nexpected\n%+v", again, flaw, kept)
		}
		for _, h := range kept.PlainHeaders() {
			if strings.HasPrefix(h.Name, "ce_") && h.Value != "an event's" {
				t.Errorf("a plain record has the header %v", h)
			}
		}
	}
}

// TestPlainOwn: our own records are known again by the id that they bear where the topic does not say what the id is.
func TestPlainOwn(t *testing.T) {
	own := messaging.Message{
		ID: "effect", Source: "/fondaco/dime/pay", Type: "t", ContentType: "application/json", Time: time.Now(),
		Body: []byte("b"),
	}
	r := messaging.PlainRecord{Headers: own.PlainHeaders(), Body: own.Body, Arrived: own.Time, Place: messaging.Place{Log: "log", Offset: 1}}
	if m, flaw := (&messaging.Plain{Type: "t", Source: "/topics/t"}).Message(r); flaw != nil || m.ID != own.ID || m.Source != own.Source {
		t.Errorf("found %+v %v", m, flaw)
	}
	if m, flaw := receipts.Message(r); flaw != nil || m.ID != "id of b" || m.Source != receipts.Source {
		t.Errorf("found %+v %v", m, flaw)
	}
}

// TestPlainFlaws: what is no good message has no id, keeps the record's key and its bytes, and may be replayed.
func TestPlainFlaws(t *testing.T) {
	large, many := messaging.Attribute{Name: "x", Value: strings.Repeat("x", messaging.MaxHeaders)}, []messaging.Attribute{}
	for i := range messaging.MaxExtensions + 1 {
		many = append(many, messaging.Attribute{Name: "x" + strconv.Itoa(i), Value: "1"})
	}
	for name, c := range map[string]struct {
		r    messaging.PlainRecord
		want messaging.Reason
	}{
		"computed": {messaging.PlainRecord{Key: "k"}, "schema"},
		"broker's": {messaging.PlainRecord{Key: "k", Flaw: &messaging.Flaw{Reason: messaging.Tombstone}}, messaging.Tombstone},
		"large":    {messaging.PlainRecord{Key: "k", Body: []byte("b"), Headers: []messaging.Attribute{large}}, messaging.TooManyHeaders},
		"many":     {messaging.PlainRecord{Key: "k", Body: []byte("b"), Headers: many}, messaging.TooManyHeaders},
	} {
		c.r.Arrived, c.r.Place = time.Now(), messaging.Place{Log: "log", Offset: 1}
		m, flaw := receipts.Message(c.r)
		if flaw == nil || flaw.Reason != c.want || m.ID != "" || m.Key != "k" || string(m.Body) != string(c.r.Body) || m.Identity() != "log/0/1" {
			t.Errorf("%s: found %+v %v", name, m, flaw)
		}
		if err := m.Check(0); !errors.Is(err, messaging.ErrInvalid) {
			t.Errorf("%s: published with %v", name, err)
		}
		m.Replay = messaging.Replay{Letter: "letter", Group: "g", Number: 1}
		if err := m.Check(0); err != nil {
			t.Errorf("%s: replayed with %v", name, err)
		}
	}
}
