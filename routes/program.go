package routes

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/policy"
	"fondaco/messaging"
	"fondaco/routes/callback"
	"fondaco/schema"
	"fondaco/store"
)

// Program is a project ready to run. Its routes serve once Start has returned; until then, and for those whose systems
// could not be opened, they answer 503.
type Program struct {
	Routes     []*Route     // the public ones, in the model's order; not changed
	Consumers  []*Consumer  // those that work on topics, likewise
	Collectors []*Collector // of those that gather messages first
	Schedules  []*Schedule  // those that start by themselves; their consumers are among Consumers
	Watches    []*Watched   // those that something new in a system starts, likewise

	typed       *Typed
	bindings    []*binding
	live        *Live
	open        []*liveSystem // in use until Close
	own         io.Closer     // live, if the program has made it
	now         func() time.Time
	observe     Observer
	log         *slog.Logger // for the steps that write to it
	topics      Topics
	sequences   store.Sequences
	turns       *Turns
	operations  store.Operations
	intents     store.Intents
	collections store.Collections
	wake        store.Wake
	hosts       []*host
	telling     map[string]*telling // by route
	tellTo      func(ctx context.Context, to *url.URL, t callback.Told) error
}

// Topics is where events are published. Safe for concurrent use.
type Topics interface {
	// Publish returns nil once the message is durable. Errors are those of messaging.Publisher.
	Publish(ctx context.Context, topic string, m messaging.Message) error
}

// TopicsOf returns the topics of a broker, which remains the caller's.
func TopicsOf(p messaging.Publisher) Topics { return topicsOf{p} }

type topicsOf struct{ to messaging.Publisher }

func (t topicsOf) Publish(ctx context.Context, topic string, m messaging.Message) error {
	return messaging.Publish(ctx, t.to, topic, m)
}

// noTopics stands where a program was given none.
type noTopics struct{}

func (noTopics) Publish(context.Context, string, messaging.Message) error {
	return errors.New("there is no storage of topics")
}

// Deps is what a running program gets from outside.
type Deps struct {
	Log         *slog.Logger       // nil for none
	Now         func() time.Time   // nil for the machine's clock
	Live        *Live              // what outlives the program; nil for nothing
	Cache       policy.Cache       // for the policy cache, if Live is nil; nil for one in memory
	SharedCache policy.SharedCache // what processes share of it; nil for nothing
	Observe     Observer           // sees every step; nil for nobody
	Operations  store.Operations   // the states of accepted requests; nil for none: nothing can be accepted
	Intents     store.Intents      // the calls that were begun and may not be made again; nil for none: work that comes again makes them again
	Collections store.Collections  // what is gathered; nil for none: nothing can be
	Wake        store.Wake         // notifies of what other processes changed of them; nil: who waits polls
	Sequences   store.Sequences    // rising numbers; nil for none: drawing fails
	Turns       *Turns             // of calls that use such numbers in order; nil for the program's own
	Replays     store.Replays      // what may come once; nil for a memory that ends with the program
	// in a project's tests, who signs what its services are sent: a value of connectors.SignerType. Absent elsewhere
	Signer schema.Value
	Topics Topics // where events are published; nil for nowhere: publishing fails

	// Tell sends the end of a request to the address that its caller gave; nil for over the network. The errors are
	// those of callback.Sender.
	Tell func(ctx context.Context, to *url.URL, t callback.Told) error
}

// replays returns the memory of what may come once, for protocols; nil if there is none.
func (d *Deps) replays() connectors.Replays {
	if d.Replays == nil {
		return nil
	}
	return d.Replays
}

// Typed returns the project that the program was compiled from.
func (p *Program) Typed() *Typed { return p.typed }

// Route finds a public route by its name, nil if there is none.
func (p *Program) Route(id string) *Route {
	for _, r := range p.Routes {
		if r.ID == id {
			return r
		}
	}
	return nil
}
