package kafka

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/parking"
	"github.com/IBM/sarama"
)

// standing is how the work on a partition stands, for those who ask from other goroutines.
type standing struct {
	next  atomic.Int64 // all below was read
	ready atomic.Int64 // messages that could be given out
	full  atomic.Bool  // nothing is read, as the window is full

	parked atomic.Pointer[[]parking.Parked] // what waits for systems that are down
	answer answers
}

// probing is how long a message is waited for that should be there.
const probing = 5 * time.Second

// Ready reports whether a message of the topic should be given out to the group by this process now: one was read and
// nobody takes it, one is there and is not read, or one lies in a partition that is given to nobody, or to us without our
// working on it. The cluster is asked, not our own reading. See messaging.Backlog.
func (b *Broker) Ready(ctx context.Context, topic, group string) (bool, error) {
	select {
	case <-b.ready:
	default:
		return false, fmt.Errorf("Kafka is not connected") //nolint:staticcheck // a name
	}
	if err := b.outOfReach(); err != nil {
		return false, err
	}
	topic, group = b.names().Topic(topic), b.names().Group(topic, group)
	working, members, reading := b.standings(topic, group)
	if !reading {
		return false, nil
	}
	for _, w := range working {
		if w.ready.Load() > 0 {
			return true, nil
		}
	}
	partitions, err := b.control.Partitions(topic)
	if err != nil {
		return false, err
	}
	ends, err := b.ends(topic, partitions)
	if err != nil {
		return false, err
	}
	var left []int32 // partitions that we do not work on
	for _, p := range partitions {
		w := working[p]
		if w == nil {
			left = append(left, p)
			continue
		}
		if next := w.next.Load(); next < ends[p] && !w.full.Load() {
			if there, err := b.probe(ctx, topic, p, next); there || err != nil {
				return there, err
			}
		}
	}
	return b.abandoned(ctx, topic, group, left, ends, members)
}

// standings returns how the work on each partition of a topic stands that this process has, the ids of all members that
// it is, and whether it reads the topic for the group at all.
func (b *Broker) standings(topic, group string) (working map[int32]*standing, members map[string]bool, reading bool) {
	b.mu.Lock()
	var all []*subscription
	for s := range b.subscribers {
		for m := range s.members {
			all = append(all, m)
		}
	}
	b.mu.Unlock()
	working, members = map[int32]*standing{}, map[string]bool{}
	for _, m := range all {
		m.mu.Lock()
		if m.groupName == group && m.member != "" {
			members[m.member] = true
		}
		if m.groupName == group && m.topic == topic && m.stopped == nil {
			reading = true
			for p, w := range m.working {
				working[p] = w
			}
		}
		m.mu.Unlock()
	}
	return working, members, reading
}

// ends returns the offsets after the last records of partitions, with one question to each broker.
func (b *Broker) ends(topic string, partitions []int32) (map[int32]int64, error) {
	questions := map[*sarama.Broker]*sarama.OffsetRequest{}
	for _, p := range partitions {
		leader, err := b.control.Leader(topic, p)
		if err != nil {
			return nil, err
		}
		if questions[leader] == nil {
			questions[leader] = sarama.NewOffsetRequest(b.control.Config().Version)
		}
		questions[leader].AddBlock(topic, p, sarama.OffsetNewest, 1)
	}
	ends := map[int32]int64{}
	for leader, question := range questions {
		answer, err := leader.GetAvailableOffsets(question)
		if err != nil {
			return nil, err
		}
		for p, block := range answer.Blocks[topic] {
			if block.Err != sarama.ErrNoError {
				return nil, block.Err
			}
			ends[p] = block.Offset
		}
	}
	return ends, nil
}

// abandoned reports whether messages wait in partitions that the group has given to nobody, or to one of members, which
// do not work on them.
func (b *Broker) abandoned(ctx context.Context, topic, group string, partitions []int32, ends map[int32]int64,
	members map[string]bool,
) (bool, error) {
	if len(partitions) == 0 {
		return false, nil
	}
	admin, err := sarama.NewClusterAdminFromClient(b.control) // its Close would close the client
	if err != nil {
		return false, err
	}
	told, err := admin.ListConsumerGroupOffsets(group, map[string][]int32{topic: partitions})
	if err != nil {
		return false, err
	}
	waiting := map[int32]int64{} // from where
	for _, p := range partitions {
		at := past{}
		if block := told.GetBlock(topic, p); block != nil && block.Err == sarama.ErrNoError && block.Offset >= 0 {
			at, _ = decode(block.Offset, block.Metadata)
		}
		if at.waiting(ends[p]) > 0 {
			waiting[p] = at.base
		}
	}
	if len(waiting) == 0 {
		return false, nil
	}
	described, err := admin.DescribeConsumerGroups([]string{group})
	if err != nil {
		return false, err
	}
	for _, g := range described {
		for id, m := range g.Members {
			assigned, err := m.GetMemberAssignment()
			if err != nil || assigned == nil || members[id] {
				continue
			}
			for _, p := range assigned.Topics[topic] {
				delete(waiting, p) // another process has it
			}
		}
	}
	for p, from := range waiting {
		if there, err := b.probe(ctx, topic, p, from); there || err != nil {
			return there, err
		}
	}
	return false, nil
}

// probe reports whether there is a message at an offset or after it: offsets of transactions' markers and of messages that
// were taken back hold none.
func (b *Broker) probe(ctx context.Context, topic string, partition int32, from int64) (bool, error) {
	m, err := b.firstFrom(ctx, topic, partition, from)
	return m != nil, err
}

// firstFrom returns the first message of a partition at an offset or after it, nil if none comes.
func (b *Broker) firstFrom(ctx context.Context, topic string, partition int32, from int64) (*sarama.ConsumerMessage, error) {
	oldest, err := b.control.GetOffset(topic, partition, sarama.OffsetOldest)
	if err != nil {
		return nil, err
	}
	c, err := sarama.NewConsumer(b.o.Brokers, b.o.consuming("")) // with connections of its own: a fetch waits
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	in, err := c.ConsumePartition(topic, partition, max(from, oldest))
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	timer := time.NewTimer(probing)
	defer timer.Stop()
	select {
	case m := <-in.Messages():
		return m, nil
	case err := <-in.Errors():
		return nil, err
	case <-timer.C:
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

var _ messaging.Backlog = (*Broker)(nil)
