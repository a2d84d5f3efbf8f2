// Command explored reads what scripts/fuzz ran from standard input and prints a line for each fuzz target: how often it ran
// and what it found that was new.
//
// It exits with 1 if a target failed, or explored nothing: none of its inputs, of this run and of those before that Go's
// cache keeps, reached code that its seeds had not reached. Such a target is no test.
package main

import (
	"fmt"
	"os"
)

func main() {
	targets, err := read(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "explored:", err)
		os.Exit(1)
	}
	if bad := summary(os.Stdout, targets); bad > 0 || len(targets) == 0 {
		fmt.Fprintf(os.Stderr, "explored: %d of %d targets are no test\n", bad, len(targets))
		os.Exit(1)
	}
}
