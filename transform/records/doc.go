// Package records reads and writes files of records: CSV in its dialects, fixed width, and lines of JSON. A format is declared in
// YAML, checked when it is loaded, and then reads any file of it in constant memory. The package is pure: it is given an io.Reader
// or an io.Writer, and opens nothing.
package records
