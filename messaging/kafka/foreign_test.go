package kafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
	"github.com/IBM/sarama"
)

func subscribed(t testing.TB, b *Broker, group, topic string, inFlight int) <-chan *messaging.Envelope {
	t.Helper()
	s, err := b.Subscriber(group, messaging.Options{InFlight: inFlight})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	in, err := s.Subscribe(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func next(t testing.TB, in <-chan *messaging.Envelope) *messaging.Envelope {
	t.Helper()
	select {
	case e, open := <-in:
		if !open {
			t.Fatal("the channel was closed while messages were expected")
		}
		return e
	case <-time.After(2 * time.Minute):
		t.Fatal("no message came in 2 minutes")
		return nil
	}
}

func headers(pairs ...string) []sarama.RecordHeader {
	var hs []sarama.RecordHeader
	for i := 0; i < len(pairs); i += 2 {
		hs = append(hs, sarama.RecordHeader{Key: []byte(pairs[i]), Value: []byte(pairs[i+1])})
	}
	return hs
}

// TestForeignRecords: what other clients write is consumed, whatever it is; what is no event comes with its flaw.
func TestForeignRecords(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	o := options(n)
	b := opened(t, o)
	ensure(t, b, "t")
	c := sarama.NewConfig()
	c.Producer.Return.Successes = true
	c.Producer.MaxMessageBytes = 2 << 20
	c.Version = sarama.V2_8_0_0
	p, err := sarama.NewSyncProducer([]string{n.Addr}, c)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()

	event := []string{"ce_id", "1", "ce_specversion", "1.0", "ce_type", "t", "ce_source", "/s"}
	many := slices.Clone(event)
	for i := range 1000 {
		many = append(many, fmt.Sprintf("ce_x%d", i), "1")
	}
	forged := string(signDue([]byte("another secret"), "t", "1", "k", time.Now().Add(time.Hour)))
	for _, c := range []struct {
		name    string
		key     []byte
		value   []byte
		at      time.Time
		headers []string
		reason  messaging.Reason // "" for none
		want    func(m messaging.Message) bool
	}{
		{name: "event", key: []byte("k"), value: []byte("{}"), headers: event, want: func(m messaging.Message) bool {
			return m.ID == "1" && m.Key == "k" && string(m.Body) == "{}" && m.Type == "t" && m.Source == "/s"
		}},
		{name: "no headers", key: []byte("k"), value: []byte("hello"), reason: messaging.NoEvent, want: func(m messaging.Message) bool {
			return string(m.Body) == "hello" && m.Key == "k"
		}},
		{name: "null value", key: []byte("k"), headers: event, reason: messaging.Tombstone},
		{name: "null value, null key, no headers", reason: messaging.Tombstone},
		{name: "empty value", value: []byte{}, headers: event, want: func(m messaging.Message) bool { return len(m.Body) == 0 && m.Key == "" }},
		{name: "too large", value: bytes.Repeat([]byte("x"), messaging.MaxBody+1), headers: event, reason: messaging.TooLarge},
		{name: "a thousand headers", value: []byte("x"), headers: many, reason: messaging.TooManyHeaders},
		{name: "twice", value: []byte("x"), headers: append(slices.Clone(event), "ce_id", "2"), reason: messaging.RepeatedHeader},
		{name: "binary header", value: []byte("x"), headers: append(slices.Clone(event), "ce_x", "\xff\x00"), reason: messaging.BadAttribute},
		{name: "binary key", key: []byte{0, 0, 0, 0, 0, 0, 0, 42}, value: []byte("x"), headers: event, want: func(m messaging.Message) bool {
			return m.Key == "AAAAAAAAACo="
		}},
		{
			name: "another key in the header", key: []byte("k"), value: []byte("x"), headers: append(slices.Clone(event), "ce_partitionkey", "z"),
			want: func(m messaging.Message) bool { return m.Key == "k" },
		},
		{
			name: "key in the header alone", value: []byte("x"), headers: append(slices.Clone(event), "ce_partitionkey", "z"),
			want: func(m messaging.Message) bool { return m.Key == "z" },
		},
		{
			name: "forged control", key: []byte("k"), value: []byte("x"),
			headers: append(slices.Clone(event), dueHeader, forged, "attempt", "9", "x-attempt", "9"),
			want:    func(m messaging.Message) bool { return m.Due.IsZero() && m.Attempt == 1 },
		},
		{
			name: "unsigned control", value: []byte("x"), headers: append(slices.Clone(event), dueHeader, "9999999999999999999"),
			want: func(m messaging.Message) bool { return m.Due.IsZero() },
		},
		{
			name: "time far ahead", value: []byte("x"), headers: event, at: time.Date(2250, 1, 1, 0, 0, 0, 0, time.UTC),
			want: func(m messaging.Message) bool {
				return time.Since(m.Time) < time.Minute && time.Since(m.Time) > -time.Minute
			},
		},
		{
			name: "other versions", value: []byte("x"), headers: []string{"ce_id", "1", "ce_specversion", "0.3", "ce_type", "t", "ce_source", "/s"},
			reason: messaging.BadVersion,
		},
		{
			name: "structured event", key: []byte("k"), headers: []string{"content-type", "application/cloudevents+json; charset=UTF-8"},
			value: []byte(`{"specversion":"1.0","id":"7","source":"/pagopa","type":"ricevuta","time":"2026-11-23T12:00:00Z","dataschema":"urn:x","n":3,"data":{"iuv":"01","importo":10.50}}`),
			want: func(m messaging.Message) bool {
				return m.ID == "7" && m.Source == "/pagopa" && m.Type == "ricevuta" && m.Key == "k" && m.ContentType == "application/json" &&
					m.Extension("n") == "3" &&
					m.Extension("dataschema") == "urn:x" && m.Time.Equal(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)) &&
					string(m.Body) == `{"iuv":"01","importo":10.50}`
			},
		},
		{
			name: "structured event with base64 and its key inside", headers: []string{"content-type", "Application/CloudEvents+JSON"},
			value: []byte(`{"specversion":"1.0","id":"7","source":"/s","type":"t","partitionkey":"z","datacontenttype":"application/xml","data_base64":"PGEvPg=="}`),
			want: func(m messaging.Message) bool {
				return m.Key == "z" && string(m.Body) == "<a/>" && m.ContentType == "application/xml"
			},
		},
		{
			name: "structured garbage", key: []byte("k"), value: []byte(`{"specversion":"1.0","id":`),
			headers: []string{"content-type", "application/cloudevents+json"}, reason: messaging.StructuredMode,
			want: func(m messaging.Message) bool { return string(m.Body) == `{"specversion":"1.0","id":` && m.Key == "k" },
		},
		{
			name: "structured batch", value: []byte(`[]`), headers: []string{"content-type", "application/cloudevents-batch+json"},
			reason: messaging.StructuredMode,
		},
		{name: "structured null", headers: []string{"content-type", "application/cloudevents+json"}, reason: messaging.Tombstone},
		{
			name: "structured", value: []byte("{}"), headers: []string{"content-type", "application/cloudevents+json"},
			reason: messaging.StructuredMode,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			topic := "foreign-" + strings.ReplaceAll(strings.ReplaceAll(c.name, " ", "-"), ",", "")
			ensureWide(t, b, topic)
			r := &sarama.ProducerMessage{Topic: topic, Headers: headers(c.headers...), Timestamp: c.at}
			if c.key != nil {
				r.Key = sarama.ByteEncoder(c.key)
			}
			if c.value != nil {
				r.Value = sarama.ByteEncoder(c.value)
			}
			if _, _, err := p.SendMessage(r); err != nil {
				t.Fatal(err)
			}
			e := next(t, subscribed(t, b, "g", topic, 1))
			m, flaw := messaging.Received(e)
			e.Ack()
			switch {
			case c.reason == "" && flaw != nil:
				t.Errorf("a good event came with the flaw %v", flaw)
			case c.reason != "" && (flaw == nil || flaw.Reason != c.reason):
				t.Errorf("it came with the flaw %v; expected %s", flaw, c.reason)
			}
			if c.want != nil && !c.want(m) {
				t.Errorf("came %+v", m)
			}
		})
	}
}

// ensureWide makes a topic that takes more than we do.
func ensureWide(t testing.TB, b *Broker, topic string) {
	t.Helper()
	wide := opened(t, Options{Brokers: b.o.Brokers, MaxBody: 4 << 20, Partitions: 1})
	ensure(t, wide, topic)
}

// TestOursElsewhere: a plain consumer reads our messages as CloudEvents in binary mode, in the partition where Java's
// clients would look for the key.
func TestOursElsewhere(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	b := opened(t, options(n))
	ensure(t, b, "t")
	m := messaging.Message{
		ID: "a-1", Key: "foobar", Type: "it.venezia.segnalazione.creata", Source: "/dime", Subject: "s", ContentType: "application/json",
		Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Body: []byte(`{"a":1}`),
		Extensions: []messaging.Attribute{{Name: "dataschema", Value: "https://x/y"}},
	}
	if err := messaging.Publish(t.Context(), b, "t", m); err != nil {
		t.Fatal(err)
	}
	consumer, err := sarama.NewConsumer([]string{n.Addr}, sarama.NewConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer consumer.Close()
	// Kafka's own test (org.apache.kafka.common.utils.UtilsTest) has murmur2("foobar") = -790332482.
	const partition = -790332482 & 0x7fffffff % 12
	pc, err := consumer.ConsumePartition("t", partition, sarama.OffsetOldest)
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	select {
	case r := <-pc.Messages():
		got := map[string]string{}
		for _, h := range r.Headers {
			got[string(h.Key)] = string(h.Value)
		}
		want := map[string]string{
			"ce_id": "a-1", "ce_specversion": "1.0", "ce_type": m.Type, "ce_source": "/dime", "ce_subject": "s", "ce_partitionkey": "foobar",
			"ce_time": "2026-01-02T03:04:05.000000006Z", "content-type": "application/json", "ce_dataschema": "https://x/y",
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || string(r.Key) != "foobar" || string(r.Value) != `{"a":1}` {
			t.Errorf("key %q, value %q, headers\n%v\nexpected\n%v", r.Key, r.Value, got, want)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("nothing is in the key's partition")
	}
}

// TestReadCommitted: what a transaction took back is not given out, and its markers leave no gap that stops the commit.
func TestReadCommitted(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	o := options(n)
	o.Partitions = 1
	b := opened(t, o)
	ensure(t, b, "t")
	c := sarama.NewConfig()
	c.Version = sarama.V2_8_0_0
	c.Producer.Return.Successes = true
	c.Producer.Idempotent, c.Producer.RequiredAcks, c.Net.MaxOpenRequests = true, sarama.WaitForAll, 1
	c.Producer.Transaction.ID = "transactions"
	p, err := sarama.NewSyncProducer([]string{n.Addr}, c)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for i, end := range []func() error{p.CommitTxn, p.AbortTxn, p.CommitTxn} {
		if err := p.BeginTxn(); err != nil {
			t.Fatal(err)
		}
		r := &sarama.ProducerMessage{
			Topic: "t", Value: sarama.StringEncoder(fmt.Sprint(i)),
			Headers: headers("ce_id", fmt.Sprint(i), "ce_specversion", "1.0", "ce_type", "t", "ce_source", "/s"),
		}
		if _, _, err := p.SendMessage(r); err != nil {
			t.Fatal(err)
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
	}
	in := subscribed(t, b, "g", "t", 4)
	for _, want := range []string{"0", "2"} {
		e := next(t, in)
		if e.ID != want {
			t.Errorf("%s came, expected %s", e.ID, want)
		}
		e.Ack()
	}
	eventually(t, 10*time.Second, "the group's offset", func() error { // 0, marker, 1, marker, 2
		if at := committedOffset(t, b, "g", "t", 0); at != 5 {
			return fmt.Errorf("committed %d, expected 5", at)
		}
		return nil
	})
}

func committedOffset(t testing.TB, b *Broker, group, topic string, partition int32) int64 {
	t.Helper()
	admin, err := sarama.NewClusterAdminFromClient(b.control)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := admin.ListConsumerGroupOffsets(group, map[string][]int32{topic: {partition}})
	if err != nil {
		t.Fatal(err)
	}
	return answer.GetBlock(topic, partition).Offset
}

// TestTooSmallTopic: a topic that takes less than a message has refuses it in words, and nothing was accepted.
func TestTooSmallTopic(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	o := options(n)
	o.MaxBody = 1000
	small := opened(t, o)
	ensure(t, small, "small")
	b := opened(t, options(n))
	err := messaging.Publish(t.Context(), b, "small", messaging.Message{ID: "1", Type: "t", Source: "/s", Body: make([]byte, 100_000)})
	if !errors.Is(err, messaging.ErrTooLarge) || !strings.Contains(fmt.Sprint(err), "max.message.bytes") {
		t.Errorf("published with %v", err)
	}
	if err := messaging.Publish(t.Context(), b, "absent", messaging.Message{ID: "1", Type: "t", Source: "/s"}); err == nil ||
		!strings.Contains(err.Error(), "absent does not exist") {
		t.Errorf("published to an absent topic with %v", err)
	}
	impatient, give := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond/2, give)
	_ = messaging.Publish(impatient, b, "small", messaging.Message{ID: "1", Type: "t", Source: "/s"})
	if err := b.Health(); err != nil {
		t.Errorf("what one publisher does wrong makes the broker unwell: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	warnings, err := b.EnsureTopics(ctx, "small")
	if err != nil || len(warnings) != 2 || !strings.Contains(warnings[0], "one copy") ||
		!strings.Contains(warnings[1], "max.message.bytes is") {
		t.Errorf("warnings %q, %v", warnings, err)
	}
}

// TestTooSmallTopicForBatches: a topic that takes less than ours takes small messages, however many are sent at the same time: the cluster
// refuses a batch that is too large with all that is in it, and they are sent again one by one.
func TestTooSmallTopicForBatches(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	o := options(n)
	o.MaxBody = 1000
	small := opened(t, o)
	ensure(t, small, "small")
	in := subscribed(t, small, "g", "small", 64)
	b := opened(t, options(n))
	const many = 600
	var wait sync.WaitGroup
	errs := make(chan error, many)
	for i := range many {
		wait.Go(func() {
			m := messaging.Message{ID: fmt.Sprint(i), Key: "k", Type: "t", Source: "/s", Body: make([]byte, 900)}
			if err := messaging.Publish(t.Context(), b, "small", m); err != nil {
				errs <- err
			}
		})
	}
	wait.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
		break
	}
	if b.sender.alone.producer == nil {
		t.Error("no batch was too large: the test tries nothing")
	}
	if err := b.Health(); err != nil {
		t.Error(err)
	}
	seen := map[string]int{}
	for len(seen) < many {
		e := next(t, in)
		m, flaw := messaging.Unpack(e)
		if flaw != nil {
			t.Fatal(flaw)
		}
		seen[m.ID]++
		e.Ack()
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("message %s came %d times", id, times)
		}
	}
}
