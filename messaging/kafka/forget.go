package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"fondaco/messaging"
	"github.com/IBM/sarama"
)

// Count returns the account of a group on a topic, whether this process reads it or not: as Counts does. Of a topic that
// the cluster does not have it is zero.
func (b *Broker) Count(ctx context.Context, topic, group string) (messaging.Count, error) {
	zero := messaging.Count{Topic: topic, Group: group}
	admin, partitions, err := b.partitionsOf(ctx, topic)
	if err != nil || len(partitions) == 0 {
		return zero, err
	}
	counts, err := b.countTopic(admin, topic, []string{group})
	if err != nil {
		return zero, fmt.Errorf("the messages of topic %s cannot be counted: %w", topic, err)
	}
	return counts[0], nil
}

// Forget removes the place that a group has on a topic; of the engine's own topics, which nobody else reads, the topic
// too. The cluster refuses it while somebody is a member of the group.
func (b *Broker) Forget(ctx context.Context, topic, group string) error {
	admin, partitions, err := b.partitionsOf(ctx, topic)
	if err != nil {
		return err
	}
	names := b.names()
	name := names.Topic(topic)
	for _, p := range partitions {
		err := admin.DeleteConsumerGroupOffset(names.Group(topic, group), name, p)
		if err != nil && !errors.Is(err, sarama.ErrGroupIDNotFound) && !errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
			return fmt.Errorf("topic %s, group %s: %w", topic, group, err)
		}
	}
	if len(partitions) == 0 || !strings.HasPrefix(topic, messaging.EnginePrefix) {
		return nil
	}
	if err := admin.DeleteTopic(name); err != nil && !errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
		return fmt.Errorf("topic %s: %w", topic, err)
	}
	return nil
}

// partitionsOf returns the partitions of a topic, none if the cluster does not have it, once the cluster has answered.
func (b *Broker) partitionsOf(ctx context.Context, topic string) (sarama.ClusterAdmin, []int32, error) {
	select {
	case <-b.ready:
	case <-b.ctx.Done():
		return nil, nil, messaging.ErrClosed
	case <-ctx.Done():
		return nil, nil, fmt.Errorf("the cluster of Kafka has not answered: %w", ctx.Err())
	}
	admin, err := sarama.NewClusterAdminFromClient(b.control) // its Close would close the client
	if err != nil {
		return nil, nil, err
	}
	name := b.names().Topic(topic)
	if _, err := topicID(b.control, name); errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
		return admin, nil, nil
	} else if err != nil {
		return nil, nil, err
	}
	partitions, err := b.control.Partitions(name)
	return admin, partitions, err
}
