// Package server is the public API: it listens, lets nothing ambiguous in, finds the route, asks who calls, runs the
// exchange and answers; every error leaves as application/problem+json. A second listener, the console's, carries
// metrics, health and profiles, which never appear on the public one.
package server
