package config

import "fondaco/config/diag"

// CheckName reports whether t is a name: an ASCII letter or _, then letters, digits, _, - and dots, 100 at most; so that no
// letter of another alphabet passes for the one it looks like. It reports what is not.
func CheckName(t Text, out *diag.List) bool {
	for i, r := range t.Value {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_', i > 0 && (r >= '0' && r <= '9' || r == '-' || r == '.'):
			continue
		case r > 127:
			out.Report(diag.BadValue, t.At(i), "found %q (U+%04X) in the name %q, expected ASCII letters, digits, - and _", r, r, shorten(t.Value))
			return false
		}
		out.Report(diag.BadValue, t.At(i), "found %q in the name %q, expected ASCII letters, digits, - and _, a letter first", r,
			shorten(t.Value))
		return false
	}
	if t.Value == "" || len(t.Value) > 100 {
		out.Report(diag.BadValue, t.Pos, "found a name of %d letters, expected 1 to 100", len(t.Value))
		return false
	}
	return true
}

// CheckID is CheckName for what becomes part of addresses and identifiers, as routes: small letters, digits and -.
func CheckID(t Text, out *diag.List) bool {
	for i, r := range t.Value {
		if r >= 'a' && r <= 'z' || i > 0 && (r >= '0' && r <= '9' || r == '-') {
			continue
		}
		if r > 127 {
			return CheckName(t, out)
		}
		out.Report(diag.BadValue, t.At(i), "found %q in the name %q, expected small letters, digits and -, a letter first", r, shorten(t.Value))
		return false
	}
	return CheckName(t, out)
}
