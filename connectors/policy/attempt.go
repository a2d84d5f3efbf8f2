package policy

import (
	"time"

	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
)

// attemptPart ends one attempt as timeout ends the whole call.
var attemptPart = part{
	name: "attempt_timeout", ofCalls: true,
	fields: func(s *Set, o *spec.Object) {
		o.Duration("attempt_timeout", &s.Attempt).Within(time.Millisecond, time.Hour).Doc("How long one attempt may take.")
	},
	said:  func(s *Set) bool { return s.Attempt > 0 },
	take:  func(s, call *Set) { s.Attempt = call.Attempt },
	check: checkAttempt,
	setting: func(s *Set) string {
		if s.Attempt == 0 {
			return ""
		}
		return spec.Short(s.Attempt)
	},
	wrap: func(s *Set, c called, sh *Shared) connectors.Policy {
		if s.Attempt == 0 {
			return nil
		}
		return sh.timeout(c.op, s.Attempt)
	},
}

func checkAttempt(s *Set, _ *connectors.Operation, pos diag.Pos, out *diag.List) {
	if s.Attempt > s.Timeout {
		out.Report(diag.BadValue, pos, "attempt_timeout %s is longer than timeout %s", spec.Short(s.Attempt), spec.Short(s.Timeout))
	}
}
