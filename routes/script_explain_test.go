package routes_test

import (
	"fmt"
	"strings"

	"fondaco/config/spec"
	"fondaco/routes"
	"fondaco/schema"
)

// explain draws what a checked route shows of itself: the tree of its steps with the type of every value that they
// name, the systems called, the policies in force, and what the caller sees when something fails.
func explain(r *routes.TypedRoute) string {
	e := explainer{}
	d := r.Model
	e.line(0, "%s  %s", d.ID.Value, d.ID.Pos)
	if d.Public() {
		e.line(0, "%s %s  auth %s  timeout %s", d.Pattern.Method, d.Pattern.Path, d.Auth, spec.Short(d.Timeout))
	} else {
		e.line(0, "sub-route  input %s", typeText(r.Input))
	}
	for _, place := range []string{"path", "query", "header", "cookie"} {
		for _, p := range d.Params[place] {
			e.line(1, "%s.%s: %s%s", place, p.Name, typeText(p.Type), required(p.Required))
		}
	}
	if d.Body != nil {
		e.line(1, "body: %s", typeText(d.Body))
	}
	e.steps(r.Steps, 1)
	switch {
	case r.Status == 0: // the steps always end before
	case r.Answer == nil:
		e.line(1, "respond %d", r.Status)
	default:
		e.line(1, "respond %d: %s", r.Status, typeText(r.Answer))
	}
	e.failures(r.Steps)
	return e.b.String()
}

type explainer struct{ b strings.Builder }

func (e *explainer) line(depth int, format string, args ...any) {
	e.b.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(&e.b, format, args...)
	e.b.WriteByte('\n')
}

// steps writes a list of steps and what is inside of them.
func (e *explainer) steps(list []*routes.Step, depth int) {
	for _, s := range list {
		line := s.Kind
		if s.Title != "" {
			line += " " + s.Title
		}
		if s.When != "" {
			line += "  when " + s.When
		}
		e.line(depth, "%s  (line %d)", line, s.Pos.Line)
		if c := s.Call; c != nil {
			e.line(depth+1, "effect %s", c.Effect)
			for _, p := range c.Policies {
				e.line(depth+1, "%s %s (%s)", p.Name, p.Value, p.From)
			}
		}
		for _, n := range s.Names {
			e.line(depth+1, "%s: %s", n.Name, typeText(n.Type))
		}
		e.steps(s.Steps, depth+1)
	}
}

// failures writes the table of what happens if a step fails.
func (e *explainer) failures(list []*routes.Step) {
	rows := failures(list, nil)
	if len(rows) == 0 {
		return
	}
	head := []string{"step", "if", "the system has done", "the caller sees"}
	width := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	e.line(0, "")
	for _, row := range append([][]string{head}, rows...) {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell + strings.Repeat(" ", width[i]-len([]rune(cell))+2))
		}
		e.line(0, "%s", strings.TrimRight(line.String(), " "))
	}
}

func failures(list []*routes.Step, rows [][]string) [][]string {
	for _, s := range list {
		for _, o := range s.Outcomes {
			rows = append(rows, []string{fmt.Sprintf("%s %s", s.Kind, s.Title), o.If, o.Effect, o.Seen})
		}
		rows = failures(s.Steps, rows)
	}
	return rows
}

func typeText(t *schema.Type) string {
	if t == nil {
		return "nothing"
	}
	text := t.String()
	if t.Personal {
		text += " (personal)"
	}
	return text
}

func required(is bool) string {
	if is {
		return ""
	}
	return " (optional)"
}
