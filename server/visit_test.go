package server

import "testing"

// TestAccept: the media types of Accept are compared without regard to case, the most specific range counts, and q=0 refuses.
func TestAccept(t *testing.T) {
	for accept, want := range map[string]bool{
		"": true, "application/json": true, "APPLICATION/JSON": true, "application/JSON; charset=utf-8": true,
		"*/*": true, "application/*": true,
		"text/html": false, "text/html, */*;q=0.1": true, "application/json;q=0": false, "application/json; Q=0.000": false,
		"application/json;q=0.001": true, "application/json;q=0, */*": false, "*/*, application/json;q=0": false, "*/*;q=0, application/json": true,
		"application/*;q=0, */*": false, "*/*;q=0": false, "text/html, application/problem+json": true,
		"application/json;q=0, application/problem+json": true, "text/*": false, "image/x, application/xml;q=0.9": false,
	} {
		if got := acceptsJSON([]string{accept}); got != want {
			t.Errorf("Accept: %s takes JSON: %v, want %v", accept, got, want)
		}
	}
	if !acceptsJSON([]string{"text/html", "Application/Json"}) || acceptsJSON([]string{"application/json;q=0", "*/*"}) {
		t.Error("several lines are not one list")
	}
}
