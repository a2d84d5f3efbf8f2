// Package spec declares the fields of a YAML object once: the same declaration decodes, checks, documents them, and
// makes the JSON Schema for editors. A declare function fills an Object in the manner of the flag package; it may be
// called many times, so it must do nothing but declare fields and set defaults.
package spec
