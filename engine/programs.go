package engine

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"fondaco/engine/work"
	"fondaco/routes"
	"fondaco/routes/generation"
	"fondaco/server"
	"fondaco/server/metrics"
)

// program is a project in service: what answers requests, and what works without them. Both end together.
type program struct {
	routing *server.Routing
	work    work.Program
	close   func(ctx context.Context) error
}

// programs are those in service, one after the other, as server.Programs.
type programs struct {
	all    *generation.Series[*program]
	work   *work.Work
	number metrics.Counter
	grace  time.Duration

	stopping sync.Once
}

// newPrograms returns programs of which none is in service, and begins the work of topics. Closing one may take as long as grace; what
// fails is logged. Whoever asked for it calls Stop.
func newPrograms(topics work.Topics, log *slog.Logger, grace time.Duration, measured *metrics.Registry) *programs {
	grace = cmp.Or(grace, server.DefaultGrace)
	p := &programs{grace: grace, number: measured.Counter("fondaco_programs_total", "Programs taken into service since the start.")}
	p.all = generation.New(func(old *program) {
		ctx, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		if err := old.close(ctx); err != nil {
			log.Error("closing a program", "error", err)
		}
	})
	p.work = work.New(work.Deps{Topics: topics, Programs: consumersOf{p.all}, Metrics: measured, Log: log})
	return p
}

// swap takes a program into service in the place of the one before, which ends after its last exchange. On an error nothing changes, and
// next is the caller's to close.
func (p *programs) swap(next *program) error {
	if err := p.all.Swap(next); err != nil {
		return err
	}
	p.work.Take(next.work)
	p.number.Inc()
	return nil
}

// Take returns what answers requests, for the server.
func (p *programs) Take() (*server.Routing, server.Lease) {
	g := p.all.Take()
	if g == nil {
		return nil, nil
	}
	return g.Program.routing, g
}

// Stop ends the work on messages, then the programs: requests have ended before. Called again, it does nothing.
func (p *programs) Stop(ctx context.Context) (err error) {
	p.stopping.Do(func() {
		p.work.Stop(ctx)
		err = p.all.Stop(ctx)
	})
	return err
}

// abandon is Stop where nothing was served.
func (p *programs) abandon() error {
	ctx, cancel := context.WithTimeout(context.Background(), p.grace)
	defer cancel()
	return p.Stop(ctx)
}

// consumersOf are the programs as work sees them.
type consumersOf struct{ all *generation.Series[*program] }

// Take returns the consumers of the program in service.
func (c consumersOf) Take() ([]*routes.Consumer, work.Lease) {
	g := c.all.Take()
	if g == nil {
		return nil, nil
	}
	return g.Program.work.Consumers, g
}
