package kafka

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
	"github.com/IBM/sarama"
)

func kilobyte(key string, n int64) messaging.Message {
	body := make([]byte, 1024)
	copy(body, fmt.Sprint(n))
	return messaging.Message{
		ID: fmt.Sprint(key, "-", n), Key: key, Type: "bench", Source: "/bench", Time: time.Unix(1_700_000_000, 0),
		Body: body,
	}
}

// BenchmarkPublish: 1 KiB, accepted when all in-sync copies have it.
func BenchmarkPublish(b *testing.B) {
	n := kafkatest.ForMeasuring(b)
	broker := opened(b, options(n))
	ensure(b, broker, "t")
	for _, publishers := range []int{1, 16, 256, 1024} {
		b.Run(fmt.Sprint(publishers), func(b *testing.B) { publishMany(b, broker, publishers, b.N) })
	}
	b.Run("producer alone", func(b *testing.B) {
		o, err := options(n).filled()
		if err != nil {
			b.Fatal(err)
		}
		p, err := sarama.NewAsyncProducer(o.Brokers, o.producing())
		if err != nil {
			b.Fatal(err)
		}
		go func() {
			for i := range b.N {
				r, _ := o.write("t", kilobyte(fmt.Sprint("k", i%256), int64(i)), false, nil)
				p.Input() <- r
			}
		}()
		for range b.N {
			<-p.Successes()
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		_ = p.Close()
	})
}

func publishMany(b testing.TB, broker *Broker, publishers, count int) {
	var n atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for p := range publishers {
		all.Go(func() {
			key := fmt.Sprint("k", p)
			for i := n.Add(1); i <= int64(count); i = n.Add(1) {
				if err := messaging.Publish(context.Background(), broker, "t", kilobyte(key, i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if b, ok := b.(*testing.B); ok {
		b.ReportMetric(float64(count)/time.Since(began).Seconds(), "msg/s")
	}
}

// BenchmarkConsume: a backlog, 12 partitions: given out and acked at once; with 5 ms of work each; and with 5 ms by
// Sarama's group consumer alone, one message at a time for each partition.
func BenchmarkConsume(b *testing.B) {
	n := kafkatest.ForMeasuring(b)
	broker := opened(b, options(n))
	ensure(b, broker, "t")
	publishMany(b, broker, 512, 200_000)
	consume := func(b *testing.B, inFlight, count int, work func(done func())) {
		s, err := broker.Subscriber(fmt.Sprint("g", time.Now().UnixNano()), messaging.Options{InFlight: inFlight})
		if err != nil {
			b.Fatal(err)
		}
		defer s.Close()
		in, err := s.Subscribe(b.Context(), "t")
		if err != nil {
			b.Fatal(err)
		}
		began, first := time.Now(), time.Time{}
		var working sync.WaitGroup
		for i := range count {
			e := <-in
			if i == 0 {
				first = time.Now()
				b.ReportMetric(float64(first.Sub(began).Milliseconds()), "ms-to-first")
			}
			working.Add(1)
			work(func() {
				e.Ack()
				working.Done()
			})
		}
		working.Wait()
		b.ReportMetric(float64(count)/time.Since(first).Seconds(), "msg/s")
	}
	fiveMilliseconds := func(done func()) { time.AfterFunc(5*time.Millisecond, done) }
	b.Run("at once", func(b *testing.B) { consume(b, 256, 200_000, func(done func()) { done() }) })
	b.Run("5 ms", func(b *testing.B) { consume(b, 256, 50_000, fiveMilliseconds) })
	b.Run("5 ms one at a time", func(b *testing.B) {
		count := 8_000
		c := options(n).consuming("")
		group, err := sarama.NewConsumerGroup([]string{n.Addr}, fmt.Sprint("s", time.Now().UnixNano()), c)
		if err != nil {
			b.Fatal(err)
		}
		defer group.Close()
		go func() {
			for range group.Errors() {
			}
		}()
		ctx, cancel := context.WithCancel(b.Context())
		h := &oneAtATime{left: int64(count), done: cancel}
		_ = group.Consume(ctx, []string{"t"}, h)
		b.ReportMetric(float64(count)/time.Since(h.first).Seconds(), "msg/s")
	})
}

// oneAtATime handles each partition's messages one after the other, 5 ms each.
type oneAtATime struct {
	left  int64
	begin sync.Once
	first time.Time
	done  func()
}

func (h *oneAtATime) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (h *oneAtATime) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (h *oneAtATime) ConsumeClaim(s sarama.ConsumerGroupSession, c sarama.ConsumerGroupClaim) error {
	for m := range c.Messages() {
		h.begin.Do(func() { h.first = time.Now() })
		<-time.After(5 * time.Millisecond)
		s.MarkMessage(m, "")
		if atomic.AddInt64(&h.left, -1) == 0 {
			h.done()
		}
	}
	return nil
}
