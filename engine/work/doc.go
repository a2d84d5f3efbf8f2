// Package work is what a project does without a caller who waits: consumers work on messages, schedules publish what is due, watches
// publish what is new in systems, and collectors close batches. It knows no HTTP: whose program is in service, and how accepted requests
// come, is told by whoever joins it to a server.
package work
