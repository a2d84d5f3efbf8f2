package kafka

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"fondaco/messaging"
	"github.com/IBM/sarama"
)

const (
	oldGroup = "fondaco"        // read the engine's topics before groups bore the project's name
	patience = 15 * time.Second // for which the topic of the new name waits for what waits in the old one
	relook   = 30 * time.Second // after which it is looked again for what older processes published
)

// moveOld moves what waits in an engine's topic of the former name, which did not bear the project's, to the topic that
// has its place. It reads as a member of the group that read it then, so that processes of an older version, which may
// still be at work, and this one share what is there. Messages keep their ids: one that is moved twice, as after a crash,
// is handled once. It returns when nothing waits any more, or after some time, and goes on in the background.
func (b *Broker) moveOld(ctx context.Context, k *keeping) error {
	name := b.names().Topic(k.topic)
	if k.old || name == k.topic {
		return nil
	}
	if _, err := topicID(b.control, k.topic); errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
		k.old = true
		return nil
	} else if err != nil {
		return err
	}
	waits, err := b.waitsIn(k.topic, oldGroup)
	if err != nil {
		return err
	}
	if waits {
		short, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if err := b.move(short, k.topic, name); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
	k.old = true
	b.keepers.Go(func() { b.moveLater(k.topic, name) })
	return nil
}

// moveLater looks again and again for what older processes still publish.
func (b *Broker) moveLater(from, to string) {
	tick := time.NewTicker(relook)
	defer tick.Stop()
	for {
		select {
		case <-b.ctx.Done():
			return
		case <-tick.C:
		}
		if waits, err := b.waitsIn(from, oldGroup); err == nil && waits {
			_ = b.move(b.ctx, from, to) // it is tried again
		}
	}
}

// waitsIn reports whether a topic holds messages that a group has not finished.
func (b *Broker) waitsIn(topic, group string) (bool, error) {
	admin, err := sarama.NewClusterAdminFromClient(b.control) // its Close would close the client
	if err != nil {
		return false, err
	}
	if err := b.control.RefreshMetadata(topic); err != nil {
		return false, err
	}
	partitions, err := b.control.Partitions(topic)
	if err != nil {
		return false, err
	}
	places, err := placesOf(admin, group, topic, partitions)
	if err != nil {
		return false, err
	}
	ends, err := b.ends(topic, partitions)
	if err != nil {
		return false, err
	}
	for _, p := range partitions {
		at, has := places[p]
		if !has {
			if at, err = b.oldest(topic, p); err != nil {
				return false, err
			}
		}
		if at.waiting(ends[p]) > 0 {
			return true, nil
		}
	}
	return false, nil
}

// move moves until nothing waits in the topic from.
func (b *Broker) move(ctx context.Context, from, to string) error {
	ctx, cancel := context.WithCancel(ctx)
	s := &subscription{
		b: b, o: &b.o, reads: from, reader: oldGroup, groupName: oldGroup, topic: from, ctx: ctx, cancel: cancel, instanceFree: func() {},
		out: make(chan *messaging.Envelope), slots: make(chan struct{}, 256), memory: map[int32]*progress{}, undated: true,
	}
	var running sync.WaitGroup
	running.Go(s.run)
	defer running.Wait()
	defer cancel()
	for range 64 { // the lanes keep the order of each key
		running.Go(func() {
			for e := range s.out {
				if b.forward(ctx, e, from, to) == nil {
					e.Ack()
				} else {
					messaging.Defer(e, time.Time{}, false)
					e.Nack()
				}
			}
		})
	}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		waits, err := b.waitsIn(from, oldGroup)
		if err == nil && !waits {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// forward publishes a message as it was read, or encrypted where what is published is.
func (b *Broker) forward(ctx context.Context, e *messaging.Envelope, named, to string) error {
	r := &sarama.ProducerMessage{Topic: to, Value: sarama.ByteEncoder(append([]byte{}, e.Payload...))}
	m, flaw := messaging.Received(e)
	if b.o.seals(named) && flaw == nil {
		return b.forwardSealed(ctx, m, named, to)
	}
	if m.Key != "" {
		r.Key = sarama.StringEncoder(m.Key)
	}
	for name, value := range e.Metadata {
		if !strings.EqualFold(name, dueHeader) {
			r.Headers = append(r.Headers, sarama.RecordHeader{Key: []byte(name), Value: []byte(value)})
		}
	}
	if secrets := b.secretsNow(); !m.Due.IsZero() && len(secrets) > 0 {
		r.Headers = append(r.Headers, sarama.RecordHeader{Key: []byte(dueHeader), Value: signDue(secrets[0], to, m.ID, m.Key, m.Due)})
	}
	return b.write(ctx, r)
}

// forwardSealed publishes a message, encrypted. It does not wait for the topic to be ready: what is forwarded is a part of that.
func (b *Broker) forwardSealed(ctx context.Context, m messaging.Message, named, to string) error {
	r, keys, err := b.o.writeSealed(ctx, named, to, m, b.secretsNow())
	if err == nil {
		err = b.write(ctx, r)
	}
	if err == nil {
		err = b.o.published(ctx, keys)
	}
	return err
}
