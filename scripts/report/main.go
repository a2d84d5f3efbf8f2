// Command report reads the output of "go test -json" from standard input and prints what a person wants of it: a line
// for each package, the whole output of what failed, and every skipped test with its reason.
//
//	go test -json ./... | report [-no-skips [-but REGEXP]]
//
// It exits with 1 if a test or a build failed or no package was tested, and with -no-skips also if a test was skipped whose package and
// name, as "fondaco/routes TestX/y", -but does not match.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"regexp"
)

func main() {
	noSkips := flag.Bool("no-skips", false, "a skipped test is a failed one")
	but := flag.String("but", "^$", "tests that may be skipped, by package and name: those of others' suites for what is not promised")
	flag.Parse()
	admitted, err := regexp.Compile(*but)
	if err != nil {
		fmt.Fprintln(os.Stderr, "report: -but:", err)
		os.Exit(1)
	}
	r := newReport(os.Stdout)
	if err := r.read(bufio.NewReader(os.Stdin)); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
	if r.summary(); r.failed > 0 || r.packages == 0 || *noSkips && r.skippedBut(admitted) > 0 {
		os.Exit(1)
	}
}
