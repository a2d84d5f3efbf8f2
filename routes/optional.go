package routes

import (
	"slices"

	"fondaco/config"
)

// optional notes branches that may fail and leave the exchange going on.
func (s *Scope) optional(branches ...config.Text) {
	s.route.optional = append(s.route.optional, branches...)
	s.mayMissAll(branches)
}

// mayMissAll adds branches to those that may be missing here.
func (s *Scope) mayMissAll(branches []config.Text) {
	for _, b := range branches {
		if !slices.ContainsFunc(s.degraded, func(x config.Text) bool { return x.Value == b.Value && x.Pos == b.Pos }) {
			s.degraded = append(s.degraded, b)
		}
	}
}

// follows says that what comes next here may come after an inner block, unless that always ends the exchange.
func (s *Scope) follows(inner *Scope) {
	if !inner.ends {
		s.mayMissAll(inner.degraded)
	}
}

// mayMiss returns the optional branches on the ways that lead here, in their order.
func (s *Scope) mayMiss() []config.Text {
	var scopes []*Scope
	for ; s != nil; s = s.parent {
		scopes = append(scopes, s)
	}
	var all []config.Text
	for _, outer := range slices.Backward(scopes) {
		for _, b := range outer.degraded {
			if !slices.ContainsFunc(all, func(x config.Text) bool { return x.Value == b.Value }) {
				all = append(all, b)
			}
		}
	}
	return all
}
