package mqtt

import (
	"bufio"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/packets"

	"fondaco/connectors/queue/driver"
)

// TestStalledBroker: a broker that takes nothing more, as a stopped process does, keeps no call longer than its context, whatever call it was
// that filled the connection.
func TestStalledBroker(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := readFrame(bufio.NewReader(conn), 1<<16); err != nil {
				continue
			}
			greeting, err := codecs[5].append(nil, &packets.Connack{Properties: &packets.Properties{}})
			if err == nil {
				_, _ = conn.Write(greeting) // and nothing more is read
			}
		}
	}()
	dialer := &net.Dialer{}
	b := Driver.Open(driver.Options{Network: "tcp", Host: l.Addr().String(), Version: 5, MostBytes: 64 << 20, Dial: dialer.DialContext})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	ended := make(chan error, 8)
	for range cap(ended) {
		go func() {
			_, err := b.Publish(ctx, &driver.Message{Topic: "t", Body: make([]byte, 32<<20), Once: true})
			ended <- err
		}()
	}
	for range cap(ended) {
		select {
		case err := <-ended:
			var own *driver.Error
			if !errors.As(err, &own) {
				t.Errorf("found %v, expected an error of the driver", err)
			}
		case <-time.After(2 * time.Minute):
			t.Fatal("a call waits on although its context has ended")
		}
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
