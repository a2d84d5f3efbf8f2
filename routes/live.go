package routes

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"sync"

	"fondaco/connectors"
	"fondaco/connectors/network"
	"fondaco/connectors/policy"
	"fondaco/routes/callback"
	"fondaco/schema"
)

// Live holds what outlives a program where the next one says the same of it: the open systems with their connections,
// tokens and log-ins, their breakers, rates and bulkheads, the kept answers, and the connections to those who are told
// ends. Programs that replace each other are given the same Live. Safe for concurrent use; Close ends it.
type Live struct {
	mu      sync.Mutex
	systems map[definition]*liveSystem
	cache   policy.Cache
	own     io.Closer // the cache, if nobody gave one
	tellers *callback.Sender
	meters  policy.Meters   // of the calls of all systems, also of those that are closed
	answers func(on string) // see Answered; nil for nobody
	telling string          // the rules of connections that the tellers have
}

// definition says which systems are the same.
type definition struct {
	name string
	sum  [sha256.Size]byte
}

// liveSystem is an open system and how many programs use it.
type liveSystem struct {
	key    definition
	system *connectors.System // that was opened
	caller connectors.Caller
	shared *policy.Shared
	uses   int

	mu    sync.Mutex
	wants map[[sha256.Size]byte]*schema.Type
}

// NewLive returns an empty Live. Answers are kept in cache; nil for memory of its own.
func NewLive(cache policy.Cache) *Live {
	l := &Live{systems: map[definition]*liveSystem{}, cache: cache}
	if cache == nil {
		l.cache = policy.NewMemory(defaultCache)
		l.own, _ = l.cache.(io.Closer)
	}
	return l
}

// Answered has f told each time that a system, as "crm", or an operation, as "crm.create", answers well and has been away
// since its last good answer. It is called before any program starts; f is called on callers' goroutines, and does not wait.
func (l *Live) Answered(f func(on string)) { l.answers = f }

// open opens a system, or returns the one that is open already if its definition is the same. release ends its use.
func (l *Live) open(ctx context.Context, s *connectors.System, policies policy.Set, d connectors.Deps) (*liveSystem, error) {
	caller, err := s.Open(ctx, d) // it calls nothing, and what it looks up is part of the definition
	if err != nil {
		return nil, err
	}
	key := definition{s.Name, s.Definition()}
	l.mu.Lock()
	defer l.mu.Unlock()
	if live := l.systems[key]; live != nil {
		live.uses++
		s.Takes(live.system)
		return live, caller.Close()
	}
	live := &liveSystem{key: key, system: s, caller: caller, shared: policy.NewShared(s.Name, policies, l.cache, d.Now), uses: 1}
	live.shared.MeasuredBy(&l.meters)
	if l.answers != nil {
		live.shared.Answered(l.answers)
	}
	live.shared.Stands(standing(s, d.Log))
	live.shared.Turns(turning(s, d.Log))
	l.systems[key] = live
	return live, nil
}

// keep is open for a system that no route calls now: it returns nil unless one of that definition is open.
func (l *Live) keep(ctx context.Context, s *connectors.System, d connectors.Deps) *liveSystem {
	if s.Connector == nil || s.Connector.Protocol == nil || !l.has(s.Name) {
		return nil
	}
	caller, err := s.Open(ctx, d)
	if err != nil {
		return nil
	}
	_ = caller.Close()
	key := definition{s.Name, s.Definition()}
	l.mu.Lock()
	defer l.mu.Unlock()
	live := l.systems[key]
	if live != nil {
		live.uses++
		s.Takes(live.system)
	}
	return live
}

func (l *Live) has(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key := range l.systems {
		if key.name == name {
			return true
		}
	}
	return false
}

// release ends a program's use of a system. The last use closes it.
func (l *Live) release(live *liveSystem) error {
	l.mu.Lock()
	if live.uses--; live.uses > 0 {
		l.mu.Unlock()
		return nil
	}
	delete(l.systems, live.key)
	l.mu.Unlock()
	return live.caller.Close()
}

// sender returns the sender of callbacks, by the rules of g. Callbacks under way by other rules end by themselves.
func (l *Live) sender(g *network.Guard) *callback.Sender {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tellers != nil && l.telling != g.String() {
		l.tellers.Close()
		l.tellers = nil
	}
	if l.tellers == nil {
		l.tellers, l.telling = callback.NewSender(g), g.String()
	}
	return l.tellers
}

// Close ends what no program holds. It is called once, after the last program has been closed.
func (l *Live) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, live := range l.systems {
		errs = append(errs, live.caller.Close())
	}
	clear(l.systems)
	if l.tellers != nil {
		l.tellers.Close()
	}
	if l.own != nil {
		errs = append(errs, l.own.Close())
	}
	return errors.Join(errs...)
}

// maxWants is how many types are remembered for one system: routes that change often leave as many behind.
const maxWants = 1000

// want returns the type by which answers like those of t are kept: the same one for all programs, so that kept answers
// hold on to no program that is gone.
func (s *liveSystem) want(t *schema.Type) *schema.Type {
	sum := schema.Fingerprint(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.wants[sum]; known != nil {
		return known
	}
	if s.wants == nil || len(s.wants) >= maxWants {
		s.wants = map[[sha256.Size]byte]*schema.Type{}
	}
	s.wants[sum] = t
	return t
}
