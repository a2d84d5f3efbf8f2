package schema

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// formats are the formats of text that are checked. Dates and the like are kinds of their own.
var formats = map[string]func(string) bool{
	"uri": func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && u.Scheme != "" && !strings.ContainsAny(s, " \t\r\n")
	},
	"uri-reference":  func(s string) bool { _, err := url.Parse(s); return err == nil && !strings.ContainsAny(s, " \t\r\n") },
	"email":          func(s string) bool { return len(s) <= maxEmail && email.MatchString(s) },
	"uuid":           uuid.MatchString,
	"hostname":       func(s string) bool { return len(s) <= 253 && hostname.MatchString(s) },
	"ipv4":           func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() },
	"ipv6":           func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() },
	"codice-fiscale": FiscalCode,
	"partita-iva":    VATNumber,
	"iban":           IBAN,
}

// maxEmail is how long an address of electronic mail may be (RFC 5321 §4.5.3.1: 64 and 255, and the @).
const maxEmail = 320

var (
	email    = regexp.MustCompile(`^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$`)
	uuid     = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	hostname = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$`)
)

// FormatKnown reports whether a format of text is checked.
func FormatKnown(name string) bool { return formats[name] != nil }

// The values of a codice fiscale's characters in odd places (Ministero delle finanze, DM 23 December 1976).
var oddValues = [36]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, // 0 to 9
	1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23} // A to Z

// FiscalCode reports whether s is a codice fiscale of a person, with its control character, also one whose digits were
// replaced by letters because two persons had the same (omocodia), or the eleven digits of an organisation's.
func FiscalCode(s string) bool {
	if len(s) == 11 {
		return VATNumber(s)
	}
	if len(s) != 16 {
		return false
	}
	sum := 0
	for i := range 16 {
		c := s[i]
		digit, letter := c >= '0' && c <= '9', c >= 'A' && c <= 'Z'
		switch i {
		case 6, 7, 9, 10, 12, 13, 14:
			if !digit && strings.IndexByte("LMNPQRSTUV", c) < 0 {
				return false
			}
		case 8:
			if strings.IndexByte("ABCDEHLMPRST", c) < 0 {
				return false
			}
		default:
			if !letter {
				return false
			}
		}
		if i == 15 {
			return int(c-'A') == sum%26
		}
		n := int(c - '0')
		if letter {
			n = int(c-'A') + 10
		}
		switch {
		case i%2 == 0:
			sum += oddValues[n]
		case letter:
			sum += n - 10
		default:
			sum += n
		}
	}
	return false
}

// VATNumber reports whether s is a partita IVA: eleven digits, the last by Luhn's rule.
func VATNumber(s string) bool {
	if len(s) != 11 || s == "00000000000" {
		return false
	}
	sum := 0
	for i := range 11 {
		d := int(s[i] - '0')
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// IBAN reports whether s is an account number with the right check digits (ISO 13616), without spaces.
func IBAN(s string) bool {
	if len(s) < 15 || len(s) > 34 || strings.HasPrefix(s, "IT") && len(s) != 27 {
		return false
	}
	if s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' || two(s[2:]) < 0 {
		return false
	}
	rest := 0
	for i := range len(s) {
		c := s[(i+4)%len(s)]
		switch {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}
