package messagingtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"fondaco/messaging"
)

// exact: what is published comes, byte for byte, whether it is published as it is or in envelopes.
func exact(b *bench) {
	exactly(b, b.publish)
	exactly(b, func(topic string, ms ...messaging.Message) {
		b.Helper()
		if err := packed(b, topic, ms...); err != nil {
			b.Fatalf("publish of envelopes: %v", err)
		}
	})
}

// packed publishes messages in envelopes.
func packed(b *bench, topic string, ms ...messaging.Message) error {
	ctx, end := context.WithTimeout(b.Context(), patience)
	defer end()
	var envelopes []*messaging.Envelope
	for _, m := range ms {
		e, err := messaging.Pack(ctx, m)
		if err != nil {
			return err
		}
		envelopes = append(envelopes, e)
	}
	return b.broker.Publish(topic, envelopes...)
}

func exactly(b *bench, publish func(topic string, ms ...messaging.Message)) {
	topic := b.topic()
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	var want []messaging.Message
	for i, body := range [][]byte{all, nil, {}, []byte("null"), []byte("\xff\xfe\x00"), bytes.Repeat([]byte("x"), messaging.MaxBody)} {
		m := event("k", i)
		m.Body = body
		want = append(want, m)
	}
	full := event("", 6)
	full.ID, full.Key, full.Subject, full.ContentType = "ìd è 漢", "chiave/à 1", "s", "application/json"
	full.Time = time.Date(2025, 3, 30, 2, 30, 0, 123456789, time.FixedZone("", 7200))
	full.Extensions = []messaging.Attribute{
		{Name: "attempt", Value: "9"},
		{Name: "due", Value: "2999-01-01T00:00:00Z"},
		{Name: "empty", Value: ""},
		{Name: "traceparent", Value: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
	}
	want = append(want, full, event("", 7))

	publish(topic, want...)
	in, stop := b.subscribe(topic, "g", 0)
	defer stop()
	got := map[string]messaging.Message{}
	for range want {
		e, m := b.next(in)
		got[m.ID] = m
		messaging.Ack(e)
	}
	for _, w := range want {
		g := got[w.ID]
		if g.Attempt != 1 || !g.Due.IsZero() {
			b.Errorf("%s: attempt %d, due %v on the first delivery", w.ID, g.Attempt, g.Due)
		}
		if !bytes.Equal(g.Body, w.Body) || !g.Time.Equal(w.Time) {
			b.Errorf("%s: body of %d bytes, time %v; published %d bytes, %v", w.ID, len(g.Body), g.Time, len(w.Body), w.Time)
		}
		g.Body, g.Time, g.Attempt, g.Place, w.Body, w.Time = nil, time.Time{}, 0, messaging.Place{}, nil, time.Time{}
		if !reflect.DeepEqual(g, w) {
			b.Errorf("came %+v\npublished %+v", g, w)
		}
	}
}

// refused: what is no event or too large is refused as a whole, in words, and nothing of it appears.
func refused(b *bench) {
	topic := b.topic()
	in, stop := b.subscribe(topic, "g", 0)
	defer stop()
	twice := event("k", 1)
	twice.Extensions = []messaging.Attribute{{Name: "a", Value: "1"}, {Name: "a", Value: "2"}}
	nameless := event("k", 2)
	nameless.ID = ""
	large := event("k", 3)
	large.Body = make([]byte, 10<<20)
	for _, c := range []struct {
		m    messaging.Message
		want error
		says string
	}{{twice, messaging.ErrInvalid, `"a"`}, {nameless, messaging.ErrInvalid, "id"}, {large, messaging.ErrTooLarge, "1048576"}} {
		for _, err := range []error{
			messaging.Publish(b.Context(), b.broker, topic, event("other", 1), c.m),
			packed(b, topic, event("other", 1), c.m),
		} {
			if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) {
				b.Errorf("published with the error %v; expected %q that says %s", err, c.want, c.says)
			}
		}
	}
	b.publish(topic, event("good", 1))
	if e, m := b.next(in); m.ID != "good-1" {
		b.Errorf("%s came, which was refused with its fellow", m.ID)
	} else {
		messaging.Ack(e)
	}
}

// topicsApart: a topic delivers its own messages only.
func topicsApart(b *bench) {
	one, two := b.topic(), b.topic()
	b.publish(one, event("one", 1))
	b.publish(two, event("two", 1))
	for topic, want := range map[string]string{one: "one-1", two: "two-1"} {
		in, stop := b.subscribe(topic, "g", 0)
		e, m := b.next(in)
		if m.ID != want {
			b.Errorf("%s came from a topic that has only %s", m.ID, want)
		}
		messaging.Ack(e)
		b.silence(in, 50*time.Millisecond)
		stop()
	}
}

// endedContext: a publish whose context has ended accepts nothing.
func endedContext(b *bench) {
	topic := b.topic()
	ctx, end := context.WithCancel(b.Context())
	end()
	if err := messaging.Publish(ctx, b.broker, topic, event("k", 1)); !errors.Is(err, context.Canceled) {
		b.Errorf("published under an ended context with the error %v", err)
	}
	b.publish(topic, event("k", 2))
	in, stop := b.subscribe(topic, "g", 0)
	defer stop()
	e, m := b.next(in)
	if m.ID != "k-2" {
		b.Errorf("%s came, whose publish was refused", m.ID)
	}
	messaging.Ack(e)
}

// backlog: more messages than any window holds come all, once, in order if there is one.
func backlog(b *bench) {
	const n, keys = 5000, 10
	topic := b.topic()
	for i := 0; i < n; i += 500 {
		batch := make([]messaging.Message, 500)
		for j := range batch {
			batch[j] = event(fmt.Sprintf("k%d", j%keys), i+j)
		}
		b.publish(topic, batch...)
	}
	in, stop := b.subscribe(topic, "g", 32)
	defer stop()
	last, all := map[string]int{}, map[string]bool{}
	for i := range n {
		e, m := b.next(in)
		var key string
		var seq int
		if _, err := fmt.Sscanf(string(m.Body), "%s %d", &key, &seq); err != nil {
			b.Fatalf("%q came: %v", m.Body, err)
		}
		if before, seen := last[key]; b.ordered && (seen && seq != before+keys || !seen && seq >= keys) {
			b.Fatalf("delivery %d: %s came after number %d of its key", i, m.ID, before)
		}
		last[key] = seq
		all[m.ID] = true
		messaging.Ack(e)
	}
	if len(all) != n {
		b.Errorf("%d different messages came in %d deliveries", len(all), n)
	}
	if len(all) != n {
		b.Errorf("%d different messages came in %d deliveries", len(all), n)
	}
	b.silence(in, 50*time.Millisecond)
}
