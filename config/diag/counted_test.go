package diag

import "testing"

// TestCounted: a noun has the number of what it names.
func TestCounted(t *testing.T) {
	for want, got := range map[string]string{
		"1 letter": Counted(1, "letter"), "0 letters": Counted(0, "letter"), "2 data keys": Counted(2, "data key"),
		"1 entry": Counted(1, "entry"), "3 entries": Counted(int64(3), "entry"),
	} {
		if got != want {
			t.Errorf("found %q, expected %q", got, want)
		}
	}
}
