package console

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"fondaco/connectors/policy"
)

// SystemsPath is where the systems are listed that this process calls.
const SystemsPath = "/admin/systems"

// System is a system that routes call, as this process sees it.
type System struct {
	System     string            `json:"system"`
	State      string            `json:"state"`                // closed, open, partly, trying, away: see StateOf
	Since      time.Time         `json:"since,omitzero"`       // when the first of its breakers that are not closed opened
	InUse      int               `json:"in_use"`               // calls under way, where they are bounded
	Slots      int               `json:"concurrency,omitzero"` // how many may be under way at once; 0 without a bound
	Hour       Measured          `json:"hour"`                 // of all its operations
	Week       Measured          `json:"week"`
	Operations []SystemOperation `json:"operations"` // those that routes call or called since the process began, by name
}

// SystemOperation is an operation of a system.
type SystemOperation struct {
	Operation string    `json:"operation"`
	State     string    `json:"state"`          // of its breaker: closed, open, trying
	Since     time.Time `json:"since,omitzero"` // when that opened
	Hour      Measured  `json:"hour"`
	Week      Measured  `json:"week"`

	Minutes []policy.Span `json:"-"` // of the last hour, the oldest first
	Hours   []policy.Span `json:"-"` // of the last week
}

// Measured is what happened to calls in a stretch of time that ends now.
type Measured struct {
	From     time.Time        `json:"from"`             // when it, or measuring, began
	Attempts int64            `json:"attempts"`         // one for each time that the system was asked
	Failed   int64            `json:"failed"`           // attempts that failed
	Faults   map[string]int64 `json:"faults,omitempty"` // those by kind
	Calls    int64            `json:"failed_calls"`     // calls that ended with a fault after all their attempts, or without one
	Withheld int64            `json:"withheld"`         // those for which it was not asked, as a breaker was open or a limit reached
	P50      float64          `json:"p50_ms,omitzero"`  // the half of the attempts took no longer, in milliseconds
	P95      float64          `json:"p95_ms,omitzero"`
	P99      float64          `json:"p99_ms,omitzero"`
	Beyond   bool             `json:"p99_is_more,omitempty"` // P99 is more than the longest time that is told apart
}

// measuredOf says what a span has of measuring that began at a time.
func measuredOf(s *policy.Span, began time.Time) Measured {
	m := Measured{From: s.From.UTC(), Attempts: s.Attempts, Failed: s.Failed(), Faults: s.ByKind(), Calls: s.FailedCalls, Withheld: s.Withheld}
	if began.After(s.From) {
		m.From = began.UTC()
	}
	ms := func(q float64) (float64, bool) {
		took, beyond := s.Quantile(q)
		return float64(took.Round(10*time.Microsecond)) / float64(time.Millisecond), beyond
	}
	m.P50, _ = ms(.5)
	m.P95, _ = ms(.95)
	m.P99, m.Beyond = ms(.99)
	return m
}

// StateOf says in a word how a system stands: open, its breaker is; partly, one of an operation is; trying, one call tries whether it can
// close; away, it was not reached by the last call; closed, calls are made.
func StateOf(h *policy.Health) string {
	switch {
	case h.Whole.State == policy.Open:
		return "open"
	case h.Whole.State == policy.Trying:
		return "trying"
	case len(h.Operations) > 0:
		return "partly"
	case h.Away:
		return "away"
	}
	return "closed"
}

// SystemsOf lists systems, by name, as they stand now and with what is measured of them. What was called by an earlier project alone
// is left out.
func SystemsOf(now time.Time, stand []policy.Health, meters []*policy.Meter) []System {
	all := []System{}
	for i := range stand {
		h := &stand[i]
		s := System{System: h.System, State: StateOf(h), InUse: h.InUse, Slots: h.Slots, Operations: []SystemOperation{}}
		if h.Unwell() {
			s.Since = h.Since().UTC()
		}
		var hour, week policy.Span
		began := now
		for _, m := range meters {
			if m.System != h.System {
				continue
			}
			o := SystemOperation{Operation: m.Operation, State: string(policy.Closed)}
			if j := slices.IndexFunc(h.Operations, func(b policy.BreakerHealth) bool { return b.Operation == m.Operation }); j >= 0 {
				o.State, o.Since = string(h.Operations[j].State), h.Operations[j].Since.UTC()
			}
			var inHour, inWeek policy.Span
			o.Minutes, inHour = m.Hour(now)
			o.Hours, inWeek = m.Week(now)
			o.Hour, o.Week = measuredOf(&inHour, m.Began), measuredOf(&inWeek, m.Began)
			hour.Join(&inHour)
			week.Join(&inWeek)
			if m.Began.Before(began) {
				began = m.Began
			}
			s.Operations = append(s.Operations, o)
		}
		s.Hour, s.Week = measuredOf(&hour, began), measuredOf(&week, began)
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b System) int { return strings.Compare(a.System, b.System) })
	return all
}

// SystemsPage answers with the systems as JSON; list is called for each question.
func SystemsPage(list func() []System) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(list()) // whoever asked is gone if this fails
	})
}
