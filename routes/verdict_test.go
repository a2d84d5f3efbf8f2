package routes

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/messaging"
)

// What a failed call makes of a message: a dead letter at once, an attempt, or a wait by the clock.
func TestVerdict(t *testing.T) {
	const wait, attempt = "wait", "attempt"
	for _, x := range []struct {
		kind             connectors.FaultKind
		status           int
		sent             bool
		alone, answering string // what becomes of it; and where others were answered well meanwhile
	}{
		{connectors.Unavailable, 0, false, wait, wait}, // no connection
		{connectors.Unavailable, 0, true, wait, wait},  // a connection that was reset
		{connectors.Unavailable, 429, true, wait, wait},
		{connectors.Unavailable, 502, true, wait, wait},
		{connectors.Unavailable, 503, true, wait, wait},
		{connectors.Unavailable, 504, true, wait, wait},
		{connectors.Unavailable, 500, true, wait, attempt},
		{connectors.Unavailable, 401, true, wait, attempt},
		{connectors.Unavailable, 403, true, wait, attempt},
		{connectors.Unavailable, 200, true, wait, attempt}, // a SOAP fault
		{connectors.Timeout, 0, true, wait, attempt},
		{connectors.Timeout, 408, true, wait, attempt},
		{connectors.Invalid, 200, true, attempt, attempt},
		{connectors.Refused, 422, true, "refused", "refused"},
		{connectors.NotFound, 404, true, "refused", "refused"},
		{connectors.Conflict, 409, true, "refused", "refused"},
		{connectors.Unknown, 503, true, "outcome-unknown", "outcome-unknown"},
	} {
		for others, want := range map[bool]string{false: x.alone, true: x.answering} {
			f := &connectors.Fault{
				System: "s", Operation: "o", Kind: x.kind, Status: x.status, Sent: x.sent, Others: others,
				RetryAfter: time.Minute, Err: errors.New("so it is"),
			}
			end := verdict(fmt.Errorf("step 3: %w", f), &shared{})
			var again *messaging.Retry
			var dead *messaging.Dead
			got := "nothing"
			switch {
			case errors.As(end, &dead):
				got = string(dead.Reason)
			case errors.As(end, &again) && again.Down && !again.Counts && again.After == time.Minute:
				got = wait
			case errors.As(end, &again) && again.Counts && !again.Down:
				got = attempt
			}
			if got != want {
				t.Errorf("%s %d, others were answered %v: %s, expected %s", x.kind, x.status, others, got, want)
			}
		}
	}
}

// What becomes of a message whose exchange failed after, or in, a call that may not be made again.
func TestVerdictOfEffects(t *testing.T) {
	unknown := &connectors.Fault{System: "s", Operation: "o", Kind: connectors.Unknown, Sent: true}
	down := &connectors.Fault{System: "s", Operation: "o", Kind: connectors.Unavailable}
	for name, x := range map[string]struct {
		err  error
		took string
		want string
	}{
		"the call itself":              {unknown, "s.o", "outcome-unknown"},
		"after another":                {unknown, "s.other", "partial-effect"},
		"a later one is down":          {down, "s.other", "partial-effect"},
		"it is asked about":            {&undecided{fault: unknown, after: time.Minute}, "", "wait"},
		"asked about, after another":   {&undecided{fault: unknown, after: time.Minute}, "s.other", "partial-effect"},
		"down, and nothing was before": {down, "", "wait"},
	} {
		with := &shared{}
		if x.took != "" {
			with.took(x.took)
			with.took("s.later")
		}
		end := verdict(fmt.Errorf("step 3: %w", x.err), with)
		var dead *messaging.Dead
		var again *messaging.Retry
		got := "nothing"
		switch {
		case errors.As(end, &dead):
			got = string(dead.Reason)
		case errors.As(end, &again) && again.Down && !again.Counts:
			got = "wait"
		}
		if got != x.want {
			t.Errorf("%s: %s, expected %s", name, got, x.want)
		}
	}
}

// A run that waits for a system waits until the next is due; where none gives way to the next, for the time between two.
func TestUntilNext(t *testing.T) {
	due := time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
	next := due.Add(24 * time.Hour)
	for _, x := range []struct {
		since, now, next time.Time
		all              bool
		want             time.Duration
	}{
		{time.Time{}, due.Add(time.Minute), next, false, 24*time.Hour - time.Minute},
		{due.Add(time.Minute), due.Add(5 * time.Hour), next, false, 24*time.Hour - time.Minute},
		{time.Time{}, next.Add(48 * time.Hour), next, true, 24 * time.Hour}, // missed, and begun late
		{time.Time{}, due, due.AddDate(1, 0, 0), false, remembered},
		{time.Time{}, due, time.Time{}, false, 0},
	} {
		again := &messaging.Retry{Down: true}
		untilNext(fmt.Errorf("it failed: %w", again), x.next, due, x.since, x.now, x.all)
		if again.For != x.want {
			t.Errorf("%+v: %v", x, again.For)
		}
	}
}

// TestLetterSaysWhatTheSystemSaid: the detail of a dead letter holds what the system said of the failure.
func TestLetterSaysWhatTheSystemSaid(t *testing.T) {
	f := &connectors.Fault{
		System: "s", Operation: "o", Kind: connectors.Refused, Status: 422, Sent: true, Err: errors.New("HTTP status 422"),
		Said: `{ "codice": "X", "nome": "***" }`,
	}
	var dead *messaging.Dead
	if end := verdict(f, &shared{}); !errors.As(end, &dead) ||
		dead.Detail != `s.o: refused: HTTP status 422, with { "codice": "X", "nome": "***" }` {
		t.Errorf("found %+v", end)
	}
}
