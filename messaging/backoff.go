package messaging

import (
	"math/rand/v2"
	"time"
)

// Backoff is the plan of attempts at one message: full jitter between nothing and a span that doubles from First to
// Max, and after Attempts a dead letter.
type Backoff struct {
	First    time.Duration // span before the second attempt; 1 s if 0
	Max      time.Duration // largest span; 10 min if 0
	Attempts int           // all attempts, the first among them; 10 if 0
}

func (b Backoff) filled() Backoff {
	if b.First <= 0 {
		b.First = time.Second
	}
	if b.Max <= 0 {
		b.Max = 10 * time.Minute
	}
	if b.Attempts <= 0 {
		b.Attempts = 10
	}
	return b
}

// After gives the pause after the given attempt (1 for the first): a random share of its span (full jitter, so that
// what failed together does not come back together), at least a tenth of First.
func (b Backoff) After(attempt int) time.Duration {
	b = b.filled()
	span := b.First
	for i := 1; i < attempt && span < b.Max; i++ {
		span *= 2
	}
	span = min(span, b.Max)
	return max(time.Duration(rand.Int64N(int64(span)+1)), b.First/10)
}
