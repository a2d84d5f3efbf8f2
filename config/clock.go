package config

import "time"

// Clock returns the time of what is kept, sent, and compared with such times. A process has one, which is handed down from its start; nil
// is the machine's. How long something takes, and until when something waits, is of the machine's clock everywhere.
// Safe for concurrent use.
type Clock func() time.Time

// Now returns the time.
func (c Clock) Now() time.Time {
	if c == nil {
		return time.Now()
	}
	return c()
}
