package routes

import (
	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/expr"
	"fondaco/transform/typing"
)

// schemaNamed returns the type of a file of the project, or of a place in one, that an expression names. It has the defaults of its fields
// filled in, as bodies have.
func (c *checker) schemaNamed(name config.Text, out *diag.List) expr.Schema {
	if known, ok := c.schemas[name.Value]; ok {
		return known
	}
	own := &diag.List{}
	reader := typing.NewReader(func(file string, at diag.Pos) *config.Node {
		return config.ReadFile(c.model.Source.FS, file, own, at)
	}, own)
	t := reader.Named(name)
	found := expr.Schema{Read: t, Type: t}
	if own.Failed() { // to be told again to whoever asks again: this may be a pass whose problems are dropped
		found.Type = schema.TypeUnknown
		out.Join(own)
		return found
	}
	if full := trigger.WithDefaults(t); full != t {
		found.Type, found.Fill = full, func(v schema.Value) { trigger.Fill(v, t) }
	}
	if c.schemas == nil {
		c.schemas = map[string]expr.Schema{}
	}
	c.schemas[name.Value] = found
	out.Join(own)
	return found
}
