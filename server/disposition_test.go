package server

import "testing"

// TestDisposition: a name in raw octets is written as RFC 8187 has it; what is well formed stays as it came.
func TestDisposition(t *testing.T) {
	for value, want := range map[string]string{
		`attachment; filename="a b.pdf"`:               `attachment; filename="a b.pdf"`,
		"attachment; filename=\"Pratica n\xb0 2.pdf\"": "attachment; filename*=utf-8''Pratica%20n%C2%B0%202.pdf",
		`attachment; filename="città.pdf"`:             "attachment; filename*=utf-8''citt%C3%A0.pdf",
		"attachment; filename*=UTF-8''citt%C3%A0.pdf":  "attachment; filename*=UTF-8''citt%C3%A0.pdf",
		"inline":        "inline",
		"":              "",
		"attachment; ;": "",
	} {
		if got := disposition(value); got != want {
			t.Errorf("%q: found %q, expected %q", value, got, want)
		}
	}
}
