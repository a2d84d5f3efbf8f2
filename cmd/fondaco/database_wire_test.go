package main

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// databaseWire is a way to a database that holds what is sent, delays it, or ends in the middle of it.
type databaseWire struct {
	at, to string
	delay  atomic.Int64 // of what is sent in each direction
	cut    atomic.Bool  // connections end amid what they carry, after some thousand octets
	ended  atomic.Int64 // how many did

	mu   sync.Mutex
	free *sync.Cond
	held bool
	over bool
}

func newDatabaseWire(t *testing.T, to string) *databaseWire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &databaseWire{at: l.Addr().String(), to: to}
	w.free = sync.NewCond(&w.mu)
	var open sync.WaitGroup
	conns := map[net.Conn]bool{}
	keep := func(c net.Conn) {
		w.mu.Lock()
		defer w.mu.Unlock()
		conns[c] = true
		if w.over {
			_ = c.Close()
		}
	}
	open.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", w.to)
			if err != nil {
				_ = near.Close()
				continue
			}
			keep(near)
			keep(far)
			open.Go(func() { w.carry(near, far) })
			open.Go(func() { w.carry(far, near) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		w.mu.Lock()
		w.over = true
		for c := range conns {
			_ = c.Close()
		}
		w.free.Broadcast()
		w.mu.Unlock()
		open.Wait()
	})
	return w
}

// hold has nothing get through until it is called with false.
func (w *databaseWire) hold(held bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = held
	w.free.Broadcast()
}

// carry takes what is read of one end to the other, and closes both when one has ended.
func (w *databaseWire) carry(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	left := 2000 + rand.IntN(20000)
	b := make([]byte, 4<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		time.Sleep(time.Duration(w.delay.Load())) // the wire is slow
		w.mu.Lock()
		for w.held && !w.over {
			w.free.Wait()
		}
		w.mu.Unlock()
		if left -= n; left < 0 && w.cut.Load() {
			w.ended.Add(1)
			_, _ = to.Write(b[:n/2])
			return
		}
		if _, err := io.Writer(to).Write(b[:n]); err != nil {
			return
		}
	}
}
