package routes

import (
	"fmt"
	"slices"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// Scope is what a step is checked in: the names it may use, the place it stands in, and who takes its faults.
type Scope struct {
	Names     *expr.Scope
	check     *checker
	route     *TypedRoute                         // the route being checked
	node      *Step                               // the step being checked, nil in a block
	named     []*named                            // what this block names, in order
	before    int                                 // how many names the steps before the one being checked have made
	uses      map[string]*schema.Use              // by name, one for the route: arms that name the same value share what is known of its use
	takes     func(k connectors.FaultKind) string // what is seen of a fault that leaves the step; "" asks the parent
	parent    *Scope
	ends      bool          // the block never reaches its end
	degraded  []config.Text // optional branches that may be missing here
	unending  string        // the word of the step, as for_each, whose parts cannot end the route with an answer; "" for none
	stray     bool          // it has such an answer all the same, which is reported
	unreached bool          // that what follows is never reached is reported, or may be because a step could not be read whole
	count     *int          // numbers the steps of the route
}

// named is a value that a block names.
type named struct {
	name config.Text
	v    *expr.Var
}

// escape is one way in which a block ends before its end: a fault, or a problem with a status.
type escape struct {
	fault  connectors.FaultKind // 0: a problem
	status int
	title  string
	formed bool // the answer has a body of its own in place of the problem
}

// Declare adds a name that a step makes. It reports names that are taken, and returns a slot even then.
func (s *Scope) Declare(name config.Text, t *schema.Type) *expr.Var {
	switch {
	case !trigger.Identifier(name.Value):
		s.Report(diag.BadValue, name, "found the name %q, expected letters, digits and _", name.Value)
	case slices.Contains(reserved, name.Value):
		s.Report(diag.BadRoute, name, "the name %q is the language's own", name.Value)
	case slices.Contains(s.route.brought, name.Value):
		s.Report(diag.BadRoute, name, "the name %q is what the route's trigger brings: this would hide it", name.Value).
			WithHint("rename it, as %s, here and where it is read", s.free(name.Value))
	default:
		if pos, taken := s.taken(name.Value); taken {
			s.Report(diag.BadRoute, name, "the name %q is taken at %s", name.Value, pos)
		}
	}
	v := s.declare(name.Value, t)
	s.named = append(s.named, &named{name, v})
	if s.node != nil {
		s.node.Names = append(s.node.Names, Name{name.Value, t})
	}
	return v
}

// declare adds a name to the expressions' scope. Vars of one name share a Use, whichever slots they have.
func (s *Scope) declare(name string, t *schema.Type) *expr.Var {
	v := s.Names.Declare(name, t)
	if use := s.uses[name]; use != nil {
		v.Use = use
	} else {
		s.uses[name] = v.Use
	}
	return v
}

// free returns a name like this one that nothing has here.
func (s *Scope) free(name string) string {
	for n := 2; ; n++ {
		if like := fmt.Sprintf("%s_%d", name, n); s.Names.Lookup(like) == nil {
			return like
		}
	}
}

func (s *Scope) taken(name string) (diag.Pos, bool) {
	for ; s != nil; s = s.parent {
		for _, n := range s.named {
			if n.name.Value == name {
				return n.name.Pos, true
			}
		}
	}
	return diag.Pos{}, false
}

// export makes a name of an inner block visible here with the type t: the same slot, the same use.
func (s *Scope) export(n *named, t *schema.Type) {
	v := s.declare(n.name.Value, t)
	v.Slot, v.Moving = n.v.Slot, n.v.Moving
	s.named = append(s.named, &named{n.name, v})
	if s.node != nil {
		s.node.Names = append(s.node.Names, Name{n.name.Value, t})
	}
}

// Report adds a problem.
func (s *Scope) Report(code diag.Code, at config.Text, format string, args ...any) *diag.Problem {
	return at.Report(s.check.out, code, format, args...)
}

// Condition checks a bare expression that must be a boolean, as "when" takes it; word names where it stands.
func (s *Scope) Condition(t config.Text, word string) *expr.Expr {
	e := expr.Check(t, s.Names, s.check.out)
	transform.CheckCondition(e, word, s.check.out)
	return e
}

// Moving checks a condition that may read clock().
func (s *Scope) Moving(check func() *expr.Expr) *expr.Expr {
	defer s.Names.Moving()()
	return check()
}

// Map checks a mapping whose result may be anything.
func (s *Scope) Map(m *transform.Mapping) *transform.Typed {
	m.Include(func(name config.Text) *config.Node {
		return config.ReadFile(s.check.model.Source.FS, name.Value, s.check.out, name.Pos)
	}, s.check.out)
	return m.Check(s.Names, s.check.out)
}

// Assign checks a mapping whose result is to fit a type; what says of whom, as "agenda.prenota".
func (s *Scope) Assign(m *transform.Mapping, to *schema.Type, what string) *transform.Typed {
	t := s.Map(m)
	if to != nil {
		t.Fit(to, what, s.check.out)
	}
	return t
}

// fault says that the step may end with a fault of this kind, and returns what the caller of the route then sees.
func (s *Scope) fault(k connectors.FaultKind) string {
	status, title := StatusOf(k)
	return s.escape(escape{fault: k, status: status, title: title})
}

// problem says that the step may end the exchange with a problem.
func (s *Scope) problem(status int, title string) string {
	return s.escape(escape{status: status, title: title})
}

func (s *Scope) escape(e escape) string {
	for ; ; s = s.parent {
		if s.takes != nil && e.fault != 0 {
			if seen := s.takes(e.fault); seen != "" {
				return seen
			}
		}
		if s.parent == nil {
			s.route.escapes[e] = true
			if s.route.Model.SOAP.Value != "" {
				return "fault " + faultCode(e.status) + ": " + e.title
			}
			return fmt.Sprintf("%d %s", e.status, e.title)
		}
	}
}

// child returns a scope for a part of a step.
func (s *Scope) child(names *expr.Scope) *Scope {
	return &Scope{Names: names, check: s.check, route: s.route, parent: s, count: s.count, uses: s.uses}
}

// block checks steps, as parts of node.
func (s *Scope) block(b block, node *Step) {
	for i, st := range b {
		s.before = len(s.named)
		if s.ends {
			if s.unreached = true; b[i-1].unread { // its condition may stand where it could not be read
				return
			}
			s.check.out.Report(diag.BadRoute, st.pos, "this step is never reached: the one before it always ends the exchange").WithLen(len(st.key))
			return
		}
		st.check(s)
		node.Steps = append(node.Steps, st.node)
	}
	s.unreached = s.ends && len(b) > 0 && b[len(b)-1].unread
}

// check types one step. What a step with a condition names may be nil afterwards; if it always ends the exchange, the
// steps after it know that its condition was false.
func (st *step) check(s *Scope) {
	*s.count++
	st.place = &expr.Place{}
	defer s.Names.Enter(st.place)()
	if st.id.Value != "" {
		s.Names.Explain(st.id.Value, "the step has that id; write as: "+st.id.Value+" at it for the name of what it returns")
	}
	st.node = &Step{ID: st.id.Value, Kind: st.key, Pos: st.pos, When: st.when.Value}
	if st.node.ID == "" {
		st.node.ID = fmt.Sprintf("%s-%d", st.key, *s.count)
	}
	if st.when.Value == "" {
		s.node = st.node
		st.kind.Check(s)
		s.node = nil
		return
	}
	st.cond = s.Moving(func() *expr.Expr { return s.Condition(st.when, "when") })
	inner := s.child(assume(st.cond, true, s.Names))
	inner.node = st.node
	st.kind.Check(inner)
	if inner.ends {
		s.Names = assume(st.cond, false, s.Names)
	}
	s.follows(inner)
	s.node, st.node.Names = st.node, nil
	for _, n := range inner.named {
		s.export(n, n.v.Type.OrNull())
	}
	s.node = nil
}

// declareUnknown names a value of which nothing is known, so that its absence is not told again.
func (s *Scope) declareUnknown(name config.Text) {
	if name.Value != "" {
		s.Declare(name, schema.TypeUnknown)
	}
}

// input checks what a call or a sub-route is given. Without a mapping it is the empty record; nil then.
func (s *Scope) input(with *transform.Mapping, to *schema.Type, target config.Text) *transform.Typed {
	if !with.IsZero() {
		if to == nil {
			s.mapIf(with)
			s.check.out.Report(diag.DoesNotFit, with.Pos(), "%s takes no input; found with", target.Value).
				WithHint("leave it out, or declare there what it takes: input: { type: object, properties: { NAME: { type: … } } }")
			return nil
		}
		return s.Assign(with, to, target.Value)
	}
	if to == nil || to.Kind != schema.KindRecord {
		return nil
	}
	for _, f := range to.Fields {
		if f.Required && f.Type.Default.IsAbsent() {
			s.Report(diag.DoesNotFit, target, "%s needs %q; there is no with", target.Value, f.Name)
		}
	}
	for i := range to.Present {
		if to.Present[i].Misfit(schema.RecordType()) != "" {
			s.Report(diag.DoesNotFit, target, "%s needs %s; there is no with", target.Value, &to.Present[i])
		}
	}
	for i := range to.Choices {
		if !to.Choices[i].None {
			s.Report(diag.DoesNotFit, target, "%s needs %s; there is no with", target.Value, &to.Choices[i])
		}
	}
	return nil
}

// within reports a time that is longer than the exchange may take.
func (s *Scope) within(d time.Duration, at diag.Pos, what string) {
	if d > s.route.Model.Timeout {
		s.check.out.Report(diag.BadValue, at, "%s may take %s, longer than the whole exchange, which may take %s", what, spec.Short(d),
			spec.Short(s.route.Model.Timeout))
	}
}

// assume returns names with what follows from a condition whose result was truth.
func assume(e *expr.Expr, truth bool, names *expr.Scope) *expr.Scope {
	return names.Assume(e.Facts(truth)).Child()
}

// mapIf checks a mapping that may not be there, for the problems in it alone.
func (s *Scope) mapIf(m *transform.Mapping) {
	if !m.IsZero() {
		s.Map(m)
	}
}
