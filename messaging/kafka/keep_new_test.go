package kafka

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
)

// TestNewTopicsAreQuiet: a first start on a new cluster makes many topics at once, whose brokers do not know for a moment who leads
// them. That passes by itself, and nobody is warned of it.
func TestNewTopicsAreQuiet(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	o := options(n)
	var mu sync.Mutex
	var warnings []string
	o.Warn = func(topic, text string) {
		mu.Lock()
		defer mu.Unlock()
		if !strings.Contains(text, "one copy of each partition") {
			warnings = append(warnings, topic+": "+text)
		}
	}
	b, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var kept []messaging.Kept
	for i := range 30 {
		kept = append(kept, messaging.Kept{Topic: fmt.Sprint("nuovo-", i), Readers: []messaging.Reader{{Group: "una"}, {Group: "altra"}}})
	}
	if err := b.Keep(kept...); err != nil {
		t.Fatal(err)
	}
	for _, k := range kept {
		if err := b.writable(t.Context(), k.Topic); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(warnings) > 0 {
		t.Error(strings.Join(warnings, "\n"))
	}
}
