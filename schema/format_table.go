package schema

import "slices"

// Format is a row of the table of formats that texts of a schema may have.
type Format struct {
	Name    string
	Doc     string
	Admits  string // an example
	Refuses string // what is like one and is none
	Told    string // what a caller is told who sends that
}

// formatTable is all formats of text that are checked: those of formats, and those that are kinds of their own.
var formatTable = []Format{
	{"date", "A day (RFC 3339).", "2026-01-31", "31/01/2026", "expected a date, found text"},
	{
		"date-time", "A moment with its offset (RFC 3339).",
		"2026-01-31T09:00:00+01:00", "2026-01-31T09:00:00", "expected a datetime with its offset, found text",
	},
	{
		"date-time-local", "A date and time of day that has no offset: what the clocks of a place showed.",
		"2026-01-31T09:00:00", "2026-01-31T09:00:00Z", "expected a datetime without offset, found text",
	},
	{"time", "A time of day with its offset (RFC 3339).", "09:00:00+01:00", "09:00:00", "expected a time with its offset, found text"},
	{"time-local", "A time of day that has no offset.", "09:00:00", "9:00", "expected a time without offset, found text"},
	{"duration", "A span of time (ISO 8601).", "P1DT2H", "2 hours", "expected a duration, found text"},
	{"byte", "Octets, in base64 (RFC 4648).", "Y2lhbw==", "ciao!", "expected bytes in base64"},
	{"binary", "Octets, in base64 in JSON and as they are in bodies of several parts.", "Y2lhbw==", "ciao!", "expected bytes in base64"},
	{"uri", "An address with its scheme (RFC 3986).", "https://a.example/x", "/x", "expected text of the format uri"},
	{"uri-reference", "An address, with a scheme or without.", "/x", "/a b", "expected text of the format uri-reference"},
	{"email", "An address of electronic mail.", "ada@comune.example", "ada", "expected text of the format email"},
	{
		"uuid", "A UUID (RFC 9562), in its form with hyphens.",
		"6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b810", "expected text of the format uuid",
	},
	{"hostname", "The name of a host (RFC 1123).", "a.example", "a_b.example", "expected text of the format hostname"},
	{"ipv4", "An address of IPv4.", "192.0.2.1", "192.0.2", "expected text of the format ipv4"},
	{"ipv6", "An address of IPv6.", "2001:db8::1", "192.0.2.1", "expected text of the format ipv6"},
	{
		"codice-fiscale", "The codice fiscale of a person or organisation, with its control character.",
		"RSSMRA80A01H501U", "RSSMRA80A01H501X", "expected text of the format codice-fiscale",
	},
	{"partita-iva", "A partita IVA, with its control digit.", "00488410010", "00488410011", "expected text of the format partita-iva"},
	{
		"iban", "An account number (ISO 13616), with its check digits.",
		"IT60X0542811101000000123456", "IT61X0542811101000000123456", "expected text of the format iban",
	},
}

// FormatTable lists the formats of text that are checked, for the reference page.
func FormatTable() []Format { return formatTable }

// Formats lists the names of the formats of text that are checked, with those that are kinds of their own.
func Formats() []string {
	names := make([]string, len(formatTable))
	for i, f := range formatTable {
		names[i] = f.Name
	}
	slices.Sort(names)
	return names
}
