//go:build !planted

package planted

// Is tells whether this build has a bug; it has none.
func Is(string) bool { return false }
