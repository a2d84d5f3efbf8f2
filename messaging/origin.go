package messaging

import (
	"path"
	"strings"
)

// origin finds the line of a stack at which the panic began, as step.go:12: the first file after the call of panic that
// is not the runtime's.
func origin(stack string) string {
	_, after, found := strings.Cut(stack, "\npanic(")
	if !found {
		after = stack
	}
	for line := range strings.Lines(after) {
		file, ok := strings.CutPrefix(line, "\t")
		if !ok || strings.Contains(file, "/runtime/") {
			continue
		}
		file, _, _ = strings.Cut(strings.TrimSpace(file), " ")
		return path.Base(file)
	}
	return "an unknown line"
}
