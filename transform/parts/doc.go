// Package parts reads and writes bodies of several parts, multipart/form-data above all (RFC 2046 §5.1, RFC 7578), from and to values of
// types: single values are text, objects are JSON, files are octets with a name and a media type.
package parts
