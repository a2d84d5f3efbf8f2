// Package connectors reads connectors and systems and calls them. A connector is a reusable YAML description of one
// kind of system; a system is a connector bound in a project. Looking for connectors to read? They are in
// examples/dime/connectors.
package connectors
