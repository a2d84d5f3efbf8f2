package connectortest

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"sync/atomic"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
)

// confined: a simulated system is called at its simulator, whatever its parameters say, and can dial nothing else.
func (s *Suite) confined(t *testing.T) {
	if s.protocol.Addresses == nil || len(s.protocol.Addresses(s.connector)) == 0 {
		t.Fatal("the protocol does not say what its address is")
	}
	var connected atomic.Int32
	elsewhere := listening(t, "tcp", "127.0.0.1:0", &connected)
	sys := &connectors.System{Name: "prova", Connector: s.connector, Params: map[string]config.Ref{
		"endpoint": config.ParseRefs(config.Text{Value: s.wire.Address(elsewhere)}, nil, &diag.List{}),
	}}
	var strays atomic.Int32
	sys.Simulate(func(*connectors.Stray) { strays.Add(1) })

	// Before its simulator has started it dials nothing.
	caller := s.opened(t, sys)
	_, f := s.Call(context.Background(), t, caller, "leggi", Asks["leggi"])
	if f == nil || f.Kind != connectors.Unavailable || f.Sent {
		t.Errorf("without a simulator: %+v", f)
	}
	closed(t, caller)
	if strays.Load() == 0 {
		t.Error("the protocol does not connect by System.Dial")
	}

	made := s.simulated(t, sys, nil, Sample{Operation: "leggi", Answer: `{"codice":"A","importo":1,"voci":[]}`})
	place, err := made.Start(connectors.Place{})
	if err != nil {
		t.Fatal(err)
	}
	sys.At(place)
	strays.Store(0)
	caller = s.opened(t, sys)
	want := s.arriving(t, `{"codice":"A","importo":1,"voci":[]}`)
	for range 2 {
		if got, f := s.Call(context.Background(), t, caller, "leggi", Asks["leggi"]); f != nil || got != want {
			t.Errorf("found %s %v", got, f)
		}
		made.Stop()
		if _, f := s.Call(context.Background(), t, caller, "leggi", Asks["leggi"]); f == nil || f.Kind != connectors.Unavailable {
			t.Errorf("stopped: %+v", f)
		}
		if again, err := made.Start(place); err != nil || again != place {
			t.Fatalf("started again at %v, expected %v: %v", again, place, err)
		}
	}
	made.Down(true)
	if _, f := s.Call(context.Background(), t, caller, "leggi", Asks["leggi"]); f == nil {
		t.Error("a system that is down answers")
	}
	made.Down(false)
	if !made.Follow(s.simulated(t, sys, nil, Sample{Operation: "leggi", Answer: `{"codice":"B","importo":1,"voci":[]}`})) {
		t.Error("a simulator does not take new answers")
	}
	if got, f := s.Call(context.Background(), t, caller, "leggi", Asks["leggi"]); f != nil ||
		got != s.arriving(t, `{"codice":"B","importo":1,"voci":[]}`) {
		t.Errorf("with new answers: found %s %v", got, f)
	}
	closed(t, caller)
	made.Stop()
	if n := strays.Load(); n > 0 {
		t.Errorf("%d attempts to dial something else", n)
	}

	socket := filepath.Join(t.TempDir(), "s")
	for network, address := range map[string]string{"tcp": elsewhere, "tcp4": elsewhere, "unix": listening(t, "unix", socket, &connected)} {
		if conn, err := sys.Dial(context.Background(), network, address); err == nil {
			_ = conn.Close()
			t.Errorf("%s %s can be dialled", network, address)
		}
	}
	if n := connected.Load(); n > 0 {
		t.Errorf("the real system was connected to %d times", n)
	}
}

// listening counts the connections to an address until the test ends.
func listening(t *testing.T, network, address string, connected *atomic.Int32) string {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			connected.Add(1)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// opened opens a system as it is.
func (s *Suite) opened(t *testing.T, sys *connectors.System) connectors.Caller {
	t.Helper()
	caller, err := s.protocol.Open(context.Background(), sys, connectors.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return caller
}

func closed(t *testing.T, caller connectors.Caller) {
	t.Helper()
	if err := caller.Close(); err != nil {
		t.Error(err)
	}
}
