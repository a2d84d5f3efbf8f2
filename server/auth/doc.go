// Package auth finds out who calls, and whether they may. A Scheme reads a request's head and returns a User; jwt is the
// first. What is not surely right is refused: a key that cannot be fetched answers 503, never 200.
package auth
