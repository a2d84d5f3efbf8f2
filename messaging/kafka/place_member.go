package kafka

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

// placeAsMember has commitAsMember at work in the background, once at a time for a group on a topic: other topics do not
// wait for it. Whoever asks again finds the places, or has it tried again.
func (b *Broker) placeAsMember(k *keeping, admin sarama.ClusterAdmin, group string, places map[int32]past) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.joined[group] {
		return
	}
	if k.joined == nil {
		k.joined = map[string]bool{}
	}
	k.joined[group] = true
	b.keepers.Go(func() {
		ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
		defer cancel()
		_ = b.commitAsMember(ctx, admin, group, b.names().Topic(k.topic), places) // place finds out
		k.mu.Lock()
		defer k.mu.Unlock()
		k.joined[group] = false
	})
}

// commitAsMember sets the places of a group that has members, as it reads another topic already: of such a group the
// cluster takes places from members alone. It joins the group for the topic, sets the places of the partitions that it is
// given and that have none, and leaves when all have one; of several processes that do so at once each places what it is
// given. The group's other members keep what they read.
func (b *Broker) commitAsMember(ctx context.Context, admin sarama.ClusterAdmin, group, topic string, places map[int32]past) error {
	client, err := connect(b.o.Brokers, b.o.consuming(""))
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	member, err := sarama.NewConsumerGroupFromClient(group, client)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		for range member.Errors() { // what hinders it shows in the places
		}
	})
	running.Go(func() {
		for ctx.Err() == nil {
			if err := member.Consume(ctx, []string{topic}, placing(places)); err != nil {
				return
			}
		}
	})
	defer func() {
		cancel()
		_ = member.Close()
		running.Wait()
	}()
	partitions := slices.Sorted(maps.Keys(places))
	tick := time.NewTicker(commit)
	defer tick.Stop()
	for {
		has, err := placesOf(admin, group, topic, partitions)
		if err != nil {
			return err
		}
		if len(has) == len(partitions) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d partitions have no place yet: %w", len(partitions)-len(has), len(partitions), ctx.Err())
		case <-tick.C:
		}
	}
}

// placing is what a member does that sets its group's places, and handles nothing. It is a sarama.ConsumerGroupHandler.
type placing map[int32]past

// Setup does nothing.
func (p placing) Setup(sarama.ConsumerGroupSession) error { return nil }

// Cleanup does nothing.
func (p placing) Cleanup(sarama.ConsumerGroupSession) error { return nil }

// ConsumeClaim sets the place of a partition that has none, and holds the partition while the session lasts.
func (p placing) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	if at, known := p[claim.Partition()]; known && claim.InitialOffset() < 0 {
		session.MarkOffset(claim.Topic(), claim.Partition(), at.base, at.metadata)
		session.Commit()
	}
	for range claim.Messages() { // they are for the group's readers, which begin at its place
	}
	return nil
}
