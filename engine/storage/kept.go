package storage

import (
	"maps"
	"slices"

	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/routes/callback"
)

// Expect has the topics of a project that is about to be served made ready, with their readers. It does not wait for it.
func (s *Storage) Expect(t *routes.Typed, consumers []*routes.Consumer) error {
	if s == nil {
		return nil
	}
	s.routes.take(consumers)
	keeper, ok := s.broker.(messaging.Keeper)
	if !ok {
		return nil
	}
	return keeper.Keep(KeptBy(t, consumers)...)
}

// Take learns what the project in service reads, and how long it keeps things.
func (s *Storage) Take(t *routes.Typed, consumers []*routes.Consumer) {
	if s == nil {
		return
	}
	s.stranded.take(KeptBy(t, consumers))
	list := t.Retentions()
	s.retentions.Store(&list)
}

// KeptBy returns the topics that a project publishes to or reads, in the order of their names, and their readers.
func KeptBy(t *routes.Typed, consumers []*routes.Consumer) []messaging.Kept {
	readers, named, plain := map[string][]messaging.Reader{}, map[string]bool{}, map[string]*messaging.Plain{}
	for _, x := range t.Model.Topics {
		readers[x.Kept()], named[x.Kept()] = nil, x.Named()
		how := t.Plain(x)
		for _, name := range x.Names() {
			plain[name] = how
		}
	}
	for _, r := range t.Routes {
		if r.Model.Async {
			readers[routes.AsyncTopic(r.Model.Kept())] = nil
		}
		if r.Model.ReplyTo() != nil {
			readers[callback.Topic] = nil
		}
	}
	for _, r := range t.Own() {
		readers[routes.AsyncTopic(r.Model.Kept())] = nil
	}
	for _, r := range t.Topics {
		if r.Model.Collects() {
			readers[routes.AsyncTopic(r.Model.Kept())] = nil
		}
	}
	for _, c := range consumers {
		readers[c.Topic] = append(readers[c.Topic], messaging.Reader{Group: c.Group, From: c.From, Also: c.Also})
	}
	var all []messaging.Kept
	for _, topic := range slices.Sorted(maps.Keys(readers)) {
		all = append(all, messaging.Kept{Topic: topic, Readers: readers[topic], Named: named[topic], Plain: plain[topic]})
	}
	return all
}
