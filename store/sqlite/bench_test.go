package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/store"
)

// BenchmarkWrites measures durable writes by callers at the same time, and reads.
func BenchmarkWrites(b *testing.B) {
	for _, c := range []struct {
		name string
		do   func(ctx context.Context, s store.Store, id string) error
	}{
		{"inbox", func(ctx context.Context, s store.Store, id string) error {
			return s.Inbox().Done(ctx, "t", "g", now, id)
		}},
		{"intent", func(ctx context.Context, s store.Store, id string) error {
			return s.Intents().Begin(ctx, store.Intent{Exchange: id, Step: "call", Operation: "registry.register", At: now})
		}},
		{"seen", func(ctx context.Context, s store.Store, id string) error {
			_, err := s.Inbox().Seen(ctx, "t", "g", id)
			return err
		}},
		{"idempotency", func(ctx context.Context, s store.Store, id string) error {
			r, err := s.Idempotency().Reserve(ctx, store.Claim{Key: id, Lease: time.Minute, Keep: time.Hour}, now)
			if err != nil {
				return err
			}
			return s.Idempotency().Record(ctx, r.Token, store.Answer{Status: 200, Body: longBody}, now)
		}},
	} {
		for _, callers := range []int{1, 64, 256} {
			b.Run(fmt.Sprintf("%s-%d", c.name, callers), func(b *testing.B) {
				s, err := Open(b.Context(), filepath.Join(b.TempDir(), "state.db"), Options{})
				if err != nil {
					b.Fatal(err)
				}
				defer s.Close()
				var next atomic.Int64
				var all sync.WaitGroup
				for range callers {
					all.Go(func() {
						for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
							if err := c.do(b.Context(), s, fmt.Sprint("a message of somebody ", i)); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				all.Wait()
			})
		}
	}
}
