package routes

import (
	"context"
	"strconv"

	"fondaco/config/diag"
	"fondaco/config/spec"
)

// answering ends the route with an answer, before its end.
type answering struct {
	respond respond

	reply *reply
	route *TypedRoute
}

// Spec declares the fields of "- respond:".
func (a *answering) Spec(o *spec.Object) {
	o.Object("respond", a.respond.Spec).Required().
		Doc("The answer, as the respond of a route says it; in a sub-route, what it gives back. No step after it is run. stream is for the " +
			"answer at the end alone.")
}

// Check types the answer; nothing comes after it.
func (a *answering) Check(s *Scope) {
	s.ends = true
	a.route = s.route
	at := s.node.Pos
	if start := s.route.Model.starter(); start != nil && start.messages() {
		s.check.out.Report(diag.BadRoute, at, "the route %q has %s; nobody waits for an answer", s.route.Model.ID.Value, start.key()).
			WithLen(len("respond")).
			WithHint("leave it out: choose with otherwise runs steps only where they are wanted")
		return
	}
	if around := s.inUnending(); around != nil {
		word := around.unending
		around.stray = true
		s.check.out.Report(diag.BadRoute, at, "a step inside %s cannot answer: %s", word, unendings[word].why).WithLen(len("respond")).
			WithHint("%s, and write respond after %s, with when", unendings[word].instead, word)
		return
	}
	a.reply = a.respond.check(s, at)
	a.reply.step = at
	s.route.early = append(s.route.early, a.reply)
	s.node.Title = strconv.Itoa(a.reply.status) + " " + statusText(a.reply.status)
	seen := s.node.Title
	switch {
	case s.route.Model.SOAP.Value != "":
		s.node.Title, seen = "", "the answer"
	case s.route.Model.Sub():
		s.node.Title, seen = "", "what the route that runs it makes of the value"
	}
	s.node.Outcomes = []Outcome{{If: "it is reached", Seen: seen}}
}

// unendings says of each step whose parts cannot answer why, and what to write instead.
var unendings = map[string]struct{ why, instead string }{
	"parallel": {"the other branches are still at work", "name in the branch what decides it"},
	"for_each": {"other items may still be worked on", "collect what decides it"},
	"repeat":   {"only until and max end the rounds", "let until end the rounds"},
}

// inUnending returns the innermost part around this place that cannot answer, nil if there is none.
func (s *Scope) inUnending() *Scope {
	for ; s != nil && s.unending == ""; s = s.parent {
	}
	return s
}

// Compile prepares the answer; it is computed once the steps have ended.
func (a *answering) Compile(*Builder) Run {
	end := &early{a.reply.compile(a.route)}
	return func(context.Context, *Exchange) error { return end }
}
