package connectors

import "fondaco/schema"

// Sample makes up an input of an operation, with as many fields as go together.
func (c *Connector) Sample(op *Operation) (schema.Value, error) {
	if op.of == nil && c.Protocol != nil && c.Protocol.Sample != nil {
		if v, ok := c.Protocol.Sample(op); ok {
			return op.laid(v), nil
		}
	}
	return schema.Sample(op.Input, schema.Every)
}

// laid returns a value of the wire's input as one of the operation's: without the session's ticket.
func (op *Operation) laid(v schema.Value) schema.Value {
	if v.Kind() != schema.KindRecord || op.Input.Kind != schema.KindRecord {
		return v
	}
	slots := schema.Slots(op.Input)
	for i, f := range op.Input.Fields {
		slots[i+1] = v.Get(f.Name)
	}
	return schema.Record(op.Input, slots)
}
