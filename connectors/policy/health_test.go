package policy

import (
	"context"
	"errors"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
)

// TestHealth: a system whose breaker has opened says since when and why, also after it was tried in vain; one that answers again is well.
func TestHealth(t *testing.T) {
	sh := NewShared("crm", Set{Breaker: &Breaker{Failures: 2, Open: 20 * time.Millisecond}, Concurrency: 3}, nil, nil)
	down := true
	call := sh.broken(&connectors.Operation{Name: "create"}, time.Minute)(func(context.Context, schema.Value) (schema.Value, error) {
		if down {
			return schema.Value{}, &connectors.Fault{System: "crm", Operation: "create", Kind: connectors.Unavailable, Err: errors.New("refused")}
		}
		return schema.Value{}, nil
	})
	ask := func() { _, _ = call(t.Context(), schema.Value{}) }
	ask()
	if h := sh.Health(); h.Unwell() || h.Slots != 3 || !h.Since().IsZero() {
		t.Errorf("after one failure: found %+v, expected it to be well, with 3 slots", h)
	}
	before := time.Now()
	ask()
	h := sh.Health()
	if !h.Unwell() || h.Since().Before(before.Add(-time.Second)) || h.Since().After(time.Now()) {
		t.Fatalf("after two failures: found %+v, expected it to be open since now", h)
	}
	if c := h.Whole.Cause; c.Operation != "create" || c.Kind != "unavailable" || c.Detail != "crm.create: unavailable: refused" {
		t.Errorf("found the cause %+v", c)
	}
	since := h.Since()
	tried := func(until func(Health) bool) {
		t.Helper()
		for end := time.Now().Add(time.Minute); !until(sh.Health()); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("found %+v", sh.Health())
			}
			ask()
		}
	}
	tried(func(h Health) bool { return h.Whole.Cause.At.After(since.Add(time.Millisecond)) })
	if h := sh.Health(); !h.Since().Equal(since) {
		t.Errorf("after it was tried in vain: since %s, expected %s", h.Since(), since)
	}
	down = false
	tried(func(h Health) bool { return !h.Unwell() })
	if h := sh.Health(); !h.Since().IsZero() || h.Whole.State != Closed {
		t.Errorf("after it answered: found %+v", h)
	}
}
