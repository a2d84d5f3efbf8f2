package main

import (
	"io"
	"net"
	"testing"
	"time"
)

// TestWire: nothing gets through a wire that is a black hole, and what was sent comes when it is healed; a closed one ends its connections.
func TestWire(t *testing.T) {
	far, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	came := make(chan byte, 16)
	go func() {
		for {
			c, err := far.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for b := make([]byte, 1); ; {
					if _, err := io.ReadFull(c, b); err != nil {
						return
					}
					came <- b[0]
					_, _ = c.Write(b)
				}
			}()
		}
	}()
	w, err := newWire(far.Addr().String(), "127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	near, err := net.Dial("tcp", w.addr())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	_ = near.SetDeadline(time.Now().Add(time.Minute))
	through := func(b byte) {
		t.Helper()
		if _, err := near.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
		if got := <-came; got != b {
			t.Fatalf("%c came, expected %c", got, b)
		}
		if _, err := io.ReadFull(near, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	through('a')
	w.cut(true)
	if _, err := near.Write([]byte{'b'}); err != nil {
		t.Fatal(err)
	}
	other, err := net.Dial("tcp", w.addr()) // it is taken, and nothing more
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Write([]byte{'x'}); err != nil {
		t.Fatal(err)
	}
	select {
	case b := <-came:
		t.Fatalf("%c came through a black hole", b)
	case <-time.After(100 * time.Millisecond):
	}
	w.cut(false)
	if a, b := <-came, <-came; a+b != 'b'+'x' {
		t.Fatalf("%c and %c came, expected b and x", a, b)
	}
	if _, err := io.ReadFull(near, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	through('c')
	w.close()
	if _, err := near.Read(make([]byte, 1)); err == nil {
		t.Error("a connection outlives its wire")
	}
}
