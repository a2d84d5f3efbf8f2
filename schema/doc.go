// Package schema holds what every other package speaks: types, and the values that fit them.
//
// A Type comes from a WSDL, an OpenAPI document, a JSON Schema or the checker of mappings; a Value is laid out by its
// type, so that a field is an index and never a look-up. Absent, null and empty are three different things, numbers
// are exact, dates keep the offset they came with.
package schema
