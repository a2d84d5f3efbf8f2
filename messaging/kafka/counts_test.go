package kafka

import (
	"fmt"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
)

// TestCounts: what was accepted is finished or waits, also while a message waits behind which all is finished.
func TestCounts(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	o := options(n)
	o.Partitions = 2
	b := opened(t, o)
	ensure(t, b, "t", "empty")
	began := time.Now().Add(-time.Second)
	const others = 200
	batch := []messaging.Message{{ID: "parked", Key: "parked", Type: "t", Source: "/s"}}
	for i := range others {
		batch = append(batch, messaging.Message{ID: fmt.Sprint(i), Key: fmt.Sprint("k", i%7), Type: "t", Source: "/s"})
	}
	if err := messaging.Publish(t.Context(), b, "t", batch...); err != nil {
		t.Fatal(err)
	}
	expect := func(group string, waiting int64) messaging.Count {
		t.Helper()
		var found messaging.Count
		eventually(t, 15*time.Second, "counts", func() error {
			counts, err := b.Counts(t.Context())
			if err != nil {
				return err
			}
			for _, c := range counts {
				if c.Topic == "empty" && (c.Accepted != 0 || c.Group != "") {
					return fmt.Errorf("of the empty topic: %+v", c)
				}
				if c.Topic == "t" && c.Group == group {
					found = c
				}
			}
			if len(counts) != 2 || found.Accepted != others+1 || found.Waiting != waiting || found.Finished != others+1-waiting {
				return fmt.Errorf("%+v, expected %d waiting for %q", counts, waiting, group)
			}
			return nil
		})
		return found
	}
	expect("", others+1)
	in := subscribed(t, b, "g", "t", 8)
	until := time.Now().Add(5 * time.Second)
	for range others + 1 {
		e := next(t, in)
		if e.ID == "parked" {
			messaging.Defer(e, until, true)
			e.Nack()
			continue
		}
		e.Ack()
	}
	if c := expect("g", 1); c.Oldest.Before(began) || c.Oldest.After(time.Now()) {
		t.Errorf("the oldest message was accepted %v, expected after %v", c.Oldest, began)
	}
	next(t, in).Ack()
	if c := expect("g", 0); !c.Oldest.IsZero() {
		t.Errorf("nothing waits, and the oldest was accepted %v", c.Oldest)
	}
}
