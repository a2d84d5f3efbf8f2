package sqlite

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/store"
)

// BenchmarkOpen: how long a start takes with the state of b.N accepted requests that wait. Use -benchtime 1000000x.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "state.db")
	s, err := Open(b.Context(), path, Options{Project: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range 512 {
		all.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				o := store.Operation{ID: fmt.Sprintf("%032x", i), Route: "order", Owner: "somebody", State: store.Accepted, Created: now, Updated: now}
				if err := s.Operations().Create(b.Context(), o); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	began := time.Now()
	if s, err = Open(b.Context(), path, Options{Project: "bench"}); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(began).Milliseconds()), "open-ms")
	b.StopTimer()
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}
