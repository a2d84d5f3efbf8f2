// Command bench measures, in one run and as ratios, what Fondaco costs beside a plain Go reverse proxy and beside the
// same work written by hand in Go: CPU time of the process under test for each request, from the kernel's accounting,
// and latency as the client sees it. It sends load to loopback only, and ends by itself.
//
// The work, W1 to W5, is described in works.go; the hand-written programs are in baseline.
package main
