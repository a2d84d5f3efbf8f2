// Command report reads the output of "go test -json" from standard input and prints what a person wants of it: a line
// for each package, the whole output of what failed, and every skipped test with its reason.
//
//	go test -json ./... | report [-no-skips]
//
// It exits with 1 if a test or a build failed or no package was tested, and with -no-skips also if a test was skipped.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
)

func main() {
	noSkips := flag.Bool("no-skips", false, "a skipped test is a failed one")
	flag.Parse()
	r := newReport(os.Stdout)
	if err := r.read(bufio.NewReader(os.Stdin)); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
	if r.summary(); r.failed > 0 || r.packages == 0 || *noSkips && len(r.skips) > 0 {
		os.Exit(1)
	}
}
