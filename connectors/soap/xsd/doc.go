// Package xsd reads XML Schema (1.0, as WSDL 1.1 has it) and compiles it into plans: how values of a type stand in XML. Decoders and
// encoders of a plan read and write messages straight from and to values, and hold them to the schema.
//
// The way is Schemas, which reads documents into elements; Compiler, which makes Plans of what messages reach; Decoders and Encoders, which
// are made of plans. It knows neither WSDL nor envelopes; what is attached to a message beside the envelope it is told by Reading and
// Writing.
package xsd
