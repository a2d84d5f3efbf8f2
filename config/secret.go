package config

import (
	"fmt"
	"log/slog"
)

const masked = "***"

// Secret is a value that no output shows: printed, logged or encoded in any way it is ***. The zero Secret is empty.
// It is not compared; Reveal returns its text, for the one who may have it.
type Secret struct {
	value *string // a pointer, since fmt prints unexported fields of fields without asking
}

// NewSecret hides a value.
func NewSecret(value string) Secret { return Secret{&value} }

// Reveal returns the value itself, to be sent and never to be shown.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s.value == nil || *s.value == "" }

// String returns ***.
func (s Secret) String() string { return masked }

// GoString returns ***.
func (s Secret) GoString() string { return masked }

// Format writes *** for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// MarshalJSON returns "***".
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + masked + `"`), nil }

// MarshalText returns ***.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// MarshalYAML returns ***.
func (s Secret) MarshalYAML() (any, error) { return masked, nil }

// LogValue returns ***.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }
