package main

import "runtime/debug"

// servingGCPercent is how far the heap may grow between two collections while a project is served. A bus holds little
// and makes much garbage: with Go's 100 it would collect a few megabytes many times a second.
const servingGCPercent = 400

// settle gives back what loading a project took, and lets the heap breathe from here on. GOGC, if it is set, counts.
func settle(w *World) {
	debug.FreeOSMemory()
	if _, said := w.Env("GOGC"); !said {
		debug.SetGCPercent(servingGCPercent)
	}
}
