package messaging

import (
	"math/rand/v2"
	"time"
)

// Backoff is the plan of attempts at one message: the pause between attempts doubles from First to Max, and after
// Attempts it becomes a dead letter. What waits for a system that is down uses up no attempt; it may wait for RetryFor.
type Backoff struct {
	First    time.Duration // pause before the second attempt; 1 s if 0
	Max      time.Duration // longest pause; 10 min if 0
	Attempts int           // all attempts, the first among them; 10 if 0
	RetryFor time.Duration // how long a message waits for systems that are down; DefaultRetryFor if 0
}

// DefaultRetryFor is how long a message waits for systems that are down where nothing else is said.
const DefaultRetryFor = 3 * 24 * time.Hour

// Filled returns the plan with what holds in the place of what it does not say.
func (b Backoff) Filled() Backoff {
	if b.First <= 0 {
		b.First = time.Second
	}
	if b.Max <= 0 {
		b.Max = 10 * time.Minute
	}
	if b.Attempts <= 0 {
		b.Attempts = 10
	}
	if b.RetryFor <= 0 {
		b.RetryFor = DefaultRetryFor
	}
	return b
}

// After returns the pause after the given attempt (1 for the first). Chance takes up to half of it away, so that what
// failed together does not come back together.
func (b Backoff) After(attempt int) time.Duration {
	b = b.Filled()
	span := b.First
	for i := 1; i < attempt && span < b.Max; i++ {
		span *= 2
	}
	return jittered(min(span, b.Max))
}

// waiting returns the pause of a message that has waited for a system for so long: it grows with the wait, from First to
// Max, so that the whole wait doubles each time. Chance takes up to half of it away.
func (b Backoff) waiting(waited time.Duration) time.Duration {
	return jittered(max(min(waited, b.Max), min(b.First, b.Max)))
}

func jittered(span time.Duration) time.Duration {
	return span - time.Duration(rand.Int64N(int64(span)/2+1))
}
