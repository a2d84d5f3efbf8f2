package connectors

import (
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
)

// constants are those of the project that a connector is in, as its expressions read them.
type constants struct {
	transform.Constants
	used bool // some expression reads them
}

// scope returns an empty scope whose expressions read the constants.
func (k *constants) scope() *expr.Scope {
	s := expr.NewScope()
	if k != nil {
		k.Declare(s, func() *schema.Use {
			k.used = true
			return nil
		})
	}
	return s
}

// said returns what the expressions have read, for digests; "" if they read nothing.
func (k *constants) said() string {
	if k == nil || !k.used {
		return ""
	}
	return string(codec.AppendJSON(nil, k.Value))
}

// Scope returns an empty scope for expressions of the connector: they read the constants of the project.
func (c *Connector) Scope() *expr.Scope { return c.constants.scope() }

// Scope is that of the operation's connector.
func (op *Operation) Scope() *expr.Scope { return op.constants.scope() }
