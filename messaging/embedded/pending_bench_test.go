package embedded

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"fondaco/messaging"
)

// BenchmarkPending: b.N messages of 1 KiB wait in the file, of 10,000 keys. How long a start takes until the first is given
// out, how long a publish takes beside them, what is in memory then, and how large the file is before and after the drain.
// Use -benchtime 1000000x.
func BenchmarkPending(b *testing.B) {
	path := filepath.Join(b.TempDir(), "topics.db")
	begin := func() *Broker {
		broker, err := Open(b.Context(), path, Options{Project: "bench"})
		if err != nil {
			b.Fatal(err)
		}
		return broker
	}
	broker := begin()
	s, err := broker.Subscriber("g", messaging.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.Subscribe(b.Context(), "t"); err != nil { // the group is known from here on
		b.Fatal(err)
	}
	for i := 0; i < b.N; i += 1000 {
		batch := make([]messaging.Message, 0, 1000)
		for j := i; j < min(i+1000, b.N); j++ {
			batch = append(batch, kilobyte(fmt.Sprint("k", j%10_000), int64(j)))
		}
		if err := messaging.Publish(context.Background(), broker, "t", batch...); err != nil {
			b.Fatal(err)
		}
	}
	broker.Close()
	full := onDisk(b, path)

	b.ResetTimer()
	began := time.Now()
	broker = begin()
	b.Cleanup(func() { broker.Close() })
	opened := time.Since(began)
	if s, err = broker.Subscriber("g", messaging.Options{InFlight: 256}); err != nil {
		b.Fatal(err)
	}
	in, err := s.Subscribe(context.Background(), "t")
	if err != nil {
		b.Fatal(err)
	}
	first := <-in
	started := time.Since(began)
	const publishes = 2000
	took := make([]time.Duration, publishes)
	for i := range took {
		at := time.Now()
		if err := messaging.Publish(context.Background(), broker, "t", kilobyte(fmt.Sprint("k", i%10_000), int64(b.N+i))); err != nil {
			b.Fatal(err)
		}
		took[i] = time.Since(at)
	}
	slices.Sort(took)
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(opened.Milliseconds()), "open-ms")
	b.ReportMetric(float64(started.Milliseconds()), "start-ms")
	b.ReportMetric(float64(took[publishes/2].Microseconds()), "publish-p50-µs")
	b.ReportMetric(float64(took[publishes*99/100].Microseconds()), "publish-p99-µs")
	b.ReportMetric(float64(m.HeapInuse)/1e6, "heap-MB")

	began = time.Now()
	first.Ack()
	for range b.N + publishes - 1 {
		(<-in).Ack()
	}
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "drained/s")
	b.ReportMetric(float64(full)/1e6, "full-MB")
	left := onDisk(b, path)
	for end := time.Now().Add(time.Minute); left > full/10 && time.Now().Before(end); left = onDisk(b, path) {
		time.Sleep(100 * time.Millisecond)
	}
	b.ReportMetric(float64(left)/1e6, "drained-MB")
}

// onDisk is the size of the file and of its log.
func onDisk(t testing.TB, path string) (size int64) {
	for _, name := range []string{path, path + "-wal"} {
		if i, err := os.Stat(name); err == nil {
			size += i.Size()
		}
	}
	return size
}
