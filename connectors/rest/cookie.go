package rest

import (
	"net/http"
	"strings"
)

// setCookie returns the value that an answer sets for a cookie, as it stands there (RFC 6265 §5.2), and whether it does: of several the
// last counts, and one that the answer takes away, by Max-Age, Expires or an empty value, has none.
func setCookie(head http.Header, name string) (value string, set bool) {
	for _, line := range head["Set-Cookie"] {
		pair, attributes, _ := strings.Cut(line, ";")
		key, text, found := strings.Cut(pair, "=")
		if !found || strings.TrimSpace(key) != name {
			continue
		}
		value = strings.TrimSpace(text)
		set = value != "" && !expired(attributes)
	}
	return value, set
}

// noCookies is a year in which there were none: servers take one away by an earlier one (RFC 6265 §3.1).
const noCookies = 1994

// expired reports whether attributes of a cookie take it away: Max-Age of nothing or less, or Expires long ago.
func expired(attributes string) (gone bool) {
	for attribute := range strings.SplitSeq(attributes, ";") {
		key, text, _ := strings.Cut(attribute, "=")
		text = strings.TrimSpace(text)
		switch key = strings.TrimSpace(key); {
		case text == "":
		case strings.EqualFold(key, "Max-Age"): // before Expires, wherever it stands
			return strings.HasPrefix(text, "-") || strings.Trim(text, "0") == ""
		case strings.EqualFold(key, "Expires"):
			at, err := http.ParseTime(strings.ReplaceAll(text, "-", " "))
			gone = err == nil && at.Year() < noCookies
		}
	}
	return gone
}
