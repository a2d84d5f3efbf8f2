package messaging

import (
	"context"
	"testing"
)

// TestEnvelopeEndsOnce: the first end counts, whatever is said later, and whoever watches learns of that one alone.
func TestEnvelopeEndsOnce(t *testing.T) {
	closed := func(c <-chan struct{}) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	for _, c := range []struct {
		name        string
		first, then func(*Envelope) bool
		acked       bool
	}{
		{"acked", (*Envelope).Ack, (*Envelope).Nack, true},
		{"nacked", (*Envelope).Nack, (*Envelope).Ack, false},
	} {
		for _, e := range []*Envelope{NewEnvelope("1", nil), {ID: "1"}} {
			ended, again, otherwise := c.first(e), c.first(e), c.then(e)
			if !ended || !again || otherwise {
				t.Errorf("%s: the first end does not hold", c.name)
			}
			if watched := e.Acked() != nil; watched && (closed(e.Acked()) != c.acked || closed(e.Nacked()) == c.acked) {
				t.Errorf("%s: acked is %v, nacked is %v", c.name, closed(e.Acked()), closed(e.Nacked()))
			}
			if e.Context() != context.Background() {
				t.Errorf("%s: an envelope that was given no context has another than the background's", c.name)
			}
		}
	}
}
