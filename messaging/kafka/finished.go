package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"fondaco/messaging"
	"fondaco/store"
	"github.com/IBM/sarama"
)

// finishedAtOnce is how many records are asked for together.
const finishedAtOnce = 5000

// Finished calls f with the messages of a partition that a group has finished since it stood at a place, as far as the cluster
// still has them, in the order of the log; an error of f ends it. What the group has finished beyond one that it has not is
// not among them. Of a topic or a group that the cluster does not have there are none.
func (b *Broker) Finished(ctx context.Context, since store.GroupPlace, f func(messaging.Message) error) error {
	admin, partitions, err := b.partitionsOf(ctx, since.Topic)
	if err != nil || !slices.Contains(partitions, since.Partition) {
		return err
	}
	names := b.names()
	name := names.Topic(since.Topic)
	told, err := admin.ListConsumerGroupOffsets(names.Group(since.Topic, since.Group), map[string][]int32{name: {since.Partition}})
	if err != nil {
		return fmt.Errorf("topic %s, group %s: %w", since.Topic, since.Group, err)
	}
	block := told.GetBlock(name, since.Partition)
	if block == nil || block.Err != sarama.ErrNoError || block.Offset <= since.Offset {
		return nil
	}
	oldest, err := b.control.GetOffset(name, since.Partition, sarama.OffsetOldest)
	if err != nil {
		return err
	}
	id, err := topicID(b.control, name)
	if err != nil {
		return err
	}
	log, err := openLog(&b.o, name, since.Partition)
	if err != nil {
		return err
	}
	defer log.close()
	plain := b.plainNow(since.Topic)
	var failed error
	tell := func(r rereading) {
		if r.record == nil || failed != nil {
			return
		}
		e := b.o.read(since.Topic, r.record, messaging.Place{Log: id.String(), Partition: since.Partition, Offset: r.offset}, plain,
			b.secretsNow())
		if e.open != nil {
			var flaw *messaging.Flaw
			if e.headers, e.body, failed = e.open(ctx); errors.Is(failed, messaging.ErrErased) || errors.As(failed, &flaw) {
				failed = nil // nobody can read it any more
				return
			}
		}
		if failed != nil {
			return
		}
		m, _ := messaging.Read(e.headers, e.body, e.arrived)
		m.Place, m.Attempt = e.place, 1
		failed = f(m)
	}
	for next := max(since.Offset, oldest); next < block.Offset && failed == nil && ctx.Err() == nil; next += finishedAtOnce {
		var offsets []int64
		for o := next; o < min(next+finishedAtOnce, block.Offset); o++ {
			offsets = append(offsets, o)
		}
		_, err := log.read(ctx, offsets, tell)
		if errors.Is(err, errUnheard) { // what is left is no message, or is gone
			break
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(failed, ctx.Err())
}
