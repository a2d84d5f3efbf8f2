//go:build !linux && !darwin

package sqlitefile

import "math"

// freeAt returns how many bytes the disk of a folder has, where that can be asked; elsewhere a write that fails shows it.
func freeAt(string) (int64, error) { return math.MaxInt64, nil }
