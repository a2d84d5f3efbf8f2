// Package policy wraps calls: time limits, retries, breakers, bulkheads, rates and caches. One policy a file; order.go
// says which surrounds which, and why.
package policy

import (
	"fmt"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
)

// Set is what a system or a call says of its policies. The zero Set says nothing.
type Set struct {
	Timeout     time.Duration // of the whole call, retries included; 0 if nothing is said
	Attempt     time.Duration // of one attempt; 0 for the timeout alone
	Retry       *Retry
	Breaker     *Breaker
	Concurrency int
	Rate        spec.Rate
	Cache       *Keep

	from map[string]string // who said what: call, system
}

// Retry says how often a call is tried again, and how long is waited in between.
type Retry struct {
	Attempts int       // in all, the first included
	Backoff  spec.Span // from the first pause to the longest
}

// Breaker says when a system, or an operation of it, is left alone.
type Breaker struct {
	Failures int           // in a row
	Open     time.Duration // how long it is left alone then
}

// Keep says how long answers are kept.
type Keep struct {
	TTL   time.Duration
	Stale time.Duration // how much longer they may stand in when the system fails
}

// What holds when nothing is said.
const (
	defaultTimeout  = 10 * time.Second
	defaultFailures = 5
	defaultOpen     = 10 * time.Second
)

func defaultBreaker() *Breaker { return &Breaker{defaultFailures, defaultOpen} }

// Spec declares the policies of a system.
func (s *Set) Spec(o *spec.Object) {
	s.CallSpec(o)
	o.Object("breaker", func(o *spec.Object) {
		s.Breaker = defaultBreaker()
		o.Int("failures", &s.Breaker.Failures).Range(1, 1000).Default("5").Doc("After how many failures in a row an operation is left alone, or the whole system where it cannot be reached or several operations fail. A 500, 401, 403 and an answer that does not fit count once for each message or caller.")
		o.Duration("open", &s.Breaker.Open).Within(time.Millisecond, time.Hour).Default("10s").Doc("How long it is left alone, before one call tries again.")
	}).Doc("When the system, or an operation of it, is left alone.")
	o.Int("concurrency", &s.Concurrency).Range(1, 10_000).Doc("How many calls may be under way at once: a slow system never takes the others' capacity.")
	o.Rate("rate", &s.Rate).Doc("How often the system may be called, as 100/s.")
}

// CallSpec declares the policies of one call.
func (s *Set) CallSpec(o *spec.Object) {
	o.Duration("timeout", &s.Timeout).Within(time.Millisecond, time.Hour).Doc("How long the call may take, retries included.")
	o.Duration("attempt_timeout", &s.Attempt).Within(time.Millisecond, time.Hour).Doc("How long one attempt may take.")
	o.Object("retry", func(o *spec.Object) {
		s.Retry = &Retry{Attempts: 2, Backoff: spec.Span{From: 100 * time.Millisecond, To: 2 * time.Second}}
		o.Int("attempts", &s.Retry.Attempts).Range(1, 20).Default("2").Doc("How often the call is tried in all.")
		o.Span("backoff", &s.Retry.Backoff).Default("100ms..2s").Doc("The pause before the second attempt and the longest one, as 1s..5m; chance takes up to half of each away.")
	}).Doc("Trying again what failed. Only what may safely be repeated is.")
	o.Alternative("cache", spec.Own(keepValue{s})).Doc("How long answers are kept: 60s, or { ttl: 60s, stale: 10m }.")
}

// longest is how long an answer may be kept.
const longest = 30 * 24 * time.Hour

// keepValue reads "60s" or an object.
type keepValue struct{ s *Set }

func (k keepValue) Decode(n *config.Node, out *diag.List) {
	k.s.Cache = &Keep{}
	if n.Kind == config.NodeMap {
		spec.Decode(n, out, k.declare)
		return
	}
	spec.Decode(&config.Node{Kind: config.NodeMap, Text: n.Text, Entries: []config.Entry{{Key: config.Text{Value: "cache", Pos: n.Pos()}, Value: n}}}, out,
		func(o *spec.Object) { o.Duration("cache", &k.s.Cache.TTL).Within(time.Millisecond, longest) })
}

func (k keepValue) declare(o *spec.Object) {
	if k.s.Cache == nil {
		k.s.Cache = &Keep{}
	}
	o.Duration("ttl", &k.s.Cache.TTL).Within(time.Millisecond, longest).Required().Doc("How long an answer is as good as a new one.")
	o.Duration("stale", &k.s.Cache.Stale).Within(time.Millisecond, longest).Doc("How much longer it may stand in for the system when that fails.")
}

func (k keepValue) Schema() spec.Schema {
	return spec.Schema{"anyOf": []any{spec.Schema{"type": "string"}, spec.ObjectSchema(keepValue{&Set{}}.declare)}}
}

// Merge returns a call's policies: what the call says, and otherwise what its system does.
func Merge(system, call Set) Set {
	out := system
	out.from = map[string]string{}
	note := func(name string, fromCall, fromSystem bool) {
		switch {
		case fromCall:
			out.from[name] = "call"
		case fromSystem:
			out.from[name] = "system"
		default:
			out.from[name] = "default"
		}
	}
	note("timeout", call.Timeout > 0, system.Timeout > 0)
	note("attempt_timeout", call.Attempt > 0, system.Attempt > 0)
	note("retry", call.Retry != nil, system.Retry != nil)
	note("cache", call.Cache != nil, system.Cache != nil)
	note("breaker", false, system.Breaker != nil)
	note("concurrency", false, system.Concurrency > 0)
	note("rate", false, !system.Rate.IsZero())
	if call.Timeout > 0 {
		out.Timeout = call.Timeout
	}
	if call.Attempt > 0 {
		out.Attempt = call.Attempt
	}
	if call.Retry != nil {
		out.Retry = call.Retry
	}
	if call.Cache != nil {
		out.Cache = call.Cache
	}
	if out.Timeout == 0 {
		out.Timeout = defaultTimeout
	}
	if out.Breaker == nil {
		out.Breaker = defaultBreaker()
	}
	return out
}

// Check reports policies that an operation cannot have; pos is where the call stands.
func (s Set) Check(op *connectors.Operation, pos diag.Pos, out *diag.List) {
	if s.Retry != nil && s.Retry.Attempts > 1 && s.from["retry"] == "call" && op.Effect == connectors.Once && !op.Key && !op.Unread {
		out.Report(diag.UnsafeRetry, pos, "%s happens each time it is called, and is retried", op.Name).
			WithHint("leave retry out; or say effect: idempotent, or idempotency_key: true, in the connector if that is true")
	}
	if s.Cache != nil && s.from["cache"] == "call" && op.Effect != connectors.Read { // a system's cache is for its reads
		out.Report(diag.BadRoute, pos, "%s changes something, and its answers are kept", op.Name).WithHint("leave cache out, or say effect: read in the connector if that is true")
	}
	if s.Attempt > 0 && s.Attempt > s.Timeout {
		out.Report(diag.BadValue, pos, "attempt_timeout %s is longer than timeout %s", spec.Short(s.Attempt), spec.Short(s.Timeout))
	}
}

// CheckSystem reports policies that contradict each other in a system.
func (s Set) CheckSystem(sys *connectors.System, out *diag.List) {
	if s.Attempt > 0 && s.Timeout > 0 && s.Attempt > s.Timeout {
		out.Report(diag.BadValue, sys.Pos, "attempt_timeout %s is longer than timeout %s", spec.Short(s.Attempt), spec.Short(s.Timeout))
	}
}

// Setting is a policy in force, in words.
type Setting struct {
	Name, Value string
	From        string // call, system or default
}

// Settings lists the policies in force, outermost first.
func (s Set) Settings() []Setting {
	var all []Setting
	add := func(name, value string) { all = append(all, Setting{name, value, s.from[name]}) }
	if s.Cache != nil {
		text := spec.Short(s.Cache.TTL)
		if s.Cache.Stale > 0 {
			text += ", stale for " + spec.Short(s.Cache.Stale) + " more"
		}
		add("cache", text)
	}
	if !s.Rate.IsZero() {
		add("rate", fmt.Sprintf("%d per %s", s.Rate.Count, spec.Short(s.Rate.Per)))
	}
	add("timeout", spec.Short(s.Timeout))
	if s.Retry != nil && s.Retry.Attempts > 1 {
		add("retry", fmt.Sprintf("%d attempts, pauses of %s to %s", s.Retry.Attempts, spec.Short(s.Retry.Backoff.From), spec.Short(s.Retry.Backoff.To)))
	}
	add("breaker", fmt.Sprintf("opens for %s after %d failures in a row", spec.Short(s.Breaker.Open), s.Breaker.Failures))
	if s.Concurrency > 0 {
		add("concurrency", fmt.Sprint(s.Concurrency))
	}
	if s.Attempt > 0 {
		add("attempt_timeout", spec.Short(s.Attempt))
	}
	return all
}
