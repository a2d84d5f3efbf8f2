package kafka

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"fondaco/messaging"
	"github.com/IBM/sarama"
)

// joinPlaces joins the places of groups that are the same under other names, if any has one, and reports whether it did:
// of each partition all is finished that one of them has finished, and the rest is to be worked on. Where a group began is
// what tells its work from what lay before it; of one whose place does not tell that, as versions before 0.2 wrote it, the
// finished messages are known by the inbox alone. It fails while somebody reads under one of the names. A crash between the
// new place and the end of the old ones has it done again, to the same end.
func (b *Broker) joinPlaces(admin sarama.ClusterAdmin, k *keeping, r messaging.Reader, has map[int32]past, partitions []int32) (bool,
	error,
) {
	name, group := b.names().Topic(k.topic), b.names().Group(k.topic, r.Group)
	var others []string
	var had []map[int32]past
	for _, also := range r.Also {
		other := b.names().Group(k.topic, also)
		if other == group {
			continue
		}
		places, err := placesOf(admin, other, name, partitions)
		if err != nil {
			return false, err
		}
		if len(places) == 0 {
			continue
		}
		if n, err := membersOf(admin, other, name); err != nil || n > 0 {
			return false, errors.Join(err, olderReads(n, other, name))
		}
		others, had = append(others, other), append(had, places)
	}
	if len(others) == 0 {
		return false, nil
	}
	id, err := topicID(b.control, name)
	if err != nil {
		return false, err
	}
	joined := map[int32]past{}
	for _, p := range partitions {
		var all []past
		for _, places := range append([]map[int32]past{has}, had...) {
			if at, ok := places[p]; ok && (at.topic == id || at.topic == (sarama.Uuid{})) {
				all = append(all, at)
			}
		}
		if len(all) == 0 {
			continue
		}
		at := unite(all)
		at.topic = id
		at.metadata = at.encode(metadataBytes)
		joined[p] = at
	}
	if !same(has, joined) {
		err = b.commit(group, name, joined)
	}
	if errors.Is(err, sarama.ErrUnknownMemberId) { // the group reads another topic already
		b.placeAsMember(k, admin, group, joined)
	}
	if err != nil {
		return false, fmt.Errorf("the places of the groups %v cannot be joined to its own: %w", others, err)
	}
	for _, other := range others {
		for _, p := range partitions {
			if err := admin.DeleteConsumerGroupOffset(other, name, p); err != nil && !errors.Is(err, sarama.ErrGroupIDNotFound) &&
				!errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
				return false, fmt.Errorf("the place of the group %s, which was joined, cannot be removed: %w", other, err)
			}
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, also := range r.Also {
		delete(b.known[k.topic], also)
	}
	return true, nil
}

// same reports whether the places are there already.
func same(has, wanted map[int32]past) bool {
	return len(has) == len(wanted) && maps.EqualFunc(has, wanted, func(a, b past) bool { return a.base == b.base && a.metadata == b.metadata })
}

// rememberJoined remembers that a group has its place, and forgets those that were joined to it, unless err says that it has
// none.
func (b *Broker) rememberJoined(topic string, r messaging.Reader, err error) error {
	if err != nil {
		return nil //nolint:nilerr // the caller reports it
	}
	if err := b.remember(topic, r.Group); err != nil || b.o.Seen == nil {
		return err
	}
	for _, also := range r.Also {
		if err := b.o.Seen.Forget(topic, also); err != nil {
			return err
		}
	}
	return nil
}

// stretch is a run of finished offsets, the last excluded.
type stretch struct{ from, to int64 }

// stretches returns what is finished from the group's beginning on.
func (p past) stretches(first bool) []stretch {
	var list []stretch
	switch {
	case first: // what lies before it is nobody's
		list = append(list, stretch{0, p.base})
	case p.origin < 0:
		return nil
	default:
		list = append(list, stretch{p.origin, p.base})
	}
	at := p.base
	for i, end := range p.runs {
		if i%2 == 1 {
			list = append(list, stretch{at, end})
		}
		at = end
	}
	return list
}

// began is the offset from which on messages were a group's, as far as its place says.
func (p past) began() int64 {
	if p.origin < 0 {
		return p.base
	}
	return p.origin
}

// unite returns the place of one group that all of them are: that which began first owns what is finished before it.
func unite(all []past) past {
	slices.SortFunc(all, func(a, b past) int { return cmp.Compare(a.began(), b.began()) })
	var done []stretch
	for i, p := range all {
		done = append(done, p.stretches(i == 0)...)
	}
	slices.SortFunc(done, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	u := past{origin: all[0].origin, deferred: map[int64]deferral{}}
	for _, s := range done {
		last := u.base
		if n := len(u.runs); n > 0 {
			last = u.runs[n-1]
		}
		switch {
		case s.to <= last:
		case s.from <= last && len(u.runs) == 0:
			u.base = s.to
		case s.from <= last:
			u.runs[len(u.runs)-1] = s.to
		default:
			u.runs = append(u.runs, s.from, s.to)
		}
	}
	for _, p := range all {
		for offset, d := range p.deferred {
			if !u.finished(offset) && d.attempt > u.deferred[offset].attempt {
				u.deferred[offset] = d
			}
		}
	}
	return u
}

// encode writes a place as progress.encode writes that of a partition that stands there.
func (p past) encode(limit int) string {
	b := append(make([]byte, 0, 64), metadataRest)
	b = append(b, p.topic[:]...)
	if p.origin >= 0 {
		b[0] = metadataOrigin
		b = binary.BigEndian.AppendUint64(b, uint64(p.origin))
	}
	restAt := len(b)
	b = append(b, make([]byte, 8)...) // filled in below
	offsets := slices.Sorted(maps.Keys(p.deferred))
	offsets = offsets[:min(len(offsets), metadataEntries)]
	b = binary.AppendUvarint(b, uint64(len(offsets)))
	millis := func(at time.Time) uint64 {
		if at.IsZero() {
			return 0
		}
		return uint64(at.UnixMilli())
	}
	before := p.base
	for _, offset := range offsets {
		d := p.deferred[offset]
		b = binary.AppendUvarint(b, uint64(offset-before))
		b = binary.AppendUvarint(b, uint64(d.attempt))
		b = binary.AppendUvarint(b, millis(d.due))
		b = binary.AppendUvarint(b, millis(d.since))
		before = offset
	}
	at, rest := p.base, int64(0)
	for i := 0; i+1 < len(p.runs); i += 2 {
		if len(b) >= limit-2*binary.MaxVarintLen64 {
			rest += p.runs[i+1] - p.runs[i]
			continue
		}
		b = binary.AppendUvarint(b, uint64(p.runs[i]-at))
		b = binary.AppendUvarint(b, uint64(p.runs[i+1]-p.runs[i]))
		at = p.runs[i+1]
	}
	binary.BigEndian.PutUint64(b[restAt:], uint64(rest))
	return base64.RawStdEncoding.EncodeToString(b)
}
