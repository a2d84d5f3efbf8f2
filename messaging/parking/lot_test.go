package parking

import (
	"slices"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func expect(t *testing.T, got []int64, want ...int64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("let out %v, expected %v", got, want)
	}
}

// One goes as a trial; turned away it closes the place again; when it ends well the rest follows in order.
func TestTrial(t *testing.T) {
	var l Lot
	for _, n := range []int64{5, 3, 9, 1} {
		l.Park("crm", n, noon.Add(10*time.Second), time.Time{})
	}
	if at, is := l.Wake(); !is || !at.Equal(noon.Add(10*time.Second)) {
		t.Fatalf("wakes at %v, %v", at, is)
	}
	expect(t, l.Next(noon.Add(9*time.Second), 10))
	expect(t, l.Next(noon.Add(10*time.Second), 10), 1)
	expect(t, l.Next(noon.Add(time.Hour), 10))
	l.Park("crm", 1, noon.Add(20*time.Second), time.Time{})
	expect(t, l.Next(noon.Add(19*time.Second), 10))
	expect(t, l.Next(noon.Add(20*time.Second), 10), 1)
	l.End(1, true)
	expect(t, l.Next(noon.Add(20*time.Second), 2), 3, 5)
	expect(t, l.Next(noon.Add(20*time.Second), 2), 9)
	if l.Len() != 0 || l.Parked() != nil {
		t.Fatalf("%d wait: %v", l.Len(), l.Parked())
	}
	for _, n := range []int64{3, 5, 9} {
		l.End(n, true)
	}
	if len(l.places) != 0 || len(l.out) != 0 {
		t.Fatalf("%d places and %d messages are remembered", len(l.places), len(l.out))
	}
}

// What follows a trial that went well and is turned away after all closes the place for the rest.
func TestClosesAgain(t *testing.T) {
	var l Lot
	for n := range int64(6) {
		l.Park("crm", n, noon, time.Time{})
	}
	expect(t, l.Next(noon, 10), 0)
	l.End(0, true)
	expect(t, l.Next(noon, 2), 1, 2)
	l.Park("crm", 1, noon.Add(time.Minute), time.Time{})
	expect(t, l.Next(noon, 2))
	l.End(2, true) // it was on its way before
	expect(t, l.Next(noon, 2), 1, 3)
}

// Places are apart: what is down holds nothing that waits for another. A trial that came as far as another system says
// that its own is well; one that was given back unworked says nothing.
func TestPlacesAreApart(t *testing.T) {
	var l Lot
	l.Park("crm", 1, noon, time.Time{})
	l.Park("crm", 2, noon, time.Time{})
	l.Park("map", 3, noon.Add(time.Hour), time.Time{})
	l.Park("map", 4, noon.Add(time.Hour), time.Time{})
	expect(t, l.Next(noon, 10), 1)
	l.End(1, false)
	expect(t, l.Next(noon, 10), 2)
	l.Park("map", 2, noon.Add(time.Hour), time.Time{})
	expect(t, l.Next(noon, 10))
	l.Park("crm", 5, noon.Add(time.Minute), time.Time{})
	expect(t, l.Next(noon.Add(30*time.Second), 10))
	expect(t, l.Next(noon.Add(time.Minute), 10), 5)
	expect(t, l.Next(noon.Add(time.Hour), 10), 2)
}

// What has waited for too long comes out while its system is down, and lets nothing else out when it ends so.
func TestExpired(t *testing.T) {
	var l Lot
	for n := range int64(5) {
		l.Park("crm", n, noon.Add(time.Hour), noon.Add(time.Duration(10-n)*time.Minute))
	}
	if at, is := l.Wake(); !is || !at.Equal(noon.Add(6*time.Minute)) {
		t.Fatalf("wakes at %v, %v", at, is)
	}
	expect(t, l.Next(noon.Add(5*time.Minute), 10))
	expect(t, l.Next(noon.Add(7*time.Minute), 10), 3, 4)
	l.Refuse(3, noon.Add(time.Hour))
	l.Refuse(4, noon.Add(time.Hour))
	expect(t, l.Next(noon.Add(7*time.Minute+time.Second), 10))
	expect(t, l.Next(noon.Add(11*time.Minute), 2), 0, 1)
	expect(t, l.Next(noon.Add(11*time.Minute), 2), 2)
}

// What was parked before the process began is tried at once, and what is restored later does not try again.
func TestRestore(t *testing.T) {
	var l Lot
	l.Restore("crm", 1, time.Time{})
	l.Restore("crm", 2, noon.Add(time.Hour))
	expect(t, l.Next(noon, 10), 1)
	l.Park("crm", 1, noon.Add(time.Minute), time.Time{})
	l.Restore("crm", 3, time.Time{})
	expect(t, l.Next(noon, 10))
	expect(t, l.Next(noon.Add(time.Minute), 10), 1)
}
