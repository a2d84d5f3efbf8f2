package store

import "context"

// Ledger counts what each route has accepted and how it ended, over all starts of the process. It shows that nothing
// went away in silence: what is neither done nor dead must be waiting in the route's topics.
type Ledger interface {
	// Add adds to the counts of a route. It is the one write that repeated counts again; callers gather and add rarely.
	Add(ctx context.Context, route string, c Counts) error
	// Routes gives the counts of all routes, by name.
	Routes(ctx context.Context) ([]RouteCounts, error)
}

// Counts are numbers of messages.
type Counts struct{ Accepted, Done, Dead int64 }

// InFlight is what is neither done nor dead.
func (c Counts) InFlight() int64 { return c.Accepted - c.Done - c.Dead }

// RouteCounts are the counts of a route.
type RouteCounts struct {
	Route string
	Counts
}
