package kafka

import (
	"context"
	"fmt"

	"fondaco/store"
	"github.com/IBM/sarama"
)

// Places returns where a group stands on the partitions of a topic, as the cluster knows it, once the cluster has answered;
// none for a topic or a group that it does not have.
func (b *Broker) Places(ctx context.Context, topic, group string) ([]store.GroupPlace, error) {
	admin, partitions, err := b.partitionsOf(ctx, topic)
	if err != nil || len(partitions) == 0 {
		return nil, err
	}
	names := b.names()
	name := names.Topic(topic)
	told, err := admin.ListConsumerGroupOffsets(names.Group(topic, group), map[string][]int32{name: partitions})
	if err != nil {
		return nil, fmt.Errorf("topic %s, group %s: %w", topic, group, err)
	}
	var places []store.GroupPlace
	for _, p := range partitions {
		if block := told.GetBlock(name, p); block != nil && block.Err == sarama.ErrNoError && block.Offset >= 0 {
			places = append(places, store.GroupPlace{Topic: topic, Group: group, Partition: p, Offset: block.Offset})
		}
	}
	return places, nil
}
