package config

import (
	"bytes"
	"regexp"

	"gopkg.in/yaml.v3"
)

// unlikeText are texts that a YAML 1.1 parser takes for a truth value, a number in base 60 or a merge key.
var unlikeText = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|<<|=|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9]*)?)$`)

// YAML returns a JSON document as YAML in blocks, its members in their order. Numbers stay as they are written, and no text
// turns into anything else under a parser of YAML 1.1. The error says that json is not valid.
func YAML(json []byte) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(json, &root); err != nil {
		return nil, err
	}
	inBlocks(&root)
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(&root); err != nil {
		return nil, err
	}
	return out.Bytes(), e.Close()
}

func inBlocks(n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" || !unlikeText.MatchString(n.Value) {
		n.Style = 0
	}
	for _, c := range n.Content {
		inBlocks(c)
	}
}
