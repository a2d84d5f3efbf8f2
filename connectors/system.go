package connectors

import (
	"fmt"

	"fondaco/config"
	"fondaco/config/diag"
)

// System is a connector bound in a project, with its parameters. Its policies are read by connectors/policy from
// Policies.
type System struct {
	Name      string
	Connector *Connector // nil if it could not be read
	Params    map[string]config.Ref
	Policies  *config.Node // the system's whole node in fondaco.yaml, for the policies' fields
	Pos       diag.Pos
	lookup    func(space, name string) (value string, secret, ok bool)
	override  map[string]string
}

// Bind says where environment and secrets come from (config.Source.Lookup). Call it before Resolve.
func (s *System) Bind(lookup func(space, name string) (value string, secret, ok bool)) {
	s.lookup = lookup
}

// Override gives a parameter another value, as the address of a simulator.
func (s *System) Override(param, value string) {
	if s.override == nil {
		s.override = map[string]string{}
	}
	s.override[param] = value
}

// Resolve gives what a text of the connector with references (${param.endpoint}) stands for in this system. secret
// tells that a secret is in it. The error names the reference that cannot be resolved, never a value.
func (s *System) Resolve(r config.Ref) (text string, secret bool, err error) {
	return r.Resolve(func(space, name string) (string, bool, bool) {
		if space != "param" {
			if s.lookup == nil {
				return "", false, false
			}
			return s.lookup(space, name)
		}
		v, hidden, err := s.Param(name)
		return v, hidden, err == nil
	})
}

// Param gives the value of a parameter.
func (s *System) Param(name string) (value string, secret bool, err error) {
	p := s.Connector.Param(name)
	if p == nil {
		return "", false, fmt.Errorf("system %s has no parameter %q", s.Name, name)
	}
	if v, ok := s.override[name]; ok {
		return v, p.Secret, nil
	}
	ref, given := s.Params[name]
	if !given {
		if p.Required {
			return "", false, fmt.Errorf("system %s: parameter %q is not given", s.Name, name)
		}
		return p.Default, p.Secret, nil
	}
	v, hidden, err := ref.Resolve(func(space, name string) (string, bool, bool) {
		if s.lookup == nil {
			return "", false, false
		}
		return s.lookup(space, name)
	})
	if err != nil {
		return "", false, fmt.Errorf("system %s, parameter %q: %w", s.Name, p.Name, err)
	}
	return v, hidden || p.Secret, nil
}
