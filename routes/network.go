package routes

import (
	"errors"
	"fmt"

	"fondaco/config"
	"fondaco/connectors/network"
)

// Network returns what makes the project's connections, with its references resolved. The error names the place.
func (m *Model) Network() (*network.Guard, error) {
	w := &m.Project.Network
	proxy, err := w.ProxyAddress(m.Source.Lookup)
	if errors.Is(err, config.ErrNoReference) { // which says its place
		return nil, fmt.Errorf("network.proxy: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: network.proxy: %w", w.Proxy.Text.Pos, err)
	}
	rules := network.Rules{AlsoDeny: w.AlsoDeny, Proxy: proxy}
	for _, host := range w.Direct {
		rules.Direct = append(rules.Direct, host.Value)
	}
	return network.New(rules), nil
}

// connect has the model's systems connect by the project's rules; to nothing while those are not known.
func (m *Model) connect() *network.Guard {
	g, err := m.Network()
	if err != nil {
		g = network.Broken(err)
	}
	for _, s := range m.Systems {
		s.Guard(g)
	}
	return g
}
