package schema

import "encoding/base64"

// Octets returns the octets of a bytes value, decoded if it holds them as base64; nil for anything else. The caller does
// not write to them.
func Octets(v Value) []byte {
	if raw, ok := v.Raw(); ok {
		return raw
	}
	if v.kind != KindBytes {
		return nil
	}
	b, err := base64.StdEncoding.DecodeString(v.Str())
	if err != nil {
		return nil
	}
	return b
}

// Base64 returns a bytes value as base64 text (RFC 4648 §4, padded).
func Base64(v Value) string {
	if raw, ok := v.Raw(); ok {
		return base64.StdEncoding.EncodeToString(raw)
	}
	return v.Str()
}
