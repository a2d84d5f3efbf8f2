// Package driver is what the protocol files asks of a place where files are: a folder of this machine.
// Servers, as of SFTP, are to have a driver each.
package driver
