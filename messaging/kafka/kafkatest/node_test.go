package kafkatest

import (
	"net"
	"testing"
	"time"
)

// TestNode: a node answers, ends, comes back with its data, and freezes.
func TestNode(t *testing.T) {
	n := New(t)
	n.Kill()
	if c, err := net.Dial("tcp", n.Addr); err == nil {
		_ = c.Close()
		t.Fatal("a killed node takes connections")
	}
	began := time.Now()
	n.Start()
	t.Logf("a start after kill -9 takes %v", time.Since(began).Round(time.Millisecond))
	n.Freeze()
	n.Thaw()
}
