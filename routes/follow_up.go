package routes

import (
	"slices"
	"strconv"
	"strings"

	"fondaco/config/diag"
)

// unlikely returns the problems of a check without those that may be there only because the route could not be read whole: a name that the
// unread part brings or sets another type, a word that the route lacks and the unread part says. One mistake
// is one problem; what is left out and was a mistake of its own is reported when the first is corrected.
func (d *RouteModel) unlikely(found *diag.List) *diag.List {
	if !d.broken {
		return found
	}
	left := &diag.List{}
	for p := range found.All() {
		lacks := p.Code == diag.BadRoute && p.Pos == d.ID.Pos // of the route as a whole
		near := strings.HasPrefix(p.Hint, "did you mean") && !d.brings(p)
		unseen := (p.Code == diag.UnknownName || d.headless && p.Code == diag.UnknownMember) && !near
		if !p.Warning && (lacks || unseen || d.headless && slices.Contains(ofTypes, p.Code)) {
			continue
		}
		left.Add(*p)
	}
	return left
}

// ofTypes are the codes of problems that come of what a value is: the unread part of a route may say that it is another one.
var ofTypes = []diag.Code{diag.TypeMismatch, diag.MaybeNil, diag.DoesNotFit, diag.DegradedAnswer}

// said returns the problems of a route without those of sequences, where the project's may stand under a key that could not be read.
func (c *checker) said(found *diag.List) *diag.List {
	if !c.model.unsaid(len(c.model.Project.Sequences)) {
		return found
	}
	left := &diag.List{}
	for p := range found.All() {
		if p.Code != diag.UnknownSequence {
			left.Add(*p)
		}
	}
	return left
}

// brings reports whether an unknown name is one that the unread part of a route brings, however near another one is.
func (d *RouteModel) brings(p *diag.Problem) bool {
	for _, name := range brought {
		if strings.HasSuffix(p.Message, strconv.Quote(name)) {
			return true
		}
	}
	return false
}

// whole adds to the problems of a route those that were found by what the route as a whole says, of how it is started and what it
// keeps: of a route that could not be read whole nobody knows what it says, and they are reported when that is corrected.
func (d *RouteModel) whole(found, out *diag.List) {
	for p := range found.All() {
		if p.Warning || !d.broken {
			out.Add(*p)
		}
	}
}
