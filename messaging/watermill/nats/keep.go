package nats

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fondaco/messaging"
)

// The metadata of streams and consumers that are ours.
const (
	projectMark = "fondaco_project"
	topicMark   = "fondaco_topic"
	groupMark   = "fondaco_group"
	firstMark   = "fondaco_first" // the number of the first message that is meant for a group
)

// topic is one that is published to, or read.
type topic struct {
	name, subject string

	placed  atomic.Bool // the stream is there, and its readers have their places
	trouble atomic.Pointer[error]

	making  sync.Mutex // held while it is made ready
	mu      sync.Mutex
	readers []messaging.Reader
	version int // grows with each change of the readers
}

// topic returns what is known of a topic.
func (b *Broker) topic(name string) *topic {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.topics[name]
	if t == nil {
		t = &topic{name: name, subject: b.names().Topic(name)}
		b.topics[name] = t
	}
	return t
}

// plain makes a name of a stream or a consumer, which has no dots; the names of topics and groups have no tilde.
func plain(name string) string { return strings.ReplaceAll(name, ".", "~") }

func (b *Broker) consumerName(topic, group string) string {
	return plain(b.names().Group(topic, group))
}

// Keep makes topics ready in the background, for as long as it takes. See messaging.Keeper. Nothing is published to a topic before all
// readers that it was given have their places.
func (b *Broker) Keep(topics ...messaging.Kept) error {
	for _, k := range topics {
		if err := messaging.CheckName(k.Topic); err != nil {
			return err
		}
	}
	for _, k := range topics {
		t := b.topic(k.Topic)
		t.mu.Lock()
		for _, r := range k.Readers {
			t.readers = slices.DeleteFunc(t.readers, func(other messaging.Reader) bool { return slices.Contains(r.Also, other.Group) })
			i := slices.IndexFunc(t.readers, func(other messaging.Reader) bool { return other.Group == r.Group })
			switch {
			case i < 0:
				t.readers = append(t.readers, r)
			case slices.Equal(t.readers[i].Also, r.Also):
				continue
			default:
				t.readers[i] = r
			}
			t.version++
			t.placed.Store(false)
		}
		t.mu.Unlock()
	}
	select {
	case b.kick <- struct{}{}:
	default:
	}
	return nil
}

// keep makes ready what Keep was told of, until the broker ends.
func (b *Broker) keep() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-b.ctx.Done():
			return
		case <-b.kick:
		case <-tick.C:
		}
		if b.health() != nil {
			continue
		}
		b.mu.Lock()
		list := make([]*topic, 0, len(b.topics))
		for _, t := range b.topics {
			if !t.placed.Load() {
				list = append(list, t)
			}
		}
		b.mu.Unlock()
		for _, t := range list {
			if err := b.ready(b.ctx, t.name); b.ctx.Err() != nil {
				return
			} else if err != nil {
				t.trouble.Store(&err)
			}
		}
	}
}

// ready makes the stream of a topic and the places of its readers, if they are not known to be there.
func (b *Broker) ready(ctx context.Context, name string) error {
	t := b.topic(name)
	if t.placed.Load() {
		return nil
	}
	t.making.Lock()
	defer t.making.Unlock()
	if t.placed.Load() {
		return nil
	}
	t.mu.Lock()
	readers, version := slices.Clone(t.readers), t.version
	t.mu.Unlock()
	s, err := b.stream(ctx, t)
	if err != nil {
		return err
	}
	for _, r := range readers {
		if _, err := b.place(ctx, s, t, r, asItIs); err != nil {
			return err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.version == version {
		t.placed.Store(true)
	}
	t.trouble.Store(nil)
	return nil
}

// stream returns the stream that has the topic's subject, whoever made it; it is made if there is none.
func (b *Broker) stream(ctx context.Context, t *topic) (jetstream.Stream, error) {
	ctx, cancel := asking(ctx)
	defer cancel()
	name, err := b.js.StreamNameBySubject(ctx, t.subject)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return b.js.CreateStream(ctx, jetstream.StreamConfig{
			Name: plain(t.subject), Subjects: []string{t.subject}, Storage: jetstream.FileStorage, Replicas: b.o.Replicas,
			Description: "a topic of Fondaco", Metadata: map[string]string{projectMark: b.o.Project, topicMark: t.name},
		})
	case err != nil:
		return nil, err
	}
	return b.js.Stream(ctx, name)
}

// How many messages of a group are in hand at most, in all processes.
const (
	asItIs    = 0 // or unbounded for a group that is new
	oneByOne  = 1 // in the order of the stream then
	unbounded = -1
)

// place returns the durable consumer of a reader, which is made if there is none: it begins where the reader's former names stood, or else
// with the earliest message that is kept, or with what comes from now on.
func (b *Broker) place(ctx context.Context, s jetstream.Stream, t *topic, r messaging.Reader, most int) (jetstream.Consumer, error) {
	ctx, cancel := asking(ctx)
	defer cancel()
	name := b.consumerName(t.name, r.Group)
	is, err := s.Consumer(ctx, name)
	if err == nil {
		c := is.CachedInfo().Config
		if c.AckWait == b.o.AckWait && (c.MaxAckPending == most || most == asItIs) {
			return is, nil
		}
		c.AckWait = b.o.AckWait
		if most != asItIs {
			c.MaxAckPending = most
		}
		return s.UpdateConsumer(ctx, c)
	}
	if !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return nil, err
	}
	info, err := s.Info(ctx)
	if err != nil {
		return nil, err
	}
	first := info.State.FirstSeq
	if r.From == messaging.Now {
		first = info.State.LastSeq + 1
	}
	first, former, err := b.joined(ctx, s, t, r, first)
	if err != nil {
		return nil, err
	}
	c, err := s.CreateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: name, Description: "a group of Fondaco", AckPolicy: jetstream.AckExplicitPolicy, AckWait: b.o.AckWait,
		MaxDeliver: -1, MaxAckPending: cmp.Or(most, unbounded),
		FilterSubject: t.subject, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(first, 1),
		Metadata: map[string]string{
			projectMark: b.o.Project, topicMark: t.name, groupMark: r.Group, firstMark: strconv.FormatUint(max(first, 1), 10),
		},
	})
	if err != nil {
		return nil, err
	}
	for _, other := range former {
		if err := s.DeleteConsumer(ctx, other); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
			return nil, err
		}
	}
	return c, nil
}

// joined returns where a new group begins whose former names have places, and what those are called: with the first message that one of
// them has not finished. What the others of them have finished the inbox knows.
func (b *Broker) joined(ctx context.Context, s jetstream.Stream, t *topic, r messaging.Reader, first uint64) (uint64, []string, error) {
	var former []string
	for _, other := range r.Also {
		was, err := s.Consumer(ctx, b.consumerName(t.name, other))
		if errors.Is(err, jetstream.ErrConsumerNotFound) {
			continue
		}
		if err != nil {
			return 0, nil, err
		}
		info := was.CachedInfo()
		if at := info.AckFloor.Stream + 1; len(former) == 0 || at < first {
			first = at
		}
		former = append(former, info.Name)
	}
	return first, former, nil
}
