package server

import (
	"net/http"
	"strings"
	"time"

	"fondaco/routes/trigger"
)

// checkHead refuses heads that no route takes.
func checkHead(r *http.Request, raw bool) *trigger.Problem {
	if accept := r.Header["Accept"]; !raw && len(accept) > 0 && !acceptsJSON(accept) {
		return trigger.NewProblem(http.StatusNotAcceptable, "Answers are application/json.")
	}
	if key, ok := r.Header["Idempotency-Key"]; ok && !saneKey(key[0]) {
		return trigger.NewProblem(http.StatusBadRequest, "Idempotency-Key must be 1 to 255 visible characters.")
	}
	return nil
}

// acceptsJSON reports whether the header Accept takes JSON: of the ranges that have it the most specific counts, and one with the weight 0
// is refused (RFC 9110 §12.5.1).
func acceptsJSON(accept []string) bool {
	const (
		anything = iota + 1
		application
		named
	)
	best, taken := 0, false
	for one := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		media, params, _ := strings.Cut(one, ";")
		specific := 0
		switch media = strings.ToLower(strings.Trim(media, " \t")); {
		case strings.Contains(media, "json"):
			specific = named
		case media == "application/*":
			specific = application
		case media == "*/*":
			specific = anything
		}
		if specific == 0 || specific < best {
			continue
		}
		taken = taken && specific == best || !refusing(params)
		best = specific
	}
	return taken || strings.Join(accept, "") == ""
}

// refusing reports whether the parameters of a media range give it the weight 0.
func refusing(params string) bool {
	for one := range strings.SplitSeq(params, ";") {
		name, q, _ := strings.Cut(one, "=")
		if q = strings.Trim(q, " \t"); strings.EqualFold(strings.Trim(name, " \t"), "q") {
			return q != "" && strings.Trim(q, "0.") == ""
		}
	}
	return false
}

func saneKey(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return len(s) > 0 && len(s) <= 255
}

// timeout returns how long the exchange may take: what the route says, or less if the caller wants less.
func (v *visit) timeout() (time.Duration, *trigger.Problem) {
	most := v.route.Timeout
	if most <= 0 {
		most = v.s.config.Timeout
	}
	return trigger.Timeout(v.r.Header, most)
}
