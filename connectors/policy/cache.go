package policy

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// Keep says how long answers are kept.
type Keep struct {
	TTL   time.Duration
	Stale time.Duration // how much longer they may stand in when the system fails
}

var cachePart = part{
	name: "cache", ofCalls: true,
	fields: func(s *Set, o *spec.Object) {
		o.Alternative("cache", spec.Own(keepValue{s})).Doc("How long answers are kept: 60s, or { ttl: 60s, stale: 10m }.")
	},
	said: func(s *Set) bool { return s.Cache != nil },
	take: func(s, call *Set) { s.Cache = call.Cache },
	check: func(s *Set, op *connectors.Operation, pos diag.Pos, out *diag.List) {
		if s.Cache != nil && s.from["cache"] == "call" && op.Effect != connectors.Read && !op.Unread { // a system's cache is for its reads
			out.Report(diag.BadRoute, pos, "%s changes something, and its answers are kept", op.Name).
				WithHint("leave cache out, or say effect: read in the connector if that is true")
		}
	},
	setting: func(s *Set) string {
		if s.Cache == nil {
			return ""
		}
		text := spec.Short(s.Cache.TTL)
		if s.Cache.Stale > 0 {
			text += ", stale for " + spec.Short(s.Cache.Stale) + " more"
		}
		return text
	},
	wrap: func(s *Set, c called, sh *Shared) connectors.Policy {
		if s.Cache == nil || c.op.Effect != connectors.Read {
			return nil
		}
		return sh.keep(c.op, c.want, *s.Cache)
	},
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
	only := config.Entry{Key: config.Text{Value: "cache", Pos: n.Pos()}, Value: n}
	spec.Decode(&config.Node{Kind: config.NodeMap, Text: n.Text, Entries: []config.Entry{only}}, out,
		func(o *spec.Object) { o.Duration("cache", &k.s.Cache.TTL).Within(time.Millisecond, longest) })
}

func (k keepValue) declare(o *spec.Object) {
	if k.s.Cache == nil {
		k.s.Cache = &Keep{}
	}
	o.Duration("ttl", &k.s.Cache.TTL).Within(time.Millisecond, longest).Required().Doc("How long an answer is as good as a new one.")
	o.Duration("stale", &k.s.Cache.Stale).Within(time.Millisecond, longest).
		Doc("How much longer it may stand in for the system when that fails; each is counted in fondaco_cache_stale_total, and the log " +
			"warns when they begin to.")
}

func (k keepValue) Schema() spec.Schema {
	return spec.Schema{"anyOf": []any{spec.Schema{"type": "string"}, spec.ObjectSchema(keepValue{&Set{}}.declare)}}
}

// maxKey is how long an input may be, as JSON, whose answer is kept.
const maxKey = 1 << 20

// keep answers from the cache while an answer is fresh; one call at a time asks anew, first of all what other processes
// have kept. When the system fails, an answer that is not too old stands in.
func (sh *Shared) keep(op *connectors.Operation, want *schema.Type, k Keep) connectors.Policy {
	// Answers are laid out by what a route reads of them: another type is another entry. A system that was opened anew,
	// because its definition changed, has entries of its own.
	prefix := fmt.Sprintf("%d %s.%s %x ", sh.number, sh.system, op.Name, schema.Fingerprint(want))
	far, whole, o := sh.shares(op, want), k.TTL+k.Stale, sh.health(op.Name)
	cached := &sh.meters.Of(sh.system, op.Name).cached
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			begun := append(make([]byte, 0, 256), prefix...)
			if op.ForCaller { // an answer is the caller's own: another one never gets it
				token, known := connectors.CallerTokenOf(ctx)
				if !known {
					return next(ctx, in)
				}
				sum := token.Sum()
				begun = append(hex.AppendEncode(begun, sum[:]), ' ')
			}
			named, err := codec.AppendJSONWithin(begun, in, maxKey)
			if err != nil {
				return next(ctx, in) // what is asked is too large to be kept
			}
			key := string(named)
			old, at, found := sh.cache.Get(key)
			if found && sh.clock.Now().Sub(at) < k.TTL {
				cached[CacheHit].Add(1)
				return old, nil
			}
			v, err := sh.flights.do(ctx, key, func(ctx context.Context) (schema.Value, error) {
				if v, since, found := sh.cache.Get(key); found && since.After(at) && sh.clock.Now().Sub(since) < k.TTL {
					return v, nil // another call has ended since
				}
				input := key[len(prefix):]
				if v, theirs, found := far.get(ctx, input, whole); found && theirs.After(at) {
					age := sh.clock.Now().Sub(theirs)
					if sh.cache.Set(key, v, theirs, whole-age); age < k.TTL {
						return v, nil
					}
				}
				v, err := next(ctx, in)
				if err == nil {
					sh.renewed(o, op.Name)
					sh.cache.Set(key, v, sh.clock.Now(), whole)
					far.set(ctx, input, v, whole)
				}
				return v, err
			})
			if err == nil {
				cached[CacheMiss].Add(1)
				return v, nil
			}
			if connectors.AsFault(err) == nil {
				if err = sh.broke(op, err); ctx.Err() != nil {
					err = sh.ended(op, ctx.Err())
				}
			}
			if k.Stale == 0 || healthy(err) {
				cached[CacheMiss].Add(1)
				return v, err
			}
			if v, since, newer := sh.cache.Get(key); newer { // perhaps from another process
				old, at, found = v, since, true
			}
			if !found {
				cached[CacheMiss].Add(1)
				return v, err
			}
			cached[CacheStale].Add(1)
			sh.stood(o, op.Name, at, err)
			return old, nil
		}
	}
}

// broke returns the fault of a call that has panicked.
func (sh *Shared) broke(op *connectors.Operation, err error) *connectors.Fault {
	return &connectors.Fault{System: sh.system, Operation: op.Name, Kind: connectors.Unavailable, Sent: true, Err: err}
}
