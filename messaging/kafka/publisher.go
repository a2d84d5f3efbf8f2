package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"fondaco/messaging"
	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill/message"
	"golang.org/x/sync/semaphore"
)

// waitingBytes is how much may wait for its acceptance; beyond that Publish waits before it sends.
const waitingBytes = 64 << 20

// producer sends records and tells each of its fate.
type producer struct {
	sarama  sarama.AsyncProducer // nil until it is connected
	room    *semaphore.Weighted
	sending sync.RWMutex  // held by those who send; Close takes it whole
	closing chan struct{} // closed: nobody sends any more
	readers sync.WaitGroup

	mu      sync.Mutex
	failure error // of the last publish, if it failed
	failed  time.Time
}

func newProducer() producer {
	return producer{room: semaphore.NewWeighted(waitingBytes), closing: make(chan struct{})}
}

func (p *producer) begin(s sarama.AsyncProducer, heard func()) {
	p.sarama = s
	p.readers.Go(func() {
		for m := range s.Successes() {
			heard()
			p.done(m, nil)
		}
	})
	p.readers.Go(func() {
		for e := range s.Errors() {
			p.done(e.Msg, e.Err)
		}
	})
}

// publishing is one call of Publish.
type publishing struct {
	done chan error // one for each record; as large as there are records
}

// fate is a record's part in its publishing.
type fate struct {
	*publishing
	size int64
}

func (p *producer) done(m *sarama.ProducerMessage, err error) {
	f := m.Metadata.(fate)
	p.room.Release(f.size)
	f.publishing.done <- err
}

// Publish stores messages at the end of a topic, each in the partition of its key. Several are not one transaction: if
// some of them are refused the outcome is ErrUnknown. A topic must exist. See messaging.Publisher.
func (b *Broker) Publish(topic string, messages ...*message.Message) error {
	if len(messages) == 0 {
		return nil
	}
	if err := messaging.CheckName(topic); err != nil {
		return err
	}
	records := make([]*sarama.ProducerMessage, len(messages))
	for i, e := range messages {
		m, flaw := messaging.Unpack(e)
		if flaw != nil {
			return fmt.Errorf("%w: %w", messaging.ErrInvalid, flaw)
		}
		if err := m.Check(b.o.MaxBody); err != nil {
			return err
		}
		record, err := b.o.write(topic, m)
		if err != nil {
			return err
		}
		records[i] = record
	}
	ctx := messages[0].Context()
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, b.o.Timeout)
	defer cancel()
	call := &publishing{done: make(chan error, len(records))}
	sent, err := b.send(ctx, call, records)
	if sent == 0 {
		return err
	}
	return b.await(ctx, topic, call, sent, err)
}

// send gives the records to the producer, in order, and tells how many it took.
func (b *Broker) send(ctx context.Context, call *publishing, records []*sarama.ProducerMessage) (sent int, err error) {
	b.sender.sending.RLock()
	defer b.sender.sending.RUnlock()
	select {
	case <-b.sender.closing:
		return 0, messaging.ErrClosed
	default:
	}
	b.mu.Lock()
	last := b.last
	closed := b.closed
	b.mu.Unlock()
	if closed {
		return 0, messaging.ErrClosed
	}
	if err := b.outOfReach(last); err != nil {
		return 0, fmt.Errorf("nothing was sent: %w", err)
	}
	select {
	case <-b.ready:
	case <-b.sender.closing:
		return 0, messaging.ErrClosed
	case <-ctx.Done():
		return 0, fmt.Errorf("nothing was sent, as Kafka is not connected yet: %w", ctx.Err())
	}
	for i, r := range records {
		size := int64(min(r.ByteSize(2), waitingBytes))
		if err := b.sender.room.Acquire(ctx, size); err != nil {
			return i, fmt.Errorf("%d bytes wait for the cluster's answer: %w", waitingBytes, err)
		}
		r.Metadata = fate{call, size}
		select {
		case b.sender.sarama.Input() <- r:
		case <-ctx.Done():
			b.sender.room.Release(size)
			return i, ctx.Err()
		case <-b.sender.closing:
			b.sender.room.Release(size)
			return i, messaging.ErrClosed
		}
	}
	return len(records), nil
}

// await waits for the fate of all records sent; cut is why others were not.
func (b *Broker) await(ctx context.Context, topic string, call *publishing, sent int, cut error) error {
	var refused error
	failures := 0
	for range sent {
		select {
		case err := <-call.done:
			if err != nil {
				failures++
				refused = err
			}
		case <-ctx.Done():
			err := fmt.Errorf("%w (no answer from Kafka: %w)", messaging.ErrUnknown, ctx.Err())
			b.sender.judged(err)
			return err
		}
	}
	switch {
	case refused == nil && cut == nil:
		b.sender.judged(nil)
		return nil
	case refused == nil:
		return fmt.Errorf("%w (%d were, then: %w)", messaging.ErrUnknown, sent, cut)
	}
	err := verdict(topic, refused)
	if failures < sent || cut != nil {
		err = fmt.Errorf("%w (some of several were not: %w)", messaging.ErrUnknown, err)
	}
	b.sender.judged(err)
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

// judged keeps how the last publish went, for Health.
func (p *producer) judged(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failure, p.failed = err, time.Now()
}

// failing gives why the last publish failed, if that was not long ago: without another attempt nobody knows whether it
// still would.
func (p *producer) failing() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failure == nil || time.Since(p.failed) > silence {
		return nil
	}
	return fmt.Errorf("the last publish failed: %w", p.failure)
}

// close waits for the fate of all that was sent.
func (p *producer) close() {
	close(p.closing)
	p.sending.Lock()
	defer p.sending.Unlock()
	if p.sarama != nil {
		p.sarama.AsyncClose()
		p.readers.Wait()
	}
}
