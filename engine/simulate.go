package engine

import (
	"errors"
	"fmt"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/routes"
)

// SimulateAll starts a simulator for each system of a project, and has the systems dial nothing else. Systems that were
// simulated before keep their place and get the answers of the new files. A system whose simulator cannot be made dials
// nothing at all; the error says which.
func (s *Simulators) SimulateAll(t *routes.Typed, out *diag.List) error {
	var errs []error
	for _, sys := range t.Model.Systems {
		errs = append(errs, s.Simulate(sys, out))
	}
	return errors.Join(errs...)
}

// Simulate starts the simulator of one system and puts the system there; a system that could not be read has none.
func (s *Simulators) Simulate(sys *connectors.System, out *diag.List) error {
	if _, wanted := s.Places[sys.Name]; s.Places != nil && !wanted {
		return nil
	}
	sys.Simulate(s.Stray)
	c := sys.Connector
	if c == nil || c.Protocol == nil {
		return nil
	}
	made, err := c.Protocol.Simulate(c, simulate.New(sys, simulate.LoadSamples(c, out)))
	if err != nil {
		return fmt.Errorf("simulator of %s: %w", sys.Name, err)
	}
	place, err := s.put(sys.Name, c.Title, made)
	if err != nil {
		return fmt.Errorf("simulator of %s: %w", sys.Name, err)
	}
	sys.At(place)
	return nil
}
