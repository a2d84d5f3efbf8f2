package kafka

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
)

// TestParkedReopened: what was finished beyond a message that waits is not given again by whoever comes next.
func TestParkedReopened(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	o := options(n)
	o.Partitions = 1
	b := opened(t, o)
	ensure(t, b, "t")
	const others = 300
	batch := []messaging.Message{{ID: "parked", Key: "parked", Type: "t", Source: "/s"}}
	for i := range others {
		batch = append(batch, messaging.Message{ID: fmt.Sprint(i), Key: fmt.Sprint("k", i%7), Type: "t", Source: "/s"})
	}
	if err := messaging.Publish(t.Context(), b, "t", batch...); err != nil {
		t.Fatal(err)
	}
	first := opened(t, o)
	in := subscribed(t, first, "g", "t", 8)
	until := time.Now().Add(3 * time.Second)
	for range others + 1 {
		e := next(t, in)
		if e.ID == "parked" {
			messaging.Defer(e, until, true)
			e.Nack()
			continue
		}
		e.Ack()
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if at := committedOffset(t, b, "g", "t", 0); at != 0 {
		t.Fatalf("committed %d while the first message waits", at)
	}
	e := next(t, subscribed(t, b, "g", "t", 8))
	if m, _ := messaging.Received(e); m.ID != "parked" || m.Attempt != 2 || time.Now().Before(until) {
		t.Errorf("%s came, attempt %d, %v before its time; expected parked, attempt 2", m.ID, m.Attempt, time.Until(until))
	}
	e.Ack()
	eventually(t, 10*time.Second, "commit", func() error {
		if at := committedOffset(t, b, "g", "t", 0); at != others+1 {
			return fmt.Errorf("committed %d, expected %d", at, others+1)
		}
		return nil
	})
}

// TestBacklog: a backlog that nobody takes needs no more memory than the windows, and then all of it comes, in order.
func TestBacklog(t *testing.T) {
	const count, keys = 60_000, 60
	n := kafkatest.New(t)
	o := options(n)
	o.Window = 200
	b := opened(t, o)
	ensure(t, b, "t")
	body := make([]byte, 1024)
	for i := 0; i < count; i += 1000 {
		batch := make([]messaging.Message, 1000)
		for j := range batch {
			batch[j] = messaging.Message{ID: fmt.Sprint(i + j), Key: fmt.Sprint("k", j%keys), Type: "t", Source: "/s", Body: body}
		}
		if err := messaging.Publish(t.Context(), b, "t", batch...); err != nil {
			t.Fatal(err)
		}
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse >> 20
	}
	before := heap()
	in := subscribed(t, b, "g", "t", 16)
	first := next(t, in)
	<-time.After(2 * time.Second) // to fetch what it may
	held := int64(heap()) - int64(before)
	t.Logf("%d MiB are held of a backlog of %d MiB", held, count>>10)
	if held > 40 {
		t.Errorf("%d MiB are held; 12 partitions of 200 messages and their fetches were expected", held)
	}
	last := map[string]int{}
	for i := range count {
		e := first
		if i > 0 {
			e = next(t, in)
		}
		m, _ := messaging.Received(e)
		var number int
		if _, err := fmt.Sscan(m.ID, &number); err != nil {
			t.Fatal(err)
		}
		if was, seen := last[m.Key]; seen && number <= was {
			t.Fatalf("%d came after %d of its key", number, was)
		}
		last[m.Key] = number
		e.Ack()
	}
}
