package schema

import "testing"

// TestLeapSecond: a leap second is the last second of a day of UTC (RFC 3339 §5.7), at whatever offset it is written.
func TestLeapSecond(t *testing.T) {
	for text, want := range map[string]bool{
		"23:59:60Z": true, "23:59:60.5Z": true, "00:59:60+01:00": true, "15:59:60-08:00": true, "09:29:60+09:30": true, "23:59:60+00:00": true,
		"10:00:60Z": false, "22:59:60Z": false, "23:58:60Z": false, "23:59:60+01:00": false, "00:59:60-01:00": false, "23:59:61Z": false,
	} {
		if _, err := ParseTime(text); (err == nil) != want {
			t.Errorf("time %s is read: %v, want %v", text, err == nil, want)
		}
		if _, err := ParseDateTime("2016-12-31T" + text); (err == nil) != want {
			t.Errorf("date-time with %s is read: %v, want %v", text, err == nil, want)
		}
	}
	for text, want := range map[string]bool{"23:59:60": true, "00:59:60": true, "09:29:60": true, "10:00:60": false, "09:30:60": false} {
		if _, err := ParseTimeLocal(text); (err == nil) != want {
			t.Errorf("time-local %s is read: %v, want %v", text, err == nil, want)
		}
		if _, err := ParseDateTimeLocal("2017-01-01T" + text); (err == nil) != want {
			t.Errorf("date-time-local with %s is read: %v, want %v", text, err == nil, want)
		}
	}
}
