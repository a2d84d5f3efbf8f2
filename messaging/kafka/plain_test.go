package kafka

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
	"github.com/IBM/sarama"
)

// receipts are plain records: {"id": …, "key": …}.
var receipts = &messaging.Plain{
	Type: "receipt", Source: "/topics/receipts", ID: true, Key: true,
	Compute: func(body []byte, headers []messaging.Attribute) (id, key string, flaw *messaging.Flaw) {
		var r struct{ ID, Key string }
		if err := json.Unmarshal(body, &r); err != nil {
			return "", "", &messaging.Flaw{Reason: "schema", Detail: "no JSON"}
		}
		for _, h := range headers {
			if h.Name == "x-id" {
				r.ID = h.Value
			}
		}
		return r.ID, r.Key, nil
	},
}

// TestPlain runs what is to hold of topics of plain records on one node.
func TestPlain(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	t.Run("records", func(t *testing.T) { plainRecords(t, n) })
	t.Run("order", func(t *testing.T) { plainOrder(t, n) })
	t.Run("aside", func(t *testing.T) { plainAside(t, n) })
	t.Run("written", func(t *testing.T) { plainWritten(t, n) })
}

// plainTopic keeps a topic of one partition with plain records, and returns a producer that is not ours.
func plainTopic(t *testing.T, n *kafkatest.Node, topic string, p *messaging.Plain) (*Broker, sarama.SyncProducer) {
	t.Helper()
	o := options(n)
	o.Partitions = 1
	b := opened(t, o)
	if err := b.Keep(messaging.Kept{Topic: topic, Plain: p}); err != nil {
		t.Fatal(err)
	}
	ensure(t, b, topic)
	c := sarama.NewConfig()
	c.Version = sarama.V2_8_0_0
	c.Producer.Return.Successes = true
	c.Producer.MaxMessageBytes = 2 << 20
	producer, err := sarama.NewSyncProducer([]string{n.Addr}, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = producer.Close() })
	return b, producer
}

func produce(t *testing.T, p sarama.SyncProducer, topic, key, value string, pairs ...string) {
	t.Helper()
	r := &sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder(value), Headers: headers(pairs...)}
	if key != "" {
		r.Key = sarama.StringEncoder(key)
	}
	if value == "null" {
		r.Value = nil
	}
	if _, _, err := p.SendMessage(r); err != nil {
		t.Fatal(err)
	}
}

// plainRecords: what other programs write as plain JSON has the id and the key that the topic says; what cannot be read
// comes with its flaw, its bytes and its place.
func plainRecords(t *testing.T, n *kafkatest.Node) {
	b, p := plainTopic(t, n, "records", receipts)
	in := subscribed(t, b, "g", "records", 4)
	for _, c := range []struct {
		name, value string
		headers     []string
		id          string
		reason      messaging.Reason
	}{
		{name: "plain", value: `{"id":"1","key":"a"}`, id: "1"},
		{name: "of the same id", value: `{"id":"1","key":"a","more":1}`, id: "1"},
		{
			name: "an event's headers", value: `{"id":"2","key":"a"}`,
			headers: []string{"ce_id", "9", "ce_specversion", "1.0", "ce_type", "t", "ce_source", "/s", "ce_partitionkey", "z"}, id: "2",
		},
		{
			name: "the content type of events", value: `{"id":"3","key":"a"}`, headers: []string{"content-type", "application/cloudevents+json"},
			id: "3",
		},
		{name: "header twice", value: `{"key":"a"}`, headers: []string{"x-id", "4", "x-id", "5"}, id: "5"},
		{name: "forged", value: `{"id":"6","key":"a"}`, headers: []string{
			"fondaco_id", "7", "fondaco_due", "9999999999999999999 00",
			"fondaco_source", "/s",
		}, id: "6"},
		{name: "null", value: "null", reason: messaging.Tombstone},
		{name: "empty", value: "", reason: "schema"},
		{name: "garbage", value: "\x00\x01\xff", reason: "schema"},
		{name: "without an id", value: `{"key":"a"}`, reason: messaging.BadAttribute},
		{name: "large", value: `{"id":"` + strings.Repeat("x", messaging.MaxBody) + `"}`, reason: messaging.TooLarge},
	} {
		produce(t, p, "records", "record", c.value, c.headers...)
		e := next(t, in)
		m, flaw := messaging.Received(e)
		e.Ack()
		switch {
		case c.reason == "" && (flaw != nil || m.ID != c.id || m.Key != "a" || m.Type != "receipt" || m.Source != "/topics/receipts" ||
			!m.Due.IsZero()):
			t.Errorf("%s: came %+v %v", c.name, m, flaw)
		case c.reason != "" && (flaw == nil || flaw.Reason != c.reason || m.ID != "" || m.Key != "record" || m.Identity() != m.Place.String()):
			t.Errorf("%s: came with the flaw %v, id %q, key %q", c.name, flaw, m.ID, m.Key)
		}
		if c.value != "null" && string(m.Body) != c.value || c.value == "null" && m.Body != nil {
			t.Errorf("%s: the bytes are not those of the record", c.name)
		}
	}
}

// plainOrder: records of one computed key come one after the other, whatever keys the records have; others go on.
func plainOrder(t *testing.T, n *kafkatest.Node) {
	b, p := plainTopic(t, n, "order", receipts)
	in := subscribed(t, b, "g", "order", 4)
	for _, r := range [][2]string{
		{"x", `{"id":"a1","key":"a"}`},
		{"", `{"id":"a2","key":"a"}`},
		{"x", `{"id":"b1","key":"b"}`},
		{"x", `{"id":"none"}`},
		{"x", `{"id":"b2","key":"b"}`},
	} {
		produce(t, p, "order", r[0], r[1])
	}
	hand := map[string]*messaging.Envelope{}
	take := func(n int, want ...string) {
		t.Helper()
		for range n {
			e := next(t, in)
			m, flaw := messaging.Received(e)
			if flaw != nil {
				t.Fatal(flaw)
			}
			hand[m.ID] = e
		}
		for _, id := range want {
			if hand[id] == nil {
				t.Fatalf("%v are in hand, expected %s", hand, id)
			}
		}
	}
	take(3, "a1", "b1", "none") // the others wait behind those, although there is room for one more
	hand["a1"].Ack()
	take(1, "a2")
	messaging.Defer(hand["b1"], time.Time{}, true)
	hand["b1"].Nack()
	delete(hand, "b1")
	take(1, "b1") // again, before the next of its key
	hand["b1"].Ack()
	take(1, "b2")
	for _, id := range []string{"a2", "b2", "none"} {
		hand[id].Ack()
	}
}

// plainAside: records that wait for a system that is down are read again as what they were.
func plainAside(t *testing.T, n *kafkatest.Node) {
	b, p := plainTopic(t, n, "aside", receipts)
	in := subscribed(t, b, "g", "aside", 4)
	produce(t, p, "aside", "x", `{"id":"a1","key":"a"}`)
	produce(t, p, "aside", "", `{"id":"a2","key":"a"}`)
	e := next(t, in)
	first, _ := messaging.Received(e)
	messaging.Park(e, messaging.Parking{On: "crm", Until: time.Now().Add(100 * time.Millisecond)})
	e.Nack()
	for _, id := range []string{"a1", "a2"} {
		e := next(t, in)
		m, flaw := messaging.Received(e)
		e.Ack()
		if flaw != nil || m.ID != id || m.Key != "a" || m.Source != first.Source || string(m.Body) != `{"id":"`+id+`","key":"a"}` {
			t.Errorf("came %+v %v, expected %s", m, flaw, id)
		}
	}
}

// plainWritten: what we publish is plain JSON, with the key as the record's key and no header of CloudEvents; read again
// it is what it was, with its due time and as whose replay it is. A letter that was no event may be replayed to such a topic
// alone.
func plainWritten(t *testing.T, n *kafkatest.Node) {
	b, _ := plainTopic(t, n, "written", &messaging.Plain{Type: "receipt", Source: "/topics/receipts"})
	m := messaging.Message{
		ID: "effect", Key: "k", Type: "receipt", Source: "/fondaco/dime/pay", ContentType: "application/json", Body: []byte(`{"id":"1"}`),
		Time: time.Now(),
		Due:  time.Now().Add(50 * time.Millisecond), Extensions: []messaging.Attribute{{
			Name:  "traceparent",
			Value: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		}},
	}
	replay := messaging.Message{
		Body: []byte(`{"id":"2"}`), Replay: messaging.Replay{Letter: "letter", Group: "g", Number: 1},
		Beside: []messaging.Attribute{{Name: "x-id", Value: "9"}},
	}
	if err := messaging.Publish(t.Context(), b, "written", m, replay); err != nil {
		t.Fatal(err)
	}
	consumer, err := sarama.NewConsumer([]string{n.Addr}, sarama.NewConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer consumer.Close()
	log, err := consumer.ConsumePartition("written", 0, sarama.OffsetOldest)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for _, want := range []struct{ key, value, header string }{{"k", `{"id":"1"}`, "content-type"}, {"letter letter", `{"id":"2"}`, "x-id"}} {
		select {
		case r := <-log.Messages():
			found := false
			for _, h := range r.Headers {
				found = found || string(h.Key) == want.header
				if strings.HasPrefix(string(h.Key), "ce_") {
					t.Errorf("a plain record has the header %s", h.Key)
				}
			}
			if string(r.Key) != want.key || string(r.Value) != want.value || !found {
				t.Errorf("found the record %q %s, expected %q %s with the header %s", r.Key, r.Value, want.key, want.value, want.header)
			}
		case <-time.After(2 * time.Minute):
			t.Fatal("nothing was written")
		}
	}
	in := subscribed(t, b, "g", "written", 4)
	for range 2 {
		e := next(t, in)
		got, flaw := messaging.Received(e)
		e.Ack()
		switch {
		case flaw != nil:
			t.Error(flaw)
		case got.Replay.Letter != "":
			if got.Replay != replay.Replay || got.ID == "" || got.Key != "" || len(got.Beside) == 0 {
				t.Errorf("the replay came as %+v", got)
			}
		case got.ID != m.ID || got.Source != m.Source || got.Key != m.Key || !got.Due.Equal(m.Due) || got.Trace() != m.Trace() ||
			string(got.Body) != string(m.Body):
			t.Errorf("came %+v, expected %+v", got, m)
		}
	}
	ensure(t, b, "events")
	if err := messaging.Publish(t.Context(), b, "events", replay); !errors.Is(err, messaging.ErrInvalid) {
		t.Errorf("a letter that is no event was published to a topic of events with %v", err)
	}
	if err := b.Keep(messaging.Kept{Topic: "written"}); err != nil { // from now on of events
		t.Fatal(err)
	}
	if err := messaging.Publish(t.Context(), b, "written", replay); !errors.Is(err, messaging.ErrInvalid) {
		t.Errorf("a letter that is no event was published to a topic of events with %v", err)
	}
}
