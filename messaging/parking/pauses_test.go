package parking

import (
	"testing"
	"time"
)

// TestPauses: what waits for what answers comes at its earliest, and nothing else; each waking in vain doubles that time;
// what a message has waited for does not count for the next; nothing is remembered of what has ended.
func TestPauses(t *testing.T) {
	var p Pauses[string]
	need := func(on string) Need {
		return Need{On: on, Tried: noon, Least: time.Second, Most: 4 * time.Second}
	}
	begin := func(number int64, on string, now time.Time, pause, want time.Duration) {
		t.Helper()
		if at := p.Begin(number, on, need(on), now, now.Add(pause)); at.Sub(now) != want {
			t.Fatalf("%d comes after %v, expected %v", number, at.Sub(now), want)
		}
	}
	wake := func(on string, at time.Time) map[string]time.Time {
		came := map[string]time.Time{}
		p.Wake(on, at, func(e string, soon time.Time) { came[e] = soon })
		return came
	}
	begin(1, "crm", noon, time.Minute, time.Minute)
	begin(2, "map", noon, time.Minute, time.Minute)
	begin(3, "crm", noon, time.Second/2, time.Second/2) // sooner than any waking
	begin(4, "", noon, time.Minute, time.Minute)
	now := noon
	for _, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 4 * time.Second} {
		if came := wake("crm", now); len(came) != 1 || came["crm"].Sub(now) != want {
			t.Fatalf("%v came, expected one after %v", came, want)
		}
		if came := wake("crm", now); len(came) != 0 {
			t.Fatalf("%v came twice", came)
		}
		now = now.Add(time.Hour)
		p.heard = nil // it was tried after that
		begin(1, "crm", now, time.Minute, time.Minute)
	}
	p.End(1)
	if came := wake("crm", now.Add(time.Second)); len(came) != 0 {
		t.Fatalf("%v came, and has ended", came)
	}
	begin(1, "crm", now, time.Minute, time.Second) // it answered while the message was on its way back
	p.Leave(2)
	if came := wake("map", now); len(came) != 0 {
		t.Fatalf("%v came, and waits no longer", came)
	}
	p.End(1)
	p.End(2)
	if len(p.waiting) != 0 || len(p.on) != 0 || len(p.woken) != 0 {
		t.Fatalf("%v, %v and %v are remembered", p.waiting, p.on, p.woken)
	}
}
