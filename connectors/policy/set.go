// Package policy wraps calls: time limits, retries, breakers, bulkheads, rates and caches. One policy a file, with its fields, what holds
// when nothing is said, how it is told to people and how it wraps; parts.go lists them, in the order in which they surround a call.
package policy

import (
	"time"

	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
)

// Set is what a system or a call says of its policies. The zero Set says nothing.
type Set struct {
	Timeout     time.Duration // of the whole call, retries included; 0 if nothing is said
	TimeoutAt   diag.Pos      // where that stands
	Attempt     time.Duration // of one attempt; 0 for the timeout alone
	Retry       *Retry
	Breaker     *Breaker
	Concurrency int
	Rate        spec.Rate
	Cache       *Keep

	from map[string]string // who said what: call, system, default
}

// Spec declares the policies of a system.
func (s *Set) Spec(o *spec.Object) {
	s.CallSpec(o)
	for _, p := range parts {
		if p.fields != nil && !p.ofCalls {
			p.fields(s, o)
		}
	}
}

// CallSpec declares the policies of one call.
func (s *Set) CallSpec(o *spec.Object) {
	for _, p := range parts {
		if p.fields != nil && p.ofCalls {
			p.fields(s, o)
		}
	}
}

// Merge returns a call's policies: what the call says, and otherwise what its system does.
func Merge(system, call Set) Set {
	out := system
	out.from = map[string]string{}
	for _, p := range parts {
		switch {
		case p.fields == nil:
		case p.ofCalls && p.said(&call):
			out.from[p.name] = "call"
			p.take(&out, &call)
		case p.said(&system):
			out.from[p.name] = "system"
		default:
			out.from[p.name] = "default"
			if p.assume != nil {
				p.assume(&out)
			}
		}
	}
	return out
}

// Check reports policies that an operation cannot have; pos is where the call stands. The set is one that Merge has made.
func (s Set) Check(op *connectors.Operation, pos diag.Pos, out *diag.List) {
	for _, p := range parts {
		if p.check != nil {
			p.check(&s, op, pos, out)
		}
	}
}

// CheckSystem reports policies that contradict each other in a system.
func (s Set) CheckSystem(sys *connectors.System, out *diag.List) {
	if s.Timeout > 0 {
		checkAttempt(&s, nil, sys.Pos, out)
	}
}

// Setting is a policy in force, in words.
type Setting struct {
	Name, Value string
	From        string // call, system or default
}

// Settings lists the policies in force, outermost first. The set is one that Merge has made.
func (s Set) Settings() []Setting {
	var all []Setting
	for _, p := range parts {
		if p.setting == nil {
			continue
		}
		if text := p.setting(&s); text != "" {
			all = append(all, Setting{p.name, text, s.from[p.name]})
		}
	}
	return all
}

// Policies returns the policies of an operation's calls whose answers are of type want, the outermost first. The fallback
// of a step surrounds them all. The set is one that Merge has made.
func (s Set) Policies(op *connectors.Operation, want *schema.Type, sh *Shared) []connectors.Policy {
	var all []connectors.Policy
	for _, p := range parts {
		if w := p.wrap(&s, called{op, want}, sh); w != nil {
			all = append(all, w)
		}
	}
	return all
}
