package diag

import (
	"fmt"
	"slices"
)

// List collects problems of a load: all of them, not the first alone. The zero List is ready. Not for concurrent use.
type List struct {
	problems []Problem
}

// maxNearest is for how many problems of a load the nearest right name is looked for: that takes time for each.
const maxNearest = 300

// Add reports a problem whole.
func (l *List) Add(p Problem) { l.problems = append(l.problems, p) }

// Report adds a problem at pos; format and args make its message. It returns the problem for adding a hint or length,
// valid until the next report.
func (l *List) Report(code Code, pos Pos, format string, args ...any) *Problem {
	l.problems = append(l.problems, Problem{Code: code, Pos: pos, Message: fmt.Sprintf(format, args...), late: len(l.problems) >= maxNearest})
	return &l.problems[len(l.problems)-1]
}

// WithHint adds what to do, and returns p.
func (p *Problem) WithHint(format string, args ...any) *Problem {
	p.Hint = fmt.Sprintf(format, args...)
	return p
}

// WithLaterHint is WithHint with a hint that is made when the problems are read, after all checks: for what must not be done while what was
// loaded is still looked at. An empty one is none.
func (p *Problem) WithLaterHint(hint func() string) *Problem {
	p.later = hint
	return p
}

// WithLen says how many characters are underlined, and returns p.
func (p *Problem) WithLen(n int) *Problem {
	p.Len = n
	return p
}

// AsWarning makes p one that does not stop the project from running, and returns p.
func (p *Problem) AsWarning() *Problem {
	p.Warning = true
	return p
}

// Has reports whether there is a problem of a code.
func (l *List) Has(code Code) bool {
	return slices.ContainsFunc(l.problems, func(p Problem) bool { return p.Code == code })
}

// Failed reports whether there is a problem that stops the project from running.
func (l *List) Failed() bool {
	for i := range l.problems {
		if !l.problems[i].Warning {
			return true
		}
	}
	return false
}
