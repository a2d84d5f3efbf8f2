// Command report reads the output of "go test -json" from standard input and prints what a person wants of it: a line
// for each package, the whole output of what failed, and every skipped test with its reason.
//
//	go test -json ./... | report [-no-skips [-but REGEXP]] [-failures FILE]
//
// It exits with 1 if a test or a build failed or no package was tested, and with -no-skips also if a test was skipped whose package and
// name, as "fondaco/routes TestX/y", -but does not match. With -failures the end of what each failed test printed is also added to FILE, so
// that a run of many steps can repeat it after its last one.
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
	failures := flag.String("failures", "", "a file to which the output of failed tests is added")
	flag.Parse()
	admitted, err := regexp.Compile(*but)
	if err != nil {
		fmt.Fprintln(os.Stderr, "report: -but:", err)
		os.Exit(1)
	}
	r := newReport(os.Stdout)
	if *failures != "" {
		f, err := os.OpenFile(*failures, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			fmt.Fprintln(os.Stderr, "report: -failures:", err)
			os.Exit(1)
		}
		r.failures = f
	}
	if err := r.read(bufio.NewReader(os.Stdin)); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
	if r.summary(); r.failed > 0 || r.packages == 0 || *noSkips && r.skippedBut(admitted) > 0 {
		os.Exit(1)
	}
}
