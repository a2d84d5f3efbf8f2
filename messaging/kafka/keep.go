package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"fondaco/messaging"
)

// keeping is a topic that is made ready for those who publish to it and read it: it exists, holds what waited in the
// topic that it had before it bore the project's name, and its groups have their places.
type keeping struct {
	topic   string // as the project names it
	readers []messaging.Reader
	named   bool // as messaging.Kept has it

	writable chan struct{} // closed: messages may be published
	placed   chan struct{} // closed: all readers have a place, or are lost

	mu     sync.Mutex
	old    bool             // what waited in the topic of the old name was moved
	warned map[string]bool  // what Warn was told
	lost   map[string]error // groups whose place is gone
	err    error            // why it is not ready yet
	joined map[string]bool  // groups that are being joined to give them their places
}

// Keep makes topics ready in the background, for as long as it takes: makes those that are not there, takes over what the
// project had under names without its own, and sets durable places for their readers. It does not wait for the cluster:
// until a topic is ready Publish waits or fails, its readers wait, and Health says why. What was kept before is not done
// again; topics are never deleted. Whether a topic's records are plain holds from now on, as the last call says.
func (b *Broker) Keep(topics ...messaging.Kept) error {
	for _, t := range topics {
		if err := messaging.CheckName(t.Topic); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return messaging.ErrClosed
	}
	b.keepPlain(topics)
	if b.keeping == nil {
		b.keeping = map[string][]*keeping{}
	}
	var list []*keeping
	for _, t := range topics {
		b.know(t.Topic, "")
		if readers, has := t.Readers, b.keeping[t.Topic]; has == nil || len(fresh(readers, has)) > 0 {
			k := &keeping{
				topic: t.Topic, named: t.Named, readers: fresh(readers, has), writable: make(chan struct{}), placed: make(chan struct{}),
				warned: map[string]bool{}, lost: map[string]error{},
			}
			b.keeping[t.Topic] = append(has, k)
			list = append(list, k)
		}
	}
	if len(list) > 0 {
		b.keepers.Go(func() { b.keepAll(list) })
	}
	return nil
}

// fresh returns the readers of a topic that are not kept yet.
func fresh(readers []messaging.Reader, kept []*keeping) []messaging.Reader {
	var list []messaging.Reader
	for _, r := range readers {
		known := false
		for _, k := range kept {
			for _, other := range k.readers {
				known = known || other.Group == r.Group && slices.Equal(other.Also, r.Also)
			}
		}
		if !known {
			list = append(list, r)
		}
	}
	return list
}

// keepAll tries each topic until all are ready, or the broker ends.
func (b *Broker) keepAll(list []*keeping) {
	select {
	case <-b.ready:
	case <-b.ctx.Done():
		return
	}
	began := time.Now()
	for rest := 100 * time.Millisecond; ; rest = min(2*rest, 2*time.Second) {
		var left []*keeping
		for _, k := range list {
			err := b.keep(k)
			k.mu.Lock()
			k.err = err
			k.mu.Unlock()
			if err != nil {
				left = append(left, k)
				if !settling(err) || time.Since(began) > 10*time.Second {
					b.warn(k, err.Error())
				}
			}
			if b.ctx.Err() != nil {
				return
			}
		}
		if list = left; len(list) == 0 {
			return
		}
		select {
		case <-b.ctx.Done():
			return
		case <-time.After(rest):
		}
	}
}

// settling reports whether a broker answers so for a moment after a topic was made, until all brokers know who leads it.
func settling(err error) bool {
	return errors.Is(err, sarama.ErrNotLeaderForPartition) || errors.Is(err, sarama.ErrLeaderNotAvailable) ||
		errors.Is(err, sarama.ErrUnknownTopicOrPartition)
}

// keep makes a topic ready; with an error it is tried again.
func (b *Broker) keep(k *keeping) error {
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if err := b.agree(ctx); err != nil {
		return err
	}
	warnings, err := b.EnsureTopics(ctx, k.topic)
	for _, w := range warnings {
		b.warn(k, w)
	}
	if err != nil {
		return err
	}
	if err := b.moveOld(ctx, k); err != nil {
		return fmt.Errorf("what waits in the topic %s, which now is %s, cannot be moved: %w", k.topic, b.names().Topic(k.topic), err)
	}
	var waits error
	for _, r := range k.readers {
		err := b.place(ctx, k, r)
		var gone *lostPlace
		switch {
		case errors.As(err, &gone):
			k.mu.Lock()
			k.lost[r.Group] = err
			k.mu.Unlock()
		case errors.Is(err, errOlder):
			waits = errors.Join(waits, err)
		case err != nil:
			return fmt.Errorf("the group %s cannot be given its place on the topic %s: %w", b.names().Group(k.topic, r.Group), b.names().
				Topic(k.topic), err)
		default: // it counts, also while its work is held
			b.mu.Lock()
			b.know(k.topic, r.Group)
			b.mu.Unlock()
		}
	}
	open(k.writable) // groups of an older process have their places already
	if waits == nil {
		open(k.placed)
	}
	return waits
}

func open(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

// warn tells Options.Warn, once of the same.
func (b *Broker) warn(k *keeping, text string) {
	k.mu.Lock()
	first := !k.warned[text]
	k.warned[text] = true
	k.mu.Unlock()
	if first && b.o.Warn != nil && b.ctx.Err() == nil {
		b.o.Warn(k.topic, text)
	}
}

// notKept returns why topics are not ready yet, nil if nothing is known to hinder them.
func (b *Broker) notKept() error {
	b.mu.Lock()
	var all []*keeping
	for _, list := range b.keeping {
		all = append(all, list...)
	}
	b.mu.Unlock()
	var problems []error
	for _, k := range all {
		k.mu.Lock()
		problems = append(problems, k.err)
		k.mu.Unlock()
	}
	return errors.Join(problems...)
}

// writable waits until messages may be published to a topic that is kept. Of others it knows nothing.
func (b *Broker) writable(ctx context.Context, topic string) error {
	b.mu.Lock()
	list := b.keeping[topic]
	b.mu.Unlock()
	for _, k := range list {
		select {
		case <-k.writable:
			continue
		default:
		}
		if err := b.outOfReach(); err != nil {
			return fmt.Errorf("nothing was sent: %w", err)
		}
		select {
		case <-k.writable:
		case <-b.ctx.Done():
			return messaging.ErrClosed
		case <-ctx.Done():
			k.mu.Lock()
			err := k.err
			k.mu.Unlock()
			return errors.Join(fmt.Errorf("nothing was sent, as the topic %s is not ready yet: %w", topic, ctx.Err()), err)
		}
	}
	return nil
}

// placed returns what a reader of a topic waits for before it joins its group.
func (b *Broker) placed(topic, group string) []*keeping {
	var list []*keeping
	for _, k := range b.keeping[topic] {
		for _, r := range k.readers {
			if r.Group == group {
				list = append(list, k)
			}
		}
	}
	return list
}

// gone returns why a reader has no place any more, nil if it has one.
func (k *keeping) gone(group string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.lost[group]
}
