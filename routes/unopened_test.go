package routes

import (
	"errors"
	"testing"
)

// TestUnopened: why a system cannot be opened names the system once.
func TestUnopened(t *testing.T) {
	for _, x := range []struct{ err, want string }{
		{`system tributi, parameter "endpoint": ${env.URL} is not set`, `system tributi, parameter "endpoint": ${env.URL} is not set`},
		{"system tributi: ca holds no certificate", "system tributi: ca holds no certificate"},
		{"found no host", "system tributi: found no host"},
		{"system tributi2: x", "system tributi: system tributi2: x"},
	} {
		cause := errors.New(x.err)
		if err := unopened("tributi", cause); err.Error() != x.want || !errors.Is(err, cause) {
			t.Errorf("found %q, expected %q", err, x.want)
		}
	}
}
