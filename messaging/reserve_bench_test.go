package messaging

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// ids is an inbox in memory that knows nothing and keeps nothing: what is measured is the consumer's own work.
type ids struct{}

func (ids) Seen(context.Context, string, string, string) (bool, error) { return false, nil }

func (ids) Done(context.Context, string, string, ...string) error { return nil }

func (ids) Keep(context.Context, string, string, Message, Reason, string, string) error { return nil }

func (ids) Settle(context.Context, string, string, Message, bool) error { return nil }

type given struct{ all chan *Envelope }

func (g given) Subscribe(context.Context, string) (<-chan *Envelope, error) { return g.all, nil }
func (given) Close() error                                                  { return nil }

// BenchmarkConsumer measures what a consumer itself needs for a message, and the part of it that is the reservation.
func BenchmarkConsumer(b *testing.B) {
	work := Work{Topic: "t", Group: "g", Dead: ids{}, Inbox: ids{}, Handle: func(context.Context, Message) error { return nil }}
	name := func(i int64) string { return fmt.Sprint("a message of somebody ", i) }
	b.Run("message", func(b *testing.B) {
		c, err := NewConsumer(work)
		if err != nil {
			b.Fatal(err)
		}
		in, ended := given{make(chan *Envelope, 64)}, make(chan error, 1)
		var acked sync.WaitGroup
		acked.Add(b.N)
		go func() { ended <- c.Run(context.Background(), in) }()
		for i := range b.N {
			in.all <- Deliver(context.Background(), Delivery{Headers: []Attribute{
				{"ce_id", name(int64(i))},
				{"ce_source", "/s"},
				{"ce_type", "t"},
				{"ce_specversion", "1.0"},
			}, Attempt: 1, Ended: func(*Envelope, bool) { acked.Done() }})
		}
		acked.Wait()
		_ = c.Stop(context.Background())
		<-ended
	})
	b.Run("reservation", func(b *testing.B) {
		c, err := NewConsumer(work)
		if err != nil {
			b.Fatal(err)
		}
		names := make([]string, 1<<16)
		for i := range names {
			names[i] = name(int64(i))
		}
		var next atomic.Int64
		b.ResetTimer()
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				id := names[next.Add(1)%int64(len(names))]
				c.work.Reserved.take(c, id)
				c.work.Reserved.free(c, id)
			}
		})
	})
}
