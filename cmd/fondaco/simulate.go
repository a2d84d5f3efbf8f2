package main

import (
	"fmt"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/routes"
)

// endpointParam is the parameter that says where a system is: simulators stand in its place.
const endpointParam = "endpoint"

// simulateAll starts a simulator for each system of a project, and points the systems at them. Systems that were
// simulated before keep their address and get the answers of the new files.
func (s *simulators) simulateAll(t *routes.Typed, out *diag.List) error {
	for _, sys := range t.Model.Systems {
		if err := s.simulate(sys, out); err != nil {
			return err
		}
	}
	return nil
}

// simulate starts the simulator of one system and points the system at it; a system that could not be read has none.
func (s *simulators) simulate(sys *connectors.System, out *diag.List) error {
	c := sys.Connector
	if c == nil || c.Protocol == nil {
		return nil
	}
	for _, p := range c.Params {
		if p.Secret {
			sys.Override(p.Name, "simulated")
		}
	}
	sys.Override(endpointParam, "http://127.0.0.1:1")
	handler, err := c.Protocol.Simulate(c, connectors.NewSimulation(sys, connectors.LoadSamples(c, out)))
	if err != nil {
		return fmt.Errorf("simulator of %s: %w", sys.Name, err)
	}
	addr := s.address(sys.Name)
	if addr == "" {
		if addr, err = s.add(sys.Name, c.Title, "", handler); err != nil {
			return err
		}
	} else {
		s.replace(sys.Name, handler)
	}
	sys.Override(endpointParam, "http://"+addr)
	return nil
}

// address gives where a system's simulator is, "" if it has none.
func (s *simulators) address(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.find(name); one != nil {
		return one.addr
	}
	return ""
}
