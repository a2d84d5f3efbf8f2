// Package spec declares the fields of a YAML object once: the same declaration decodes, checks, documents them, and
// gives editors their JSON Schema. A declare function fills an Object in the manner of the flag package; it may be
// called many times, so it must do nothing but declare fields and set defaults.
package spec
