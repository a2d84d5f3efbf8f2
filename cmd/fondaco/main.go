// Command fondaco serves a city's API from a project's YAML, checks it, explains it, tests it and simulates the systems
// behind it.
package main

import "os"

func main() {
	quietLibraries(os.Stderr)
	w, ctx, stop := processWorld()
	code := run(ctx, w)
	stop()
	os.Exit(code)
}
