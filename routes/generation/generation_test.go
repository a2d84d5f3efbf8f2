package generation

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// program notices when it is used after its end, and how often it is ended.
type program struct{ ended, late atomic.Int64 }

// TestSeries: programs are swapped while others use them: none is ended while it is in use, and each once.
func TestSeries(t *testing.T) {
	const swaps, users, each = 500, 4, 2000
	s := New(func(p *program) { p.ended.Add(1) })
	if s.Take() != nil {
		t.Error("something is in service before the first swap")
	}
	all := []*program{{}}
	if err := s.Swap(all[0]); err != nil {
		t.Fatal(err)
	}
	var load sync.WaitGroup
	for range users {
		load.Go(func() {
			for range each {
				g := s.Take()
				if g.Program.ended.Load() > 0 {
					g.Program.late.Add(1)
				}
				g.Release()
			}
		})
	}
	for range swaps {
		p := &program{}
		all = append(all, p)
		if err := s.Swap(p); err != nil {
			t.Fatal(err)
		}
	}
	load.Wait()
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	for i, p := range all {
		if p.ended.Load() != 1 || p.late.Load() != 0 {
			t.Errorf("program %d was ended %d times, and used %d times after it", i, p.ended.Load(), p.late.Load())
		}
	}
	if s.Take() != nil {
		t.Error("something is in service after the stop")
	}
	if err := s.Swap(&program{}); !errors.Is(err, ErrStopped) {
		t.Errorf("after the stop: found %v", err)
	}
}

// TestStopIsBounded: what does not release its program is not waited for without end.
func TestStopIsBounded(t *testing.T) {
	ended := make(chan struct{})
	s := New(func(*program) { close(ended) })
	if err := s.Swap(&program{}); err != nil {
		t.Fatal(err)
	}
	g := s.Take()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Stop(ctx); err == nil || err.Error() != "a program did not end in time" {
		t.Errorf("found %v", err)
	}
	select {
	case <-ended:
		t.Error("a program was ended while it was in use")
	default:
	}
	g.Release()
	<-ended
}
