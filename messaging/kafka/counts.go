package kafka

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fondaco/messaging"
	"github.com/IBM/sarama"
)

// know remembers which topics and groups are ours, for Counts: a group "" where a topic has none yet. The lock is held.
func (b *Broker) know(topic, group string) {
	if b.known == nil {
		b.known = map[string]map[string]bool{}
	}
	if b.known[topic] == nil {
		b.known[topic] = map[string]bool{}
	}
	if group != "" {
		b.known[topic][group] = true
	}
}

// Counts returns what became of the messages of the topics that this process ensured or subscribed to, for the groups it
// subscribed as, whichever process worked for them: as the cluster knows it, which is up to a commit's interval (0.1 s)
// behind. Accepted is all that the topic ever held, by its offsets; what transactions of others wrote beside messages is
// counted too. See messaging.Counter.
func (b *Broker) Counts(ctx context.Context) ([]messaging.Count, error) {
	select {
	case <-b.ready:
	case <-b.ctx.Done():
		return nil, messaging.ErrClosed
	case <-ctx.Done():
		return nil, fmt.Errorf("messages cannot be counted: Kafka is not connected: %w", ctx.Err())
	}
	b.mu.Lock()
	known := map[string][]string{}
	for topic, groups := range b.known {
		known[topic] = nil
		for group := range groups {
			known[topic] = append(known[topic], group)
		}
	}
	b.mu.Unlock()
	admin, err := sarama.NewClusterAdminFromClient(b.control) // its Close would close the client
	if err != nil {
		return nil, fmt.Errorf("messages cannot be counted: %w", err)
	}
	var counts []messaging.Count
	for topic, groups := range known {
		list, err := b.countTopic(admin, topic, groups)
		if err != nil {
			return nil, fmt.Errorf("the messages of topic %s cannot be counted: %w", topic, err)
		}
		counts = append(counts, list...)
	}
	slices.SortFunc(counts, func(a, b messaging.Count) int {
		if a.Topic != b.Topic {
			if a.Topic < b.Topic {
				return -1
			}
			return 1
		}
		if a.Group < b.Group {
			return -1
		}
		return 1
	})
	return counts, nil
}

func (b *Broker) countTopic(admin sarama.ClusterAdmin, topic string, groups []string) ([]messaging.Count, error) {
	names, named := b.names(), topic
	topic = names.Topic(named)
	partitions, err := b.control.Partitions(topic)
	if err != nil {
		return nil, err
	}
	// Progress is asked for before the ends: what is finished meanwhile is then counted as waiting, never twice.
	told := make([]*sarama.OffsetFetchResponse, len(groups))
	for i, group := range groups {
		if told[i], err = admin.ListConsumerGroupOffsets(names.Group(named, group), map[string][]int32{topic: partitions}); err != nil {
			return nil, fmt.Errorf("group %s: %w", group, err)
		}
	}
	ends, begins := map[int32]int64{}, map[int32]int64{}
	all := int64(0)
	for _, p := range partitions {
		if ends[p], err = b.control.GetOffset(topic, p, sarama.OffsetNewest); err != nil {
			return nil, err
		}
		if begins[p], err = b.control.GetOffset(topic, p, sarama.OffsetOldest); err != nil {
			return nil, err
		}
		all += ends[p]
	}
	if len(groups) == 0 {
		return []messaging.Count{{Topic: named, Accepted: all, Waiting: all}}, nil
	}
	var counts []messaging.Count
	for i, group := range groups {
		c := messaging.Count{Topic: named, Group: group, Accepted: all}
		for _, p := range partitions {
			at := past{base: begins[p]}
			if block := told[i].GetBlock(topic, p); block != nil && block.Err == sarama.ErrNoError && block.Offset >= 0 {
				at, _ = decode(block.Offset, block.Metadata) // what is not ours holds the offset alone
			}
			waiting := at.waiting(ends[p])
			if c.Waiting += waiting; waiting > 0 && at.base >= begins[p] {
				if accepted := b.acceptedAt(topic, p, at.base); !accepted.IsZero() && (c.Oldest.IsZero() || accepted.Before(c.Oldest)) {
					c.Oldest = accepted
				}
			}
		}
		c.Finished = c.Accepted - c.Waiting
		counts = append(counts, c)
	}
	return counts, nil
}

// waiting reports how many offsets below end are unfinished.
func (p past) waiting(end int64) int64 {
	waiting := max(end-p.base, 0)
	at := p.base
	for i, run := range p.runs {
		if i%2 == 1 {
			waiting -= max(min(run, end)-at, 0)
		}
		at = run
	}
	return max(waiting-p.rest, 0)
}

// acceptedAt returns the time of the record at the offset or the next one that there is; zero if it cannot be had.
func (b *Broker) acceptedAt(topic string, partition int32, offset int64) time.Time {
	leader, err := b.control.Leader(topic, partition)
	if err != nil {
		return time.Time{}
	}
	req := &sarama.FetchRequest{Version: 4, MaxWaitTime: 100, MinBytes: 1, MaxBytes: 1 << 20, Isolation: sarama.ReadCommitted}
	req.AddBlock(topic, partition, offset, 1, -1) // a broker returns one batch whole, however small the limit
	answer, err := leader.Fetch(req)
	if err != nil {
		return time.Time{}
	}
	block := answer.GetBlock(topic, partition)
	if block == nil || block.Err != sarama.ErrNoError {
		return time.Time{}
	}
	for _, set := range block.RecordsSet {
		if batch := set.RecordBatch; batch != nil {
			for _, r := range batch.Records {
				if batch.FirstOffset+r.OffsetDelta >= offset {
					return batch.FirstTimestamp.Add(r.TimestampDelta)
				}
			}
		}
	}
	return time.Time{}
}

var _ messaging.Counter = (*Broker)(nil)
