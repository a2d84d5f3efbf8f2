package routes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
)

// The statuses that a problem may have.
const leastProblem, mostProblem = 400, 599

// failStatus is the status of a fail: a number, or an expression for it.
type failStatus struct {
	fixed int               // 0 where it is computed
	of    transform.Mapping // none where it is a number
	pos   diag.Pos

	typed *transform.Typed // of of
}

// Decode reads a number or an expression.
func (f *failStatus) Decode(n *config.Node, out *diag.List) {
	f.pos = n.Pos()
	if n.Is(config.NodeText) {
		f.of.Decode(n, out)
		return
	}
	f.fixed = problemStatus(n, "status: ", ", or an expression for it, as ${status}", out)
}

// Schema describes the status to editors.
func (f *failStatus) Schema() spec.Schema {
	return spec.Schema{"anyOf": []any{problemStatusSchema(), spec.Schema{"type": "string"}}}
}

// statusList are the statuses that a computed one may be.
type statusList struct {
	all    []int
	pos    diag.Pos
	broken bool // it could not be read whole
}

// Decode reads the list.
func (l *statusList) Decode(n *config.Node, out *diag.List) {
	l.pos = n.Pos()
	if !n.Is(config.NodeList) || len(n.Items) == 0 {
		l.broken = true
		n.Report(out, diag.WrongType, "statuses: found %s, expected a list of statuses, as [409, 422]", n.Found())
		return
	}
	for _, item := range n.Items {
		status := problemStatus(item, "statuses: ", "", out)
		l.broken = l.broken || status == 0
		if status != 0 && !slices.Contains(l.all, status) {
			l.all = append(l.all, status)
		}
	}
}

// Schema describes the list to editors.
func (l *statusList) Schema() spec.Schema {
	return spec.Schema{"type": "array", "minItems": 1, "items": problemStatusSchema()}
}

func problemStatusSchema() spec.Schema {
	return spec.Schema{"type": "integer", "minimum": leastProblem, "maximum": mostProblem}
}

// problemStatus reads one status, and returns 0 once it has reported that it is none; or says what else may stand there.
func problemStatus(n *config.Node, what, or string, out *diag.List) int {
	v, is := n.Int()
	switch {
	case !n.Is(config.NodeInt):
		n.Report(out, diag.WrongType, "%sfound %s, expected an integer%s", what, n.Found(), or)
	case !is || v < leastProblem || v > mostProblem:
		n.Report(out, diag.BadValue, "%sfound %s, expected %d to %d", what, n.Found(), leastProblem, mostProblem)
	default:
		return int(v)
	}
	return 0
}

// mayBe returns the statuses that the problem may have.
func (f *fail) mayBe() []int {
	if f.named.Value != "" || f.status.of.IsZero() {
		return []int{f.what().Status}
	}
	return f.listed.all
}

// checkStatus types a computed status, and checks that it comes with what it may be.
func (f *fail) checkStatus(s *Scope) {
	if f.named.Value != "" {
		return
	}
	if f.status.of.IsZero() {
		if f.listed.all != nil {
			s.check.out.Report(diag.BadRoute, f.listed.pos, "statuses says what a computed status may be, and this one is %d", f.status.fixed).
				WithHint("leave out statuses")
		}
		return
	}
	t := s.Map(&f.status.of)
	f.status.typed = t
	if k := t.Type.Kind; k != schema.KindUnknown && (k != schema.KindInt || t.Type.Nullable) {
		t.Fit(schema.TypeInt, "the status", s.check.out)
	}
	if f.listed.broken {
		return
	}
	if f.listed.all == nil {
		s.check.out.Report(diag.MissingField, f.status.pos, "missing field %q: which the computed status may be", "statuses").
			WithHint("statuses: [409, 422]")
		return
	}
	for _, v := range t.Type.Enum {
		if t.Type.Kind == schema.KindInt && !slices.Contains(f.listed.all, int(v.Int())) {
			s.check.out.Report(diag.BadRoute, f.status.pos, "the status may be %d, and statuses has %s", v.Int(), f.listed.words()).
				WithHint("add it to statuses")
		}
	}
}

// words lists the statuses.
func (l *statusList) words() string {
	var all []string
	for _, status := range l.all {
		all = append(all, strconv.Itoa(status))
	}
	return strings.Join(all, ", ")
}

// compileStatus makes what puts a computed status into a problem.
func (f *fail) compileStatus() func(*Exchange, *trigger.Problem) error {
	if f.status.typed == nil {
		return func(*Exchange, *trigger.Problem) error { return nil }
	}
	eval, listed := f.status.typed.Compile(schema.TypeInt), f.listed
	return func(x *Exchange, p *trigger.Problem) error {
		v, err := eval(&x.Frame)
		if err != nil {
			return err
		}
		if !slices.Contains(listed.all, int(v.Int())) {
			return fmt.Errorf("the status came out as %d, and statuses has %s", v.Int(), listed.words())
		}
		p.Status = int(v.Int())
		return nil
	}
}
