package driver

import (
	"math/rand/v2"
	"time"
)

// Pause is how long it is to the next attempt to connect: it grows with each failure, and the first two cost nothing. The zero value is
// ready. It is not safe for concurrent use.
type Pause struct {
	failures int
	until    time.Time
	last     error
}

// The bounds of a pause.
const (
	pauseLeast = 200 * time.Millisecond
	pauseMost  = 15 * time.Second
	pauseFree  = 2 // failures: a broker that restarts is connected to at once
)

// Held returns why no attempt is to be made now, nil if one is.
func (p *Pause) Held(now time.Time) error {
	if now.Before(p.until) {
		return p.last
	}
	return nil
}

// Failed notes a failure.
func (p *Pause) Failed(now time.Time, err error) {
	p.last = err
	if p.failures++; p.failures <= pauseFree {
		return
	}
	d := min(pauseLeast<<min(p.failures-pauseFree-1, 10), pauseMost)
	p.until = now.Add(d/2 + rand.N(d/2))
}

// Succeeded begins anew.
func (p *Pause) Succeeded() { *p = Pause{} }
