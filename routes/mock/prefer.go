package mock

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"fondaco/routes/trigger"
)

// The headers of RFC 7240.
const (
	prefer  = "Prefer"
	applied = "Preference-Applied"
)

// mostDelay is how long a caller may let an answer wait.
const mostDelay = time.Minute

// wish is what a caller prefers of an answer.
type wish struct {
	code    int           // 0 for the operation's own
	example string        // "" for any
	delay   time.Duration // before the answer
	words   []string      // as the answer repeats them
}

// wishOf reads the header Prefer: its first preference of a name counts, and names of others are passed over (RFC 7240 §2). What the mock
// knows and cannot read is a problem.
func wishOf(head http.Header) (w wish, p *trigger.Problem) {
	seen := map[string]bool{}
	for _, line := range head[prefer] {
		for _, one := range split(line, ',') {
			one = split(one, ';')[0] // parameters of a preference say nothing here
			name, value, _ := strings.Cut(one, "=")
			name, value = strings.ToLower(strings.Trim(name, " \t")), unquote(strings.Trim(value, " \t"))
			if seen[name] {
				continue
			}
			seen[name] = true
			switch name {
			case "code":
				status, err := strconv.Atoi(value)
				if err != nil || status < 200 || status > 599 {
					return w, trigger.NewProblem(400, "Prefer: code is a status from 200 to 599, as code=503.")
				}
				w.code = status
			case "example":
				if value == "" {
					return w, trigger.NewProblem(400, "Prefer: example is the name of an example of the document, as example=vuoto.")
				}
				w.example = value
			case "delay":
				if w.delay, p = delayOf(value); p != nil {
					return w, p
				}
			default:
				continue
			}
			w.words = append(w.words, strings.Trim(one, " \t"))
		}
	}
	return w, nil
}

// delayOf reads a delay: seconds, or a number with its unit.
func delayOf(text string) (time.Duration, *trigger.Problem) {
	if text != "" && strings.Trim(text, "0123456789.") == "" {
		text += "s"
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > mostDelay {
		return 0, trigger.NewProblem(400, "Prefer: delay is a time up to 60s, as delay=2s or delay=300ms.")
	}
	return d, nil
}

// split cuts a header's value at a separator that does not stand within quotes.
func split(s string, at byte) (all []string) {
	quoted, begin := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == at && !quoted:
			all = append(all, s[begin:i])
			begin = i + 1
		}
	}
	return append(all, s[begin:])
}

// unquote returns what a quoted text says, and another as it is.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	var b strings.Builder
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '\\' && i+1 < len(s)-1 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// listed names what there is to choose from.
func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
