package server

import (
	"sync"
	"time"

	"fondaco/store"
)

// accepting knows the keys of the requests that this process is accepting now. Safe for concurrent use.
type accepting struct {
	mu   sync.Mutex
	keys map[[2]string]int
}

// settled is the grace period before a reservation of another process counts as abandoned.
const settled = 2 * time.Second

// begin notes that a claim's request is being accepted; the function that it returns ends that.
func (a *accepting) begin(c store.Claim) (end func()) {
	key := [2]string{c.Scope, c.Key}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.keys == nil {
		a.keys = map[[2]string]int{}
	}
	a.keys[key]++
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.keys[key]--; a.keys[key] == 0 {
			delete(a.keys, key)
		}
	}
}

// abandoned reports that whoever reserved the claim's key is at it no more: its process was killed, or its caller was told
// that the outcome is unknown. Such a request need not wait for the end of the reservation's lease: it is accepted again
// under the same id, and done once. mine is how many of those at it here are the caller's own. age is how long ago
// the key was reserved.
func (a *accepting) abandoned(c store.Claim, age time.Duration, mine int) bool {
	return a.by(c) <= mine && (age >= settled || age < -settled)
}

// by returns how many requests with the claim's key this process has in hand.
func (a *accepting) by(c store.Claim) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.keys[[2]string{c.Scope, c.Key}]
}
