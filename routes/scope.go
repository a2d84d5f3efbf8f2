package routes

import (
	"fmt"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// Scope is where steps are checked: the names that they see, and the route that they belong to.
type Scope struct {
	names *expr.Scope
	route *routeCheck
	out   *diag.List
}

// routeCheck is the check of one route under way. The first pass finds what is read of every answer; the second types
// the route over answers that hold only that.
type routeCheck struct {
	typed   *Typed
	model   *RouteModel
	answers map[*callStep]*schema.Use  // what is read of each call's answer
	pruned  map[*callStep]*schema.Type // of the second pass
	missing *expr.Var                  // the name "missing", nil if no branch is optional
	counts  map[string]int             // steps of each kind, for their numbers
	calls   []*CallInfo
	fails   map[int]bool // statuses that steps answer by themselves
	faults  map[connectors.FaultKind]bool
	seen    map[string]bool // sub-routes that are being checked, against circles
}

// child gives a scope whose names end with it.
func (s *Scope) child() *Scope { return &Scope{names: s.names.Child(), route: s.route, out: s.out} }

// assume gives a scope in which paths are known not to be nil.
func (s *Scope) assume(paths []string) *Scope {
	return &Scope{names: s.names.Assume(paths), route: s.route, out: s.out}
}

// declare names a value. An empty name gives a slot that nobody sees.
func (s *Scope) declare(name config.Text, t *schema.Type, step *Step) *expr.Var {
	if name.Value == "" {
		return s.names.Declare("", t)
	}
	if reserved[name.Value] {
		name.Report(s.out, diag.BadRoute, "%q is a name of the language", name.Value).WithHint("choose another name")
	}
	step.Names = append(step.Names, Name{name.Value, t})
	return s.names.Declare(name.Value, t)
}

// reserved are the names that a route has by itself.
var reserved = map[string]bool{
	"path": true, "query": true, "header": true, "cookie": true, "body": true, "user": true, "env": true, "missing": true,
	"fault": true, "input": true, "message": true,
}

// condition types an expression that must be true or false.
func (s *Scope) condition(t config.Text, word string) *expr.Expr {
	e := expr.Check(t, s.names, s.out)
	transform.CheckCondition(e, word, s.out)
	return e
}

// new gives the Step of a model, numbered within its kind.
func (s *Scope) new(kind, title string, pos diag.Pos) *Step {
	s.route.counts[kind]++
	return &Step{ID: fmt.Sprintf("%s-%d", kind, s.route.counts[kind]), Kind: kind, Title: title, Pos: pos}
}

// steps types a list of steps, one after the other; what one names, the next see. The result is the names that are
// visible after it, in s itself.
func (s *Scope) steps(list []stepModel) []*Step {
	var all []*Step
	for i := range list {
		all = append(all, s.step(&list[i]))
	}
	return all
}

// step types one step. Under a condition, what it names may be nil afterwards.
func (s *Scope) step(m *stepModel) *Step {
	if m.when.Value == "" {
		st := m.step.Check(s)
		m.finish(st)
		return st
	}
	cond := s.condition(m.when, "when")
	inner := &Scope{names: s.names.Assume(cond.Facts(true)).Child(), route: s.route, out: s.out}
	st := m.step.Check(inner)
	m.finish(st)
	st.When = m.when.Value
	st.cond = cond
	s.adopt(inner, st, func(t *schema.Type) *schema.Type { return t.OrNull() })
	if m.kind == "fail" {
		// Whoever passes a "fail when x == nil" knows that x is there.
		s.names = s.names.Assume(cond.Facts(false))
	}
	return st
}

func (m *stepModel) finish(st *Step) {
	if m.id.Value != "" {
		st.ID = m.id.Value
	}
	if st.Pos.File == "" {
		st.Pos = m.pos
	}
}

// adopt makes the names of a step that ended visible in s, under types that change gives.
func (s *Scope) adopt(inner *Scope, st *Step, change func(*schema.Type) *schema.Type) {
	for i, n := range st.Names {
		v := inner.names.Lookup(n.Name)
		if v == nil {
			continue
		}
		t := change(v.Type)
		st.Names[i].Type = t
		s.names.Alias(n.Name, v, t)
	}
}
