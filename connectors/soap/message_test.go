package soap

import (
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// append appends a whole message: security is the content of the header, nil for none. What would be attached is left
// out: a message that has attachments is written with write.
func (m *message) append(dst []byte, v schema.Value, security func(dst []byte) []byte) ([]byte, error) {
	return m.write(&xsd.Writing{}, dst, v, security)
}

// read reads a message whose body is the operation's: its value, or the fault in its place.
func (m *message) read(data []byte, strict bool, header func(s *codec.XMLScanner) error) (schema.Value, *Fault, error) {
	v, f, _, err := m.take(&received{envelope: data}, strict, header)
	return v, f, err
}
