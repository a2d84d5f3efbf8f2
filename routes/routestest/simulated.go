package routestest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/simulate"
)

// simulated is a system's simulator in the runner.
type simulated struct {
	simulator  connectors.Simulator
	simulation *simulate.Simulation
	samples    map[string][]*simulate.Case
}

// startSimulator starts a system's simulator: nothing else can be dialled by the system from here on.
func startSimulator(sys *connectors.System, strays *strays, out *diag.List) (*simulated, error) {
	sys.Simulate(strays.add)
	c := sys.Connector
	if c == nil || c.Protocol == nil {
		return nil, nil //nolint:nilnil // a system that could not be read has no simulator
	}
	s := &simulated{samples: simulate.LoadSamples(c, out)}
	s.simulation = simulate.New(sys, s.samples)
	var err error
	if s.simulator, err = c.Protocol.Simulate(c, s.simulation); err != nil {
		return nil, fmt.Errorf("simulator of %s: %w", sys.Name, err)
	}
	place, err := s.simulator.Start(connectors.Place{})
	if err != nil {
		return nil, fmt.Errorf("simulator of %s: %w", sys.Name, err)
	}
	sys.At(place)
	return s, nil
}

// anew has a system that is watched have again what was taken from it, as by an earlier test.
func (s *simulated) anew(sys *connectors.System) error {
	if len(sys.Connector.Watches) == 0 {
		return nil
	}
	fresh, err := sys.Connector.Protocol.Simulate(sys.Connector, s.simulation)
	if err != nil {
		return fmt.Errorf("simulator of %s: %w", sys.Name, err)
	}
	s.simulator.Follow(fresh)
	return nil
}

// strays are the attempts to dial something else than a simulator since they were last asked for.
type strays struct {
	mu   sync.Mutex
	list []string
}

func (s *strays) add(e *connectors.Stray) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text := e.Error(); !slices.Contains(s.list, text) {
		s.list = append(s.list, text)
	}
}

// blame returns why a test failed: the attempts that it made come first, and fail it even where a route went on.
func (s *strays) blame(failed string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if failed != "" {
		s.list = append(s.list, failed)
	}
	failed = strings.Join(s.list, "\n     ")
	s.list = nil
	return failed
}
