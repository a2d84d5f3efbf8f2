// Package driver is what the protocol files asks of a place where files are: a folder of this machine, or of a server.
package driver
