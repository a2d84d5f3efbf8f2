package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"fondaco/messaging"
	"github.com/IBM/sarama"
)

// lostPlace says that a group that is known to have had a place on a topic has none.
type lostPlace struct{ topic, group string }

// Error says what happened and how to go on.
func (l *lostPlace) Error() string {
	return fmt.Sprintf("the place of the group %s on the topic %s is gone: its offsets were deleted, or expired while nobody read "+
		"(offsets.retention.minutes); "+
		"to begin elsewhere would skip messages, or handle them again: set the group's offsets where it is to go on (kafka-consumer-groups.sh "+
		"--reset-offsets), then start again", l.group, l.topic)
}

var errOlder = errors.New("its place is taken over when those have ended")

// place sets a group's place on a topic, durably, before anybody reads: the one that it has; the one that it had under
// its old name; else the end or the beginning of the topic as it is now. A crash between that and the first message
// loses nothing.
func (b *Broker) place(ctx context.Context, k *keeping, r messaging.Reader) error {
	topic := k.topic
	name, group := b.names().Topic(topic), b.names().Group(topic, r.Group)
	admin, err := sarama.NewClusterAdminFromClient(b.control) // its Close would close the client
	if err != nil {
		return err
	}
	if err := b.control.RefreshMetadata(name); err != nil {
		return err
	}
	partitions, err := b.control.Partitions(name)
	if err != nil {
		return err
	}
	// What was the end before anybody was seen to have a place: of two processes that give the same group its place the
	// later one cannot pass over what the earlier one has published since.
	begin, err := b.beginning(name, partitions, r.From == messaging.Now && name == topic) // what is in the engine's own topics was accepted
	if err != nil {
		return err
	}
	has, err := placesOf(admin, group, name, partitions)
	if err != nil {
		return err
	}
	if joined, err := b.joinPlaces(admin, k, r, has, partitions); err != nil || joined { //nolint:contextcheck // as below
		return errors.Join(err, b.rememberJoined(topic, r, err))
	}
	if len(has) > 0 {
		return b.rememberJoined(topic, r, nil)
	}
	if b.o.Seen != nil && b.o.Seen.Seen(topic, r.Group) {
		// Another process may have given it the place since that was asked for, and remembers it afterwards.
		if has, err = placesOf(admin, group, name, partitions); err != nil {
			return err
		}
		if len(has) > 0 {
			return b.rememberJoined(topic, r, nil)
		}
		return &lostPlace{name, group}
	}
	// The engine's own topics were moved. On a topic that has a name on the broker in the project, as others do who own it,
	// no earlier version read: a group of the former kind of name is somebody else's.
	if old := r.Group; old != group && name == topic && !k.named {
		if err := b.takeOver(admin, old, name, partitions, begin); err != nil {
			return err
		}
	}
	id, err := topicID(b.control, name)
	if err != nil {
		return err
	}
	for p, at := range begin {
		if at.metadata == "" && at.origin >= 0 {
			fresh := newProgress(id, at.base)
			fresh.origin = at.origin
			at.metadata = fresh.encode(metadataBytes)
			begin[p] = at
		}
	}
	err = b.commit(group, name, begin)
	if errors.Is(err, sarama.ErrUnknownMemberId) { // the group reads another topic already
		b.placeAsMember(k, admin, group, begin) //nolint:contextcheck // it goes on in the background, for as long as the broker does
		err = fmt.Errorf("the group has members, and is joined to set it: %w", err)
	}
	if err != nil {
		return err
	}
	return b.remember(topic, r.Group)
}

// beginning returns where a group begins that has no place: at the ends of the partitions, or where they begin.
func (b *Broker) beginning(name string, partitions []int32, atEnd bool) (map[int32]past, error) {
	begin := map[int32]past{}
	at := sarama.OffsetOldest
	if atEnd {
		at = sarama.OffsetNewest
	}
	for _, p := range partitions {
		offset, err := b.control.GetOffset(name, p, at)
		if err != nil {
			return nil, err
		}
		begin[p] = past{base: offset, origin: offset}
	}
	return begin, nil
}

// takeOver sets in begin the places of a group by its former name, if it has any and nobody reads by it still.
func (b *Broker) takeOver(admin sarama.ClusterAdmin, old, name string, partitions []int32, begin map[int32]past) error {
	had, err := placesOf(admin, old, name, partitions)
	if err != nil || len(had) == 0 {
		return err
	}
	if n, err := membersOf(admin, old, name); err != nil || n > 0 {
		return errors.Join(err, olderReads(n, old, name))
	}
	for p, at := range had {
		begin[p] = at
	}
	for _, p := range partitions {
		if _, ok := had[p]; !ok { // as the old group would have begun
			if begin[p], err = b.oldest(name, p); err != nil {
				return err
			}
		}
	}
	return nil
}

func olderReads(n int, group, topic string) error {
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%d members of the group %s, which is this project's under its former name, read the topic %s: %w", n, group, topic,
		errOlder)
}

func (b *Broker) oldest(topic string, partition int32) (past, error) {
	offset, err := b.control.GetOffset(topic, partition, sarama.OffsetOldest)
	return past{base: offset, origin: offset}, err
}

func (b *Broker) remember(topic, group string) error {
	if b.o.Seen == nil {
		return nil
	}
	return b.o.Seen.See(topic, group)
}

// placesOf returns where a group stands on the partitions where it has a place, with the metadata that it left there.
func placesOf(admin sarama.ClusterAdmin, group, topic string, partitions []int32) (map[int32]past, error) {
	told, err := admin.ListConsumerGroupOffsets(group, map[string][]int32{topic: partitions})
	if err != nil {
		return nil, err
	}
	if told.Err != sarama.ErrNoError {
		return nil, told.Err
	}
	places := map[int32]past{}
	for _, p := range partitions {
		block := told.GetBlock(topic, p)
		switch {
		case block == nil:
		case block.Err != sarama.ErrNoError:
			return nil, block.Err
		case block.Offset >= 0:
			at, _ := decode(block.Offset, block.Metadata) // what is not ours holds the offset alone
			at.metadata = block.Metadata
			places[p] = at
		}
	}
	return places, nil
}

// membersOf returns how many members of a group read a topic.
func membersOf(admin sarama.ClusterAdmin, group, topic string) (n int, err error) {
	described, err := admin.DescribeConsumerGroups([]string{group})
	if err != nil {
		return 0, err
	}
	for _, g := range described {
		for _, m := range g.Members {
			reads, err := m.GetMemberMetadata()
			if err == nil && reads != nil && slices.Contains(reads.Topics, topic) {
				n++
			}
		}
	}
	return n, nil
}

// commit sets the places of a group that has no members; of one that has the cluster refuses it.
func (b *Broker) commit(group, topic string, places map[int32]past) error {
	r := &sarama.OffsetCommitRequest{
		Version: 2, ConsumerGroup: group, ConsumerGroupGeneration: sarama.GroupGenerationUndefined,
		RetentionTime: -1,
	}
	for p, at := range places {
		r.AddBlock(topic, p, at.base, 0, at.metadata)
	}
	coordinator, err := b.control.Coordinator(group)
	if err != nil {
		return err
	}
	_ = coordinator.Open(b.control.Config())
	answer, err := coordinator.CommitOffset(r)
	if err != nil {
		return errors.Join(err, b.control.RefreshCoordinator(group))
	}
	for _, code := range answer.Errors[topic] {
		if code != sarama.ErrNoError {
			if errors.Is(code, sarama.ErrNotCoordinatorForConsumer) {
				_ = b.control.RefreshCoordinator(group)
			}
			return code
		}
	}
	return nil
}
