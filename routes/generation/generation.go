// Package generation holds the program in service, and those before it until their last exchange has ended: an exchange ends on the
// program that it began with, whether it is a request's or a message's.
package generation

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// ErrStopped is what a series answers that takes no further program.
var ErrStopped = errors.New("the server is stopping")

// closed is what is added to the references of a generation that has none left, so that none can be taken again.
const closed = -1 << 40

// Generation is a program in service, or one that was and is still in use.
type Generation[P any] struct {
	Program P
	refs    atomic.Int64 // exchanges that use it, and one for being the current
	series  *Series[P]
}

// Series holds the program in service, one after the other. A program that was replaced is ended after its last exchange. Taking and
// releasing take no lock; all methods are safe for concurrent use.
type Series[P any] struct {
	end     func(P)
	current atomic.Pointer[Generation[P]]
	ending  sync.WaitGroup

	swapping sync.Mutex
	stopped  bool
}

// New returns a series with nothing in service. end closes a program: it is called once for each, in a goroutine of its own, after its
// last exchange.
func New[P any](end func(P)) *Series[P] { return &Series[P]{end: end} }

// Take returns the generation in service, nil if there is none; Release ends its use.
func (s *Series[P]) Take() *Generation[P] {
	for {
		g := s.current.Load()
		if g == nil || g.refs.Add(1) > 0 {
			return g
		}
		g.refs.Add(-1) // it was replaced and closed between the two lines
	}
}

// Release ends the use of a generation. It is called once for each Take.
func (g *Generation[P]) Release() {
	if g.refs.Add(-1) == 0 && g.refs.CompareAndSwap(0, closed) {
		go func() {
			defer g.series.ending.Done()
			g.series.end(g.Program)
		}()
	}
}

// Swap takes a program into service in the place of the one before. After Stop it returns ErrStopped, and the program is the caller's
// to end.
func (s *Series[P]) Swap(next P) error {
	s.swapping.Lock()
	defer s.swapping.Unlock()
	if s.stopped {
		return ErrStopped
	}
	g := &Generation[P]{Program: next, series: s}
	g.refs.Store(1)
	s.ending.Add(1)
	s.replace(g)
	return nil
}

// Stop takes the program out of service and waits until all programs have ended. Its error says that one did not before ctx has.
func (s *Series[P]) Stop(ctx context.Context) error {
	s.swapping.Lock()
	s.stopped = true
	s.replace(nil)
	s.swapping.Unlock()
	ended := make(chan struct{})
	go func() { s.ending.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return errors.New("a program did not end in time")
	}
}

func (s *Series[P]) replace(next *Generation[P]) {
	if old := s.current.Swap(next); old != nil {
		old.Release()
	}
}
