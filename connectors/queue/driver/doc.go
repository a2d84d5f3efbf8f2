// Package driver is what the protocol queue asks of a message broker: a driver is a folder beside this one, and the home of its
// libraries.
package driver
