package storage

import (
	"fondaco/console"
	"fondaco/engine/work"
	"fondaco/messaging"
)

// stateOf says in a word how the work of a route stands.
func stateOf(c work.Consumer) string {
	switch {
	case c.Held:
		return "held" // the state was restored: fondaco release
	case c.Ended:
		return "ended" // by itself: the log and the readiness say why
	case c.Paused:
		return "paused" // a system is down
	}
	return "working"
}

// states says how the work of each route of this process stands; nil before it serves.
func (s *Storage) states() map[string]string {
	if s.work == nil {
		return nil
	}
	at := map[string]string{}
	for route, c := range s.work.Consumers() {
		at[route] = stateOf(c)
	}
	return at
}

// watches says how the watches of this process stand; none before it serves.
func (s *Storage) watches() (all []console.Watch) {
	if s.work == nil {
		return nil
	}
	for _, w := range s.work.Watches() {
		all = append(all, console.Watch{Route: w.Route, Watch: w.Target, Looked: w.Looked, Since: w.Since, Cause: w.Cause})
	}
	return all
}

// retrying says what waits for its next attempt in this process; nothing before it serves.
func (s *Storage) retrying() []messaging.Retrying {
	if s.work == nil {
		return nil
	}
	return s.work.Retrying()
}

// API returns the operators' API of what is kept.
func (s *Storage) API() *console.API {
	a := &console.API{
		State: s.state, Intents: s.intents, Broker: s.broker, Shared: s.remote, OneState: s.shared, Letters: s.desk, Log: s.log, Clock: s.time,
		Consumers: &s.routes, Restored: s.restored,
		Copies: s.copies, States: s.states, Watches: s.watches, Retrying: s.retrying, Withdraw: s.withdrawing,
		Stranded: s.stranded.look, LetGo: s.letGo, IDs: s.ids, Traces: s.traces,
	}
	if s.fit != nil {
		a.Fit = s.fit
	}
	if s.kafka != nil {
		a.Seals = s.seals()
	}
	return a
}

// withdrawing calls do while no work on the request of an operation can begin; store.ErrBegun if it is being worked on.
func (s *Storage) withdrawing(id string, do func() error) error {
	if s.work == nil { // nothing is worked on
		return do()
	}
	return s.work.Withdraw(id, do)
}
