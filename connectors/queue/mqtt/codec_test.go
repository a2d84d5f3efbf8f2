package mqtt

import (
	"bufio"
	"bytes"
	"testing"

	"github.com/eclipse/paho.golang/packets"
)

// FuzzDecode: whatever comes from a broker is a packet or an error, of both versions.
func FuzzDecode(f *testing.F) {
	user := []packets.User{{Key: "a", Value: "b"}}
	for _, p := range []interface{ Type() byte }{
		&packets.Publish{Topic: "a/b", QoS: 1, PacketID: 7, Payload: []byte("x"), Properties: &packets.Properties{User: user}},
	} {
		w, _ := p.(*packets.Publish)
		for _, c := range codecs {
			frame, err := c.append(nil, w)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(frame)
		}
	}
	for _, frame := range []string{
		"\x20\x02\x00\x00", "\x20\x03\x00\x00\x00", "\x90\x03\x00\x01\x00", "\x90\x04\x00\x01\x00\x01", "\xe0\x00", "\x40\x02\x00\x01",
	} {
		f.Add([]byte(frame))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, err := readFrame(bufio.NewReader(bytes.NewReader(data)), 1<<16)
		if err != nil {
			return
		}
		for version, c := range codecs {
			if p, err := c.decode(frame); err == nil && p == nil {
				t.Errorf("version %d: neither a packet nor an error", version)
			}
		}
	})
}

// TestFrames: a packet larger than it may be is refused before it is read.
func TestFrames(t *testing.T) {
	for _, frame := range []string{"\x30\xff\xff\xff\x7f", "\x30\xff\xff\xff\xff\x01", "\x30\x81\x01"} {
		if got, err := readFrame(bufio.NewReader(bytes.NewReader([]byte(frame))), 128); err == nil {
			t.Errorf("%q: found %q, expected an error", frame, got)
		}
	}
}
