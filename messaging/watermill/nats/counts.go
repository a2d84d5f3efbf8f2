package nats

import (
	"context"
	"errors"
	"strconv"

	"github.com/nats-io/nats.go/jetstream"

	"fondaco/messaging"
)

// Counts returns the account of each group of the project on each topic, from what the servers say. Of a stream that others made, and
// that has more subjects, what a group has finished is what it has acked.
func (b *Broker) Counts(ctx context.Context) ([]messaging.Count, error) {
	if err := b.health(); err != nil {
		return nil, err
	}
	all := []messaging.Count{}
	err := b.eachStream(ctx, func(s jetstream.Stream, info *jetstream.StreamInfo, own bool) error {
		name, found := info.Config.Metadata[topicMark], false
		list := s.ListConsumers(ctx)
		for c := range list.Info() {
			if c.Config.Metadata[projectMark] != b.o.Project {
				continue
			}
			found = true
			all = append(all, countOf(ctx, s, info, c, own))
		}
		if !found && own {
			n := messaging.Count{Topic: name, Accepted: int64(info.State.LastSeq), Waiting: int64(info.State.Msgs), Oldest: info.State.FirstTime}
			n.Finished = n.Accepted - n.Waiting
			all = append(all, n)
		}
		return list.Err()
	})
	return all, err
}

// countOf counts one group.
func countOf(ctx context.Context, s jetstream.Stream, info *jetstream.StreamInfo, c *jetstream.ConsumerInfo, own bool) messaging.Count {
	n := messaging.Count{Topic: c.Config.Metadata[topicMark], Group: c.Config.Metadata[groupMark]}
	n.Waiting = int64(c.NumPending) + int64(c.NumAckPending)
	first, err := strconv.ParseUint(c.Config.Metadata[firstMark], 10, 63)
	if own && err == nil {
		n.Accepted = int64(info.State.LastSeq+1) - int64(first)
		if n.Waiting > n.Accepted { // a message came between the two answers
			n.Accepted = n.Waiting
		}
		n.Finished = n.Accepted - n.Waiting
	} else {
		n.Finished = int64(c.AckFloor.Consumer)
		n.Accepted = n.Finished + n.Waiting
	}
	if n.Waiting > 0 {
		if m, err := s.GetMsg(ctx, c.AckFloor.Stream+1); err == nil {
			n.Oldest = m.Time
		}
	}
	return n
}

// eachStream calls do with each stream that the project made, and with those of others whose topics it knows.
func (b *Broker) eachStream(ctx context.Context, do func(s jetstream.Stream, info *jetstream.StreamInfo, own bool) error) error {
	known := map[string]bool{} // subjects
	b.mu.Lock()
	for _, t := range b.topics {
		known[t.subject] = true
	}
	b.mu.Unlock()
	list := b.js.ListStreams(ctx)
	for info := range list.Info() {
		own := info.Config.Metadata[projectMark] == b.o.Project
		for _, subject := range info.Config.Subjects {
			if !own && !known[subject] {
				continue
			}
			s, err := b.js.Stream(ctx, info.Config.Name)
			if errors.Is(err, jetstream.ErrStreamNotFound) {
				break
			}
			if err == nil {
				err = do(s, info, own)
			}
			if err != nil {
				return err
			}
			break
		}
	}
	return list.Err()
}

// Ready reports whether a message of the topic waits for the group that this process has a free lane for. See messaging.Backlog.
func (b *Broker) Ready(ctx context.Context, name, group string) (bool, error) {
	if err := b.health(); err != nil {
		return false, err
	}
	if b.Idle(name, group) == 0 {
		return false, nil
	}
	stream, err := b.js.StreamNameBySubject(ctx, b.topic(name).subject)
	if err != nil {
		return false, err
	}
	c, err := b.js.Consumer(ctx, stream, b.consumerName(name, group))
	if err != nil {
		return false, err
	}
	return c.CachedInfo().NumPending > 0, nil
}
