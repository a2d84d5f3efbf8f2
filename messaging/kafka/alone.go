package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"fondaco/messaging"
	"github.com/IBM/sarama"
)

// alone sends records one by one, each in a batch of its own. Records that are sent at the same time travel in one batch, and a topic whose
// max.message.bytes is below ours refuses a batch that is larger, the small records in it too: what is refused so is sent again by this.
// Safe for concurrent use.
type alone struct {
	mu       sync.Mutex
	producer sarama.SyncProducer // nil until it is needed
	closed   bool
}

// send sends the records in their order, and returns the error of the first that is refused. open makes the producer.
func (a *alone) send(ctx context.Context, open func() (sarama.SyncProducer, error), records []*sarama.ProducerMessage) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return messaging.ErrClosed
	}
	if a.producer == nil {
		p, err := open()
		if err != nil {
			return err
		}
		a.producer = p
	}
	for _, r := range records {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, _, err := a.producer.SendMessage(r); err != nil {
			return err
		}
	}
	return nil
}

func (a *alone) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	if a.producer != nil {
		_ = a.producer.Close()
	}
}

// sendAlone sends records again that were refused in batches too large for their topic. The error is Kafka's, or ErrUnknown if the caller's
// time is over before it is known.
func (b *Broker) sendAlone(call *publishing, records []*sarama.ProducerMessage) error {
	outcome := make(chan error, 1)
	go func() { // it ends by itself: nobody waits longer than Options.Timeout for a record
		outcome <- b.sender.alone.send(call.ctx, func() (sarama.SyncProducer, error) {
			c := b.o.producing()
			c.Producer.Flush.MaxMessages = 1
			return sarama.NewSyncProducer(b.o.Brokers, c)
		}, records)
	}()
	select {
	case err := <-outcome:
		return err
	case <-call.ctx.Done():
		return fmt.Errorf("%w (no answer from Kafka: %w)", messaging.ErrUnknown, call.ctx.Err())
	}
}

// inLargeBatch reports whether a record was refused for the size of its batch; one that is too large for us never leaves.
func inLargeBatch(err error) bool { return errors.Is(err, sarama.ErrMessageSizeTooLarge) }
