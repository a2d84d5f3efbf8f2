package connectors_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fondaco/connectors"
)

// TestNothingElseDials: protocols connect by System.Dial alone, which is what holds simulated systems.
func TestNothingElseDials(t *testing.T) {
	dials := regexp.MustCompile(`\bnet\.Dial|\btls\.Dial|\bhttp\.(Get|Post|Head|PostForm|DefaultClient|DefaultTransport|ProxyFromEnvironment)\b`)
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || file == "place.go" ||
			strings.HasSuffix(filepath.Dir(file), "test") || // the rooms of contracts play the systems
			file == "network/guard.go" {
			return err
		}
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(src), "\n") {
			if code, _, _ := strings.Cut(line, "//"); dials.MatchString(code) {
				t.Errorf("%s:%d connects by itself: %s", file, i+1, strings.TrimSpace(line))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPlace: a system that is at a place dials it, by no other network and at no other address; one that is simulated
// and at none dials nothing.
func TestPlace(t *testing.T) {
	var told []string
	s := &connectors.System{Name: "prova"}
	s.Simulate(func(e *connectors.Stray) { told = append(told, e.Network+" "+e.Address) })
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // whoever may dial gets no further than this
	for _, c := range []struct {
		place            connectors.Place
		network, address string
		may              bool
	}{
		{connectors.Place{}, "tcp", "127.0.0.1:4000", false},
		{connectors.Place{}, "tcp", "", false},
		{connectors.Place{Network: "tcp", Address: "127.0.0.1:4000"}, "tcp", "127.0.0.1:4000", true},
		{connectors.Place{Network: "tcp", Address: "127.0.0.1:4000"}, "tcp4", "127.0.0.1:4000", true},
		{connectors.Place{Network: "tcp", Address: "127.0.0.1:4000"}, "udp", "127.0.0.1:4000", false},
		{connectors.Place{Network: "tcp", Address: "127.0.0.1:4000"}, "tcp", "127.0.0.1:4001", false},
		{connectors.Place{Network: "tcp", Address: "127.0.0.1:4000"}, "tcp", "localhost:4000", false},
		{connectors.Place{Network: "tcp", Address: "127.0.0.1:4000"}, "unix", "127.0.0.1:4000", false},
		{connectors.Place{Network: "unix", Address: "/tmp/s"}, "unix", "/tmp/s", true},
		{connectors.Place{Network: "unix", Address: "/tmp/s"}, "unix", "/tmp/t", false},
	} {
		told = nil
		s.At(c.place)
		_, err := s.Dial(ctx, c.network, c.address)
		var stray *connectors.Stray
		if refused := errors.As(err, &stray); refused == c.may || refused != (len(told) == 1) {
			t.Errorf("%+v, %s %s: %v, told %v", c.place, c.network, c.address, err, told)
		}
	}
}
