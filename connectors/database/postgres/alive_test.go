//go:build unix

package postgres

import (
	"net"
	"testing"
	"time"
)

// TestAliveWhileItIsRead: whether a connection is good is known while another goroutine reads it, as pgx does in the background once a write
// was slow, until the next answer comes.
func TestAliveWhileItIsRead(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	first := make(chan struct{})
	go func() { // what it reads first says that it reads; then it waits in its second Read
		_, _ = c.Read(make([]byte, 1))
		close(first)
		_, _ = c.Read(make([]byte, 1))
	}()
	if _, err := server.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	<-first
	known := make(chan bool, 1)
	for range 100 { // it may not be in its second Read at once
		go func() { known <- alive(c) }()
		select {
		case good := <-known:
			if !good {
				t.Fatal("a connection on which nothing has come is not good")
			}
		case <-time.After(2 * time.Minute):
			t.Fatal("it waits for whoever reads the connection")
		}
	}
}
