package nats

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// sweep removes what all groups have finished of the streams that the project made, until the broker ends. A topic that nobody reads keeps
// its messages for those who will.
func (b *Broker) sweep() {
	tick := time.NewTicker(b.o.Sweep)
	defer tick.Stop()
	for {
		select {
		case <-b.ctx.Done():
			return
		case <-tick.C:
		}
		if b.health() == nil {
			_ = b.swept(b.ctx) // the next time
		}
	}
}

// swept removes once what all groups have finished.
func (b *Broker) swept(ctx context.Context) error {
	return b.eachStream(ctx, func(s jetstream.Stream, info *jetstream.StreamInfo, own bool) error {
		if !own || !b.isPlaced(info.Config.Metadata[topicMark]) { // a reader may be to come
			return nil
		}
		list, floor := s.ListConsumers(ctx), uint64(0)
		first := true
		for c := range list.Info() {
			if first || c.AckFloor.Stream < floor {
				floor = c.AckFloor.Stream
			}
			first = false
		}
		if err := list.Err(); err != nil || first || floor < info.State.FirstSeq {
			return err
		}
		return s.Purge(ctx, jetstream.WithPurgeSequence(floor+1))
	})
}

// isPlaced reports whether a topic is one that the project has, and all its readers have their places.
func (b *Broker) isPlaced(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.topics[name]
	return t != nil && t.placed.Load()
}

// Forget removes the place of a group that nobody is.
func (b *Broker) Forget(ctx context.Context, name, group string) error {
	stream, err := b.js.StreamNameBySubject(ctx, b.names().Topic(name))
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil
	}
	if err == nil {
		err = b.js.DeleteConsumer(ctx, stream, b.consumerName(name, group))
	}
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return nil
	}
	return err
}

// Clear removes a topic that nobody reads, with all its messages; one that others made, or read, stays.
func (b *Broker) Clear(ctx context.Context, name string) error {
	return b.eachStream(ctx, func(s jetstream.Stream, info *jetstream.StreamInfo, own bool) error {
		if !own || info.Config.Metadata[topicMark] != name || info.State.Consumers > 0 {
			return nil
		}
		b.topic(name).placed.Store(false)
		return b.js.DeleteStream(ctx, info.Config.Name)
	})
}
