package kafka

import (
	"maps"

	"fondaco/messaging"
)

// keepPlain takes over which topics have plain records. The lock is held.
func (b *Broker) keepPlain(topics []messaging.Kept) {
	next := map[string]*messaging.Plain{}
	if now := b.plain.Load(); now != nil {
		maps.Copy(next, *now)
	}
	for _, t := range topics {
		if t.Plain != nil {
			next[t.Topic] = t.Plain
		} else {
			delete(next, t.Topic)
		}
	}
	b.plain.Store(&next)
}

// plainNow returns how the records of a topic are read, nil if they are events.
func (b *Broker) plainNow(topic string) *messaging.Plain {
	if now := b.plain.Load(); now != nil {
		return (*now)[topic]
	}
	return nil
}
