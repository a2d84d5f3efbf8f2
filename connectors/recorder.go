package connectors

import (
	"context"
	"time"
)

// Recorder is told what an exchange does, with names of the project and words of this program alone: no value of a message. Its methods
// are called concurrently, also after the exchange has ended, and do not wait.
type Recorder interface {
	// Called is told of one attempt of a call: where the call stands in the project, its system, operation and effect, which attempt it
	// was, when it began, and the kind of the fault, "" where it was answered.
	Called(place, system, operation, effect string, attempt int, began time.Time, fault string)
	// Published is told of an event: where it is published in the project, its topic and id, when that began, and the kind of the fault,
	// "" where it was.
	Published(place, topic, message string, began time.Time, fault string)
}

// RecorderOf returns the recorder of the exchange that ctx is of, nil for none.
func RecorderOf(ctx context.Context) Recorder {
	if t := TraceOf(ctx); t != nil {
		return t.Recorder
	}
	return nil
}

// attemptKey is where a context holds the number of a call's attempt.
type attemptKey struct{}

// WithAttempt returns a context of a further attempt of a call, counted from 1.
func WithAttempt(ctx context.Context, attempt int) context.Context {
	return context.WithValue(ctx, attemptKey{}, attempt)
}

// AttemptOf returns which attempt of its call ctx is of: 1 if nothing says another.
func AttemptOf(ctx context.Context) int {
	if n, told := ctx.Value(attemptKey{}).(int); told {
		return n
	}
	return 1
}
