package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/messaging"
	"github.com/IBM/sarama"
	"golang.org/x/sync/semaphore"
)

// waitingBytes is how much may wait for its acceptance; beyond that Publish waits before it sends.
const waitingBytes = 64 << 20

// slow is how long an answer of Kafka takes that bodes no good.
const slow = 900 * time.Millisecond

// producer sends records and tells each of its fate.
type producer struct {
	sarama  sarama.AsyncProducer // nil until it is connected
	room    *semaphore.Weighted
	sending sync.RWMutex  // held by those who send; Close takes it whole
	closing chan struct{} // closed: nobody sends any more
	running sync.WaitGroup
	failure atomic.Pointer[failure] // of the last publish, nil if it did not fail
	alone   alone
}

type failure struct {
	err  error
	when time.Time
}

func newProducer() producer {
	return producer{room: semaphore.NewWeighted(waitingBytes), closing: make(chan struct{})}
}

func (p *producer) begin(s sarama.AsyncProducer, heard func()) {
	p.sarama = s
	p.running.Go(func() {
		for r := range s.Successes() {
			heard()
			p.done(r.Metadata.(*publishing), 1, nil)
		}
	})
	p.running.Go(func() {
		for e := range s.Errors() {
			call := e.Msg.Metadata.(*publishing)
			if inLargeBatch(e.Err) {
				call.large = append(call.large, e.Msg)
			}
			p.done(call, 1, e.Err)
		}
	})
}

// publishing is one call of Publish.
type publishing struct {
	ctx      context.Context
	began    time.Time
	bytes    int64
	left     atomic.Int32 // records whose fate is not known
	refused  atomic.Int32
	refusal  atomic.Pointer[error]     // of one that was refused
	large    []*sarama.ProducerMessage // those that were refused for the size of their batch; of who hears of refusals until answered
	answered chan struct{}             // closed when no fate is open
}

func newCall(ctx context.Context) *publishing {
	return &publishing{ctx: ctx, began: time.Now(), answered: make(chan struct{})}
}

// done notes the fate of n records of a call.
func (p *producer) done(call *publishing, n int, err error) {
	if err != nil {
		call.refusal.Store(&err)
		call.refused.Add(int32(n))
	}
	if call.left.Add(int32(-n)) == 0 {
		p.room.Release(call.bytes)
		close(call.answered)
	}
}

// Publish stores messages at the end of a topic, each in the partition of its key. Several are not one transaction: if
// some of them are refused the outcome is ErrUnknown. A topic must exist. See messaging.Publisher.
func (b *Broker) Publish(topic string, messages ...*messaging.Envelope) error {
	if len(messages) == 0 {
		return nil
	}
	plain := b.plainNow(topic) != nil
	list := make([]messaging.Message, len(messages))
	for i, e := range messages {
		m, flaw := messaging.Unpack(e)
		if flaw != nil && (!plain || m.Replay == (messaging.Replay{})) { // a letter of a plain topic need be no event
			return fmt.Errorf("%w: %w", messaging.ErrInvalid, flaw)
		}
		list[i] = m
	}
	return b.PublishMessages(messages[0].Context(), topic, list...)
}

// PublishMessages is Publish of messages without envelopes. See messaging.MessagePublisher.
func (b *Broker) PublishMessages(ctx context.Context, topic string, messages ...messaging.Message) error {
	if len(messages) == 0 {
		return nil
	}
	if err := messaging.CheckName(topic); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, b.o.Timeout)
	defer cancel()
	named := topic
	topic = b.names().Topic(named)
	if err := b.writable(ctx, named); err != nil {
		return err
	}
	var keys []string
	records := make([]*sarama.ProducerMessage, len(messages))
	secrets, plain := b.secretsNow(), b.plainNow(named) != nil
	for i, m := range messages {
		if err := m.Check(b.o.MaxBody); err != nil {
			return err
		}
		var err error
		if b.o.seals(named) {
			var of []string
			records[i], of, err = b.o.writeSealed(ctx, named, topic, m, secrets)
			keys = append(keys, of...)
		} else {
			records[i], err = b.o.writeOpen(ctx, named, topic, m, plain, secrets)
		}
		if err != nil {
			return err
		}
	}
	call := newCall(ctx)
	if err := b.send(call, records); err != nil {
		return err
	}
	if b.faults.early {
		return nil
	}
	if err := b.await(call, topic, len(records)); err != nil {
		return err
	}
	return b.o.published(ctx, keys)
}

// send passes the records to Sarama, in order; with an error none was passed.
func (b *Broker) send(call *publishing, records []*sarama.ProducerMessage) error {
	p := &b.sender
	p.sending.RLock()
	defer p.sending.RUnlock()
	select {
	case <-p.closing:
		return messaging.ErrClosed
	default:
	}
	if err := b.outOfReach(); err != nil {
		return fmt.Errorf("nothing was sent: %w", err)
	}
	select {
	case <-b.ready:
	case <-p.closing:
		return messaging.ErrClosed
	case <-call.ctx.Done():
		return fmt.Errorf("nothing was sent, as Kafka is not connected yet: %w", call.ctx.Err())
	}
	call.left.Store(int32(len(records)))
	for _, r := range records {
		call.bytes += int64(r.ByteSize(2))
		r.Metadata = call
	}
	call.bytes = min(call.bytes, waitingBytes) // a call of more than there is room for takes it all
	if err := p.room.Acquire(call.ctx, call.bytes); err != nil {
		return fmt.Errorf("nothing was sent, as %d bytes wait for Kafka's answer: %w", waitingBytes, err)
	}
	for i, r := range records {
		var err error
		select {
		case p.sarama.Input() <- r:
			continue
		case <-call.ctx.Done():
			err = call.ctx.Err()
		case <-p.closing:
			err = messaging.ErrClosed
		}
		p.done(call, len(records)-i, err)
		if i == 0 {
			return err
		}
		return nil // the rest has its fate
	}
	return nil
}

// await waits for the fate of all records.
func (b *Broker) await(call *publishing, topic string, sent int) error {
	select {
	case <-call.answered:
	case <-call.ctx.Done():
		err := fmt.Errorf("%w (no answer from Kafka: %w)", messaging.ErrUnknown, call.ctx.Err())
		if time.Since(call.began) >= slow { // else its caller had no patience, which says nothing of Kafka
			b.sender.judged(err)
		}
		return err
	}
	refused := int(call.refused.Load())
	if refused == 0 {
		b.sender.judged(nil)
		return nil
	}
	cause := *call.refusal.Load()
	if len(call.large) == refused {
		if cause = b.sendAlone(call, call.large); cause == nil {
			b.sender.judged(nil)
			return nil
		}
	}
	err := verdict(topic, cause)
	if errors.Is(err, messaging.ErrUnknown) {
		b.sender.judged(err)
	}
	if refused < sent || len(call.large) > 1 {
		err = fmt.Errorf("%w (some of several were not: %w)", messaging.ErrUnknown, err)
	}
	return err
}

// verdict says what an error of the producer means. What may have been tried more than once is unknown: an earlier try
// may have been written although its answer was lost.
func verdict(topic string, err error) error {
	var wrong sarama.ConfigurationError
	switch {
	case errors.Is(err, sarama.ErrMessageSizeTooLarge), errors.As(err, &wrong):
		return fmt.Errorf("%w: topic %s takes less; raise its max.message.bytes (%w)", messaging.ErrTooLarge, topic, err)
	case errors.Is(err, sarama.ErrUnknownTopicOrPartition):
		return fmt.Errorf("topic %s does not exist in Kafka; topics are made when the project starts, or by kafka-topics.sh: %w", topic, err)
	case errors.Is(err, sarama.ErrTopicAuthorizationFailed), errors.Is(err, sarama.ErrClusterAuthorizationFailed):
		return fmt.Errorf("writing to topic %s is not allowed to us; grant it in Kafka: %w", topic, err)
	case errors.Is(err, sarama.ErrKafkaStorageError):
		return fmt.Errorf("%w: Kafka's disk is full or fails, and %w (%w)", messaging.ErrFull, messaging.ErrUnknown, err)
	}
	return fmt.Errorf("%w (%w)", messaging.ErrUnknown, err)
}

// judged keeps how the last publish went, for Health: nil, or why Kafka could not say yes.
func (p *producer) judged(err error) {
	switch {
	case err != nil:
		p.failure.Store(&failure{err, time.Now()})
	case p.failure.Load() != nil:
		p.failure.Store(nil)
	}
}

// failing returns why the last publish failed, if that was not long ago: without another attempt nobody knows whether it
// still would.
func (p *producer) failing() error {
	f := p.failure.Load()
	if f == nil || time.Since(f.when) > silence {
		return nil
	}
	return fmt.Errorf("the last publish failed: %w", f.err)
}

// close waits for the fate of all that was sent.
func (p *producer) close() {
	close(p.closing)
	p.sending.Lock()
	defer p.sending.Unlock()
	if p.sarama != nil {
		p.sarama.AsyncClose()
		p.running.Wait()
	}
	p.alone.close()
}
