package embedded

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/messaging"
)

func kilobyte(key string, n int64) messaging.Message {
	body := make([]byte, 1024)
	copy(body, fmt.Sprint(n))
	return messaging.Message{
		ID: fmt.Sprint(key, "-", n), Key: key, Type: "bench", Source: "/bench", Time: time.Unix(1_700_000_000, 0),
		Body: body,
	}
}

func opened(b testing.TB) *Broker {
	broker, err := Open(b.Context(), filepath.Join(b.TempDir(), "topics.db"), Options{Project: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { broker.Close() })
	return broker
}

// BenchmarkPublish: 1 KiB, accepted when durable.
func BenchmarkPublish(b *testing.B) {
	for _, publishers := range []int{1, 64, 256} {
		b.Run(fmt.Sprint(publishers), func(b *testing.B) {
			broker := opened(b)
			var n atomic.Int64
			var all sync.WaitGroup
			b.ResetTimer()
			for p := range publishers {
				all.Go(func() {
					key := fmt.Sprint("k", p)
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						if err := messaging.Publish(context.Background(), broker, "t", kilobyte(key, i)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}

// BenchmarkThrough: published, consumed and acked.
func BenchmarkThrough(b *testing.B) {
	for _, publishers := range []int{16, 64, 256} {
		b.Run(fmt.Sprint(publishers), func(b *testing.B) {
			broker := opened(b)
			s, _ := broker.Subscriber("g", messaging.Options{InFlight: 256})
			in, err := s.Subscribe(context.Background(), "t")
			if err != nil {
				b.Fatal(err)
			}
			var n atomic.Int64
			var all sync.WaitGroup
			b.ResetTimer()
			for p := range publishers {
				all.Go(func() {
					key := fmt.Sprint("k", p)
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						if err := messaging.Publish(context.Background(), broker, "t", kilobyte(key, i)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			for range b.N {
				(<-in).Ack()
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}

// BenchmarkLatency: from before Publish to the handler, one message at a time.
func BenchmarkLatency(b *testing.B) {
	broker := opened(b)
	s, _ := broker.Subscriber("g", messaging.Options{})
	in, err := s.Subscribe(context.Background(), "t")
	if err != nil {
		b.Fatal(err)
	}
	took := make([]time.Duration, 0, b.N)
	for i := range b.N {
		begin := time.Now()
		go messaging.Publish(context.Background(), broker, "t", kilobyte("k", int64(i)))
		m := <-in
		took = append(took, time.Since(begin))
		m.Ack()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkBacklog: what lies in the file, drained.
func BenchmarkBacklog(b *testing.B) {
	broker := opened(b)
	for i := 0; i < b.N; i += 500 {
		var batch []messaging.Message
		for j := i; j < min(i+500, b.N); j++ {
			batch = append(batch, kilobyte(fmt.Sprint("k", j%1000), int64(j)))
		}
		if err := messaging.Publish(context.Background(), broker, "t", batch...); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	s, _ := broker.Subscriber("g", messaging.Options{InFlight: 256})
	in, err := s.Subscribe(context.Background(), "t")
	if err != nil {
		b.Fatal(err)
	}
	most := uint64(0)
	for i := range b.N {
		(<-in).Ack()
		if i%25_000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(float64(most)/1e6, "heap-MB")
}
