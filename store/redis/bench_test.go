package redis

import (
	"testing"
	"time"

	"fondaco/store"
)

// BenchmarkHints measures one question to a server on the same machine, and to none.
func BenchmarkHints(b *testing.B) {
	body := make([]byte, 1024)
	for _, where := range []string{"server", "none"} {
		url := "redis://127.0.0.1:1"
		var n *node
		if where == "server" {
			n = start(b)
			url = "redis://127.0.0.1:" + n.port
		}
		c, err := Open(Options{URL: url})
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		cache, limits := c.Cache(), c.Limiter(local(b))
		cache.Set(b.Context(), "a", body, time.Hour)
		b.Run("get-"+where, func(b *testing.B) {
			for b.Loop() {
				cache.Get(b.Context(), "a")
			}
		})
		b.Run("set-"+where, func(b *testing.B) {
			for b.Loop() {
				cache.Set(b.Context(), "a", body, time.Hour)
			}
		})
		b.Run("allow-"+where, func(b *testing.B) {
			for b.Loop() {
				limits.Allow(b.Context(), "k", store.Rate{Count: 1 << 20, Per: time.Second})
			}
		})
	}
}
