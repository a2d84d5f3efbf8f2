package schema

import (
	"maps"
	"slices"
	"testing"
)

// TestFormatTable: every format that is checked has a row, and no row is of one that nothing checks.
func TestFormatTable(t *testing.T) {
	own := []string{"date", "date-time", "date-time-local", "time", "time-local", "duration", "byte", "binary"}
	want := slices.Sorted(slices.Values(slices.Concat(own, slices.Collect(maps.Keys(formats)))))
	if got := Formats(); !slices.Equal(got, want) {
		t.Errorf("found %v\nexpected %v", got, want)
	}
	for _, f := range formatTable {
		check := formats[f.Name]
		if check != nil && (!check(f.Admits) || check(f.Refuses)) {
			t.Errorf("%s: %q, %q", f.Name, f.Admits, f.Refuses)
		}
	}
}
