//go:build planted

package planted

import "os"

// bug is the one that this process has.
var bug = os.Getenv("FONDACO_PLANT") //nolint:forbidigo // a build for tests alone

// Is tells whether this process has a bug.
func Is(name string) bool { return bug == name }
