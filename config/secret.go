package config

import (
	"fmt"
	"log/slog"
)

const masked = "***"

// Secret is a value that no output shows: every way to print, log or encode it gives ***. The zero Secret is empty.
// It is not compared; Reveal gives it to whom it is meant for.
type Secret struct {
	value *string // a pointer, since fmt prints unexported fields of fields without asking
}

// NewSecret hides a value.
func NewSecret(value string) Secret { return Secret{&value} }

// Reveal gives the value itself, to be sent and never to be shown.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero tells that there is no value.
func (s Secret) IsZero() bool { return s.value == nil || *s.value == "" }

// String gives ***.
func (s Secret) String() string { return masked }

// GoString gives ***.
func (s Secret) GoString() string { return masked }

// Format writes *** for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// MarshalJSON gives "***".
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + masked + `"`), nil }

// MarshalText gives ***.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// MarshalYAML gives ***.
func (s Secret) MarshalYAML() (any, error) { return masked, nil }

// LogValue gives ***.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }
