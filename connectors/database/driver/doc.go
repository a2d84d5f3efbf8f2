// Package driver is what the protocol database asks of a database: statements with parameters in order, rows of text, and errors
// that say what happened. Each of its engines has a package of its own, which is the home of the library that speaks with it.
package driver
