// Package dime is the example city, as the program carries it: the files of this folder, which "fondaco demo" serves where there is no
// project and "fondaco demo --into" writes out.
package dime

import "embed"

// Files is the project, fondaco.yaml at its root. It is read from the program's file when it is asked for, and can only be read.
//
//go:embed fondaco.yaml README.md all:.fondaco callers connectors interfaces keys routes schemas tests
var Files embed.FS
