package routestest

import (
	"strings"

	"fondaco/config"
	"fondaco/connectors"
	"fondaco/schema"
)

// signer returns who signs the message to a service: whom the test says, and otherwise somebody who does not exist.
func signer(n *config.Node) schema.Value {
	var made []schema.Value
	for _, f := range connectors.SignerType.Fields {
		text := map[string]string{"subject": "CN=test", "issuer": "CN=authority", "fingerprint": strings.Repeat("0", 64), "key": "sha256:" +
			strings.Repeat("0", 64)}[f.Name]
		if v := n.Get(f.Name); v != nil {
			text = v.Text.Value
		}
		made = append(made, schema.Text(text))
	}
	return schema.RecordOf(connectors.SignerType, made...)
}
