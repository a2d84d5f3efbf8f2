package server

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// closed is what is added to the references of a generation that has none left, so that none can be taken again.
const closed = -1 << 40

// generation is a program in service, with what was bound to it when it was taken into service.
type generation struct {
	program Program
	router  *router
	cors    corsHeaders
	refs    atomic.Int64 // exchanges that use it, and one for being the current
	end     func(*generation)
}

// generations holds the current program. An exchange ends on the program it began with; a program that was replaced is
// closed after its last exchange. Taking and releasing take no lock.
type generations struct {
	current atomic.Pointer[generation]
	ending  sync.WaitGroup
	grace   time.Duration
	failed  func(error) // tells that closing a program failed
}

// take returns the current generation, nil if there is none; release ends its use.
func (s *generations) take() *generation {
	for {
		g := s.current.Load()
		if g == nil || g.refs.Add(1) > 0 {
			return g
		}
		g.refs.Add(-1) // it was replaced and closed between the two lines
	}
}

func (g *generation) release() {
	if g.refs.Add(-1) == 0 && g.refs.CompareAndSwap(0, closed) {
		g.end(g)
	}
}

// swap puts next, which may be nil, in the place of the current generation.
func (s *generations) swap(next *generation) {
	if next != nil {
		next.refs.Store(1)
		next.end = s.close
		s.ending.Add(1)
	}
	if old := s.current.Swap(next); old != nil {
		old.release()
	}
}

// close ends a program beside whatever released it.
func (s *generations) close(g *generation) {
	if g.program.Close == nil {
		s.ending.Done()
		return
	}
	go func() {
		defer s.ending.Done()
		ctx, cancel := context.WithTimeout(context.Background(), s.grace)
		defer cancel()
		if err := g.program.Close(ctx); err != nil {
			s.failed(err)
		}
	}()
}
