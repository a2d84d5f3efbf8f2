package schema

import (
	"testing"
	"time"
)

// TestZone reads what systems write without an offset: as in the guide on schedules, an hour that comes twice is the first one, and one
// that is left out is the jump.
func TestZone(t *testing.T) {
	for _, c := range []struct{ zone, text, want string }{
		{"Europe/Rome", "2026-01-31T10:00:00", "2026-01-31T10:00:00+01:00"},
		{"Europe/Rome", "2026-07-31T10:00:00.25", "2026-07-31T10:00:00.25+02:00"},
		{"Europe/Rome", "2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"},
		{"Europe/Rome", "2026-03-29T01:59:59", "2026-03-29T01:59:59+01:00"},
		{"Europe/Rome", "2026-03-29T02:30:00", "2026-03-29T03:00:00+02:00"},
		{"Europe/Rome", "2026-03-29T03:00:00", "2026-03-29T03:00:00+02:00"},
		{"Europe/Rome", "2026-10-25T02:30:00", "2026-10-25T02:30:00+02:00"},
		{"Europe/Rome", "2026-10-25T03:00:00", "2026-10-25T03:00:00+01:00"},
		{"America/New_York", "2026-03-08T02:30:00", "2026-03-08T03:00:00-04:00"},
		{"America/New_York", "2026-11-01T01:30:00", "2026-11-01T01:30:00-04:00"},
		{"Europe/Rome", "1866-12-12T00:00:00", "1866-12-12T00:00:00+00:49"},
		{"+01:00", "2026-07-31T10:00:00", "2026-07-31T10:00:00+01:00"},
		{"Z", "2016-12-31T23:59:60", "2016-12-31T23:59:60Z"},
	} {
		z, err := ZoneOf(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		v, err := ParseText(c.text, z.Typed(TypeDateTime))
		if err != nil || v.Str() != c.want || v.Kind() != KindDateTime {
			t.Errorf("%s in %s: %s %v, want %s", c.text, c.zone, v.Str(), err, c.want)
		}
	}
	if _, err := ParseText("2026-01-31T10:00:00", TypeDateTime); err == nil {
		t.Error("a moment without an offset is read")
	}
	rome, _ := ZoneOf("Europe/Rome")
	fixed, _ := ZoneOf("+01:00")
	for _, c := range []struct {
		zone *Zone
		of   *Type
		want Kind
		text string
	}{
		{rome, TypeTime, KindTimeLocal, "09:00:00"}, // no day, and so no offset
		{fixed, TypeTime, KindTime, "09:00:00+01:00"},
		{ZoneNone, TypeTime, KindTimeLocal, "09:00:00"},
		{ZoneNone, TypeDateTime, KindDateTimeLocal, "09:00:00"},
		{ZoneUnsaid, TypeTime, KindTime, "09:00:00"},
		{nil, TypeDateTime, KindDateTime, ""},
		{rome, TypeDate, KindDate, ""},
	} {
		typed := c.zone.Typed(c.of)
		if typed.Kind != c.want {
			t.Errorf("%s is %s, want %s", c.of, typed, c.want)
		}
		if c.of != TypeTime {
			continue
		}
		if v, err := ParseText("09:00:00", typed); err != nil || v.Str() != c.text {
			t.Errorf("09:00:00 as %s: %q %v, want %s", typed, v.Str(), err, c.text)
		}
	}
	if _, err := ParseDateTimeLocal("2026-01-31T10:00:00Z"); err == nil {
		t.Error("a local date and time has an offset")
	}
	if _, err := ZoneOf("Local"); err == nil {
		t.Error("the machine's zone is one")
	}
}

// TestOnClocks walks over all half hours of a year in zones that jump by an hour, by half of one, and by a whole day: what clocks show at
// the moment that is found is what was asked for, unless it was never shown.
func TestOnClocks(t *testing.T) {
	for name, year := range map[string]int{"Europe/Rome": 2026, "Australia/Lord_Howe": 2026, "Pacific/Apia": 2011} {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		missing := 0
		for wall := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); wall.Year() == year; wall = wall.Add(30 * time.Minute) {
			at, there := OnClocks(wall, loc)
			shown := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC)
			if there != shown.Equal(wall) || shown.Before(wall) {
				t.Errorf("%s: at %s clocks show %s, asked for %s (%v)", name, at, shown, wall, there)
			}
			if !there {
				missing++
			}
			if before := at.Add(-time.Hour); there && before.Format("2006-01-02T15:04") == at.Format("2006-01-02T15:04") {
				t.Errorf("%s: %s is not the first one", name, at)
			}
		}
		if want := map[string]int{"Europe/Rome": 2, "Australia/Lord_Howe": 1, "Pacific/Apia": 48 + 2}[name]; missing != want {
			t.Errorf("%s leaves out %d half hours, want %d", name, missing, want)
		}
	}
}
