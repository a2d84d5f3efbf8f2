package schedule

import (
	"strings"
	"testing"
	"time"
)

func rome(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestDue: due times over ordinary days and over both nights at which the clocks change (29 March and 25 October 2026).
func TestDue(t *testing.T) {
	for _, x := range []struct{ cron, from, want string }{
		{"30 6 * * *", "2026-11-23T06:29:59+01:00", "2026-11-23T06:30:00+01:00 2026-11-24T06:30:00+01:00"},
		{"30 6 * * *", "2026-11-23T06:30:00+01:00", "2026-11-24T06:30:00+01:00"},
		{"*/20 * * * *", "2026-11-23T06:30:00+01:00", "2026-11-23T06:40:00+01:00 2026-11-23T07:00:00+01:00"},
		{"0 8 1 * *", "2026-11-23T06:30:00+01:00", "2026-12-01T08:00:00+01:00 2027-01-01T08:00:00+01:00"},
		{"0 8 * * mon-fri", "2026-11-20T09:00:00+01:00", "2026-11-23T08:00:00+01:00 2026-11-24T08:00:00+01:00"},
		{"0 0 29 2 *", "2026-11-20T09:00:00+01:00", "2028-02-29T00:00:00+01:00"},
		{"@daily", "2026-11-20T09:00:00+01:00", "2026-11-21T00:00:00+01:00"},
		// 02:00 becomes 03:00: what falls between is due at the jump, once
		{"30 2 * * *", "2026-03-28T12:00:00+01:00", "2026-03-29T03:00:00+02:00 2026-03-30T02:30:00+02:00"},
		{"10,30 2 * * *", "2026-03-28T12:00:00+01:00", "2026-03-29T03:00:00+02:00 2026-03-30T02:10:00+02:00"},
		{"0 3 * * *", "2026-03-28T12:00:00+01:00", "2026-03-29T03:00:00+02:00 2026-03-30T03:00:00+02:00"},
		{"*/30 * * * *", "2026-03-29T01:15:00+01:00", "2026-03-29T01:30:00+01:00 2026-03-29T03:00:00+02:00 2026-03-29T03:30:00+02:00"},
		// 03:00 becomes 02:00: what comes twice is due the first time
		{"30 2 * * *", "2026-10-24T12:00:00+02:00", "2026-10-25T02:30:00+02:00 2026-10-26T02:30:00+01:00"},
		{"30 2 * * *", "2026-10-25T02:10:00+01:00", "2026-10-26T02:30:00+01:00"},
		{"*/30 * * * *", "2026-10-25T02:15:00+02:00", "2026-10-25T02:30:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T02:30:00+01:00 " +
			"2026-10-25T03:00:00+01:00"},
	} {
		p, err := ParseCron(x.cron, rome(t))
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, x.from)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for range strings.Fields(x.want) {
			at = p.Next(at)
			got = append(got, at.Format(time.RFC3339))
		}
		if g := strings.Join(got, " "); g != x.want {
			t.Errorf("%s from %s: %s, expected %s", x.cron, x.from, g, x.want)
		}
	}
}

// TestSundays: 7 is Sunday wherever a day of the week may stand, as 0 is.
func TestSundays(t *testing.T) {
	for seven, zero := range map[string]string{
		"7": "0", "5-7": "5,6,0", "fri-sun": "5,6,0", "1,7": "1,0", "1-7/2": "1,3,5,0", "0-7": "0-6", "sun-7": "0-6", "7-7": "0", "7/2": "0",
		"mon-7": "0-6", "6-7,3": "3,6,0",
	} {
		a, err := ParseCron("0 6 * * "+seven, rome(t))
		if err != nil {
			t.Errorf("%s: %v", seven, err)
			continue
		}
		b, err := ParseCron("0 6 * * "+zero, rome(t))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
		for x, y := at, at; x.Before(at.AddDate(0, 0, 20)); {
			if x, y = a.Next(x), b.Next(y); !x.Equal(y) {
				t.Errorf("%s: %s, expected %s as of %s", seven, x, y, zero)
				break
			}
		}
		if want := "0 6 * * " + seven + " Europe/Rome"; a.String() != want {
			t.Errorf("%q, expected %q", a, want)
		}
	}
}

// TestDueEvery: multiples of the duration, whatever the zone.
func TestDueEvery(t *testing.T) {
	at := time.Date(2026, 11, 23, 6, 31, 7, 5, time.UTC)
	if got := Every(10 * time.Minute).Next(at); !got.Equal(time.Date(2026, 11, 23, 6, 40, 0, 0, time.UTC)) {
		t.Error(got)
	}
	if got := Every(time.Second).Next(at.Truncate(time.Second)); !got.Equal(time.Date(2026, 11, 23, 6, 31, 8, 0, time.UTC)) {
		t.Error(got)
	}
}

// TestLatest: the last of many missed, found without going through all of them.
func TestLatest(t *testing.T) {
	p, err := ParseCron("0 6 * * *", rome(t))
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	until := time.Date(2026, 11, 23, 4, 59, 0, 0, time.UTC)
	if got, ok := p.Latest(from, until); !ok || got.UTC().Format(time.RFC3339) != "2026-11-22T05:00:00Z" {
		t.Error(got, ok)
	}
	if got, ok := p.Latest(until.Add(-time.Hour), until); ok {
		t.Error(got)
	}
	if got, ok := Every(time.Second).Latest(from, until); !ok || !got.Equal(until) {
		t.Error(got, ok)
	}
}

// TestMistakes: what is wrong with an expression is told by its field.
func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"* * * *":             "found 4 fields, expected five: minute, hour, day of the month, month, day of the week",
		"60 * * * *":          `the minute: found "60", expected 0-59, or *, lists as 1,2, ranges as 1-5 and steps as */10`,
		"0 24 * * *":          `the hour: found "24", expected 0-23, or *, lists as 1,2, ranges as 1-5 and steps as */10`,
		"0 0 * * 7-1":         `the day of the week: found "7-1", expected 0-7 or sun-sat, 0 and 7 are Sunday, or *, lists as 1,2, ranges as 1-5 and steps as */10`,
		"0 0 * * 5-7/0":       `the day of the week: found "5-7/0", expected 0-7 or sun-sat, 0 and 7 are Sunday, or *, lists as 1,2, ranges as 1-5 and steps as */10`,
		"0 0 * * 8":           `the day of the week: found "8", expected 0-7 or sun-sat, 0 and 7 are Sunday, or *, lists as 1,2, ranges as 1-5 and steps as */10`,
		"0 0 31 2 *":          `found "0 0 31 2 *", which never comes`,
		"@every 5m":           "found 2 fields, expected five: minute, hour, day of the month, month, day of the week",
		"@midday":             `found "@midday", expected five fields, or @yearly, @monthly, @weekly, @daily or @hourly`,
		"TZ=UTC 0 0 * * *":    "found 6 fields, expected five: minute, hour, day of the month, month, day of the week",
		"CRON_TZ=UTC * * * *": `the minute: found "CRON_TZ=UTC", expected 0-59, or *, lists as 1,2, ranges as 1-5 and steps as */10`,
	} {
		if _, err := ParseCron(text, time.UTC); err == nil || err.Error() != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}
