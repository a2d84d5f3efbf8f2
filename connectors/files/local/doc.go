// Package local is files in a folder of this machine, or of one that it has mounted.
package local
