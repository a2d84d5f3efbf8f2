package transform

import (
	"fondaco/config"
	"fondaco/config/diag"
)

// fromNode reads a mapping from YAML.
func fromNode(n *config.Node, out *diag.List) Mapping {
	var m Mapping
	m.Decode(n, out)
	return m
}
