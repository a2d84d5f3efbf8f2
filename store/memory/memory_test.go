package memory

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"fondaco/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := NewLimiter(100)
		if err != nil {
			t.Fatal(err)
		}
		rate := store.Rate{Count: 60, Per: time.Minute, Burst: 3}
		check := func(want store.Verdict) {
			t.Helper()
			if got := l.Allow(t.Context(), "k", rate); got != want {
				t.Errorf("%+v, expected %+v", got, want)
			}
		}
		check(store.Verdict{OK: true, Remaining: 2, Reset: time.Second})
		check(store.Verdict{OK: true, Remaining: 1, Reset: 2 * time.Second})
		check(store.Verdict{OK: true, Remaining: 0, Reset: 3 * time.Second})
		check(store.Verdict{After: time.Second, Reset: 3 * time.Second})
		time.Sleep(900 * time.Millisecond)
		check(store.Verdict{After: 100 * time.Millisecond, Reset: 2100 * time.Millisecond})
		time.Sleep(100 * time.Millisecond)
		check(store.Verdict{OK: true, Remaining: 0, Reset: 3 * time.Second})
		time.Sleep(time.Hour)
		check(store.Verdict{OK: true, Remaining: 2, Reset: time.Second})
		if v := l.Allow(t.Context(), "other", rate); v.Remaining != 2 {
			t.Errorf("another key: %+v", v)
		}
		whole := store.Rate{Count: 5, Per: time.Second}
		for i := range 6 {
			if v := l.Allow(t.Context(), "whole", whole); v.OK != (i < 5) {
				t.Errorf("request %d of 5: %+v", i, v)
			}
		}
		if v := l.Allow(t.Context(), "zero", store.Rate{}); !v.OK {
			t.Errorf("a rate of nothing: %+v", v)
		}
	})
}

func TestLimiterByMany(t *testing.T) {
	l, err := NewLimiter(100)
	if err != nil {
		t.Fatal(err)
	}
	var went atomic.Int64
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for range 100 {
				if l.Allow(t.Context(), "k", store.Rate{Count: 700, Per: 24 * time.Hour}).OK {
					went.Add(1)
				}
			}
		})
	}
	all.Wait()
	if went.Load() != 700 {
		t.Errorf("%d requests went, 700 may", went.Load())
	}
}
