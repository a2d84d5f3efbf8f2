package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// How many messages an engine has in hand at once, by leg: what a kill may double. An order's operation is done before
// its worker takes the next, so eight workers leave eight; a record of a topic is finished beside its worker, and the
// subscription gives out 64 at most.
var inFlight = map[string]int{"order": 8, "follow": 64}

// session is the silence after which the cluster holds an engine to be dead.
const session = 3 * time.Second

// round is one scenario at work: a system, clients, and engines with files of their own.
type round struct {
	w       *workshop
	name    string
	dir     string
	seed    uint64
	random  *rand.Rand
	ledger  *ledger
	stub    *stub
	clients *clients
	engines []*engine
	broker  *broker  // nil where topics are embedded
	cluster *cluster // nil where each engine has a state of its own
	checks  []string
	told    string                               // a line of the scenario's own
	bound   map[string]int                       // what a kill may double, by leg
	rows    func(told int, rows []account) error // what fondaco topics must say in the end
	routes  int                                  // of how many it must tell
	brokers int                                  // how often the broker is killed
	apart   bool                                 // the engines are of projects of their own
	spread  bool                                 // each request goes to the next engine, as a balancer assigns them
	dealt   map[string]int                       // how often each trouble of a cluster came
	down    atomic.Int32                         // one more than the number of an engine that clients avoid; 0 for none
	closers []func()
}

// newRound prepares a system and the scenario's engines, whose topics are embedded, or on the broker. The caller closes it.
func newRound(w *workshop, s *scenario, b *broker, shared *cluster, env ...string) (r *round, err error) {
	legs, bound, name := s.legs, s.bound, s.name
	if legs == nil {
		legs, bound = twoLegs, inFlight
	}
	r = &round{w: w, name: name, seed: w.seed, random: rand.New(rand.NewPCG(w.seed, 1)), bound: bound, broker: b, cluster: shared}
	if r.dir, err = w.folder(); err != nil {
		return nil, err
	}
	storage := "sqlite"
	if b != nil {
		storage = "kafka"
	}
	if shared != nil {
		storage = onCluster
	}
	if r.ledger, err = newLedger(filepath.Join(w.ledgers, fmt.Sprintf("%02d-%s-%s", w.folders, storage, name)), name, storage,
		legs); err != nil {
		return nil, err
	}
	r.closers = append(r.closers, r.ledger.close)
	if r.stub, err = newStub(r.ledger, 10); err != nil {
		r.close()
		return nil, err
	}
	r.closers = append(r.closers, r.stub.close)
	r.clients = newClients(r.ledger, w.seed, w.token)
	r.rows, r.routes = r.allDone, len(legs)
	for i := range s.engines {
		topics := "TOPICS=embedded"
		if b != nil {
			topics = fmt.Sprintf("TOPICS=kafka://%s?instance=%s-%d&session=%s", b.addr(), name, i, session)
		}
		extra := env
		if shared != nil {
			extra = append(shared.env(i), env...)
		}
		place := filepath.Join(r.dir, fmt.Sprint("node", i))
		e, err := newEngine(w, fmt.Sprint("node", i), r.stub,
			append([]string{"STATE=" + filepath.Join(place, "state.db"), "DESK=" + r.stub.origin, "CACHE=memory", topics}, extra...)...)
		if err == nil && shared != nil {
			err = shared.ways.house(i, e, r.stub)
		}
		if err == nil && s.serves != "" {
			e.project, e.watches = filepath.Join(place, s.serves), true
			project := ""
			if len(s.projects) > 0 {
				project = s.projects[i]
			}
			err = w.copyAs(s.serves, project, e.project)
		}
		if err != nil {
			r.close()
			return nil, err
		}
		r.engines = append(r.engines, e)
		r.closers = append(r.closers, e.kill)
	}
	return r, nil
}

func (r *round) close() {
	for i := len(r.closers) - 1; i >= 0; i-- {
		r.closers[i]()
	}
}

// begin starts the engines and, when they are ready, the clients. It waits until work is under way.
func (r *round) begin(ctx context.Context) error {
	for _, e := range r.engines {
		if err := e.start(); err != nil {
			return err
		}
	}
	for _, e := range r.engines {
		if err := e.ready(ctx); err != nil {
			return err
		}
	}
	r.load(ctx)
	return r.flows(ctx, 200)
}

// load begins the clients: each key's has the engine of its number, or any where requests are spread.
func (r *round) load(ctx context.Context) {
	var turn atomic.Int64
	r.clients.begin(ctx, r.w.clients, func(k int) string {
		i := k % len(r.engines)
		if r.spread {
			i = int(turn.Add(1)) % len(r.engines)
		}
		if int(r.down.Load()) == i+1 {
			i = (i + 1) % len(r.engines)
		}
		return r.engines[i].api
	})
}

// flows waits for so many more effects.
func (r *round) flows(ctx context.Context, more int) error {
	want := r.ledger.size() + more
	return r.eventually(ctx, max(30*time.Second, r.w.patience), func() string {
		if n := r.ledger.size(); n < want {
			return fmt.Sprintf("the work does not go on: %d effects, expected %d", n, want)
		}
		return ""
	})
}

// killed notes and does kill -9.
func (r *round) killed(e *engine) {
	r.ledger.disturb(disturbance{What: "the kill of " + e.run(), Run: e.run(), Bound: r.bound})
	e.kill()
}

// eventually waits until what returns "".
func (r *round) eventually(ctx context.Context, within time.Duration, what func() string) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		said := what()
		if said == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s (%s)", said, within)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// settle ends the load, waits until all that was accepted is done, and holds the ledgers against each other, and what
// the engine itself says: its operations and its account of the topics.
func (r *round) settle(ctx context.Context) (*verdict, error) {
	r.clients.finish()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("the time is over: %w", err)
	}
	late := r.done(ctx)
	if late != nil {
		r.check("in the end %v", late)
		for _, e := range r.engines {
			rows, err := e.topics(ctx)
			status, ready, _ := get(ctx, e.console+"/readyz")
			r.check("the topics of %s: %+v %v; its readiness: %d %s; it said last:\n%s", e.name, rows, err, status, ready, e.output)
		}
	}
	for last, since := -1, time.Now(); ; { // what is done twice comes late
		if n := r.ledger.size(); n != last {
			last, since = n, time.Now()
		}
		if time.Since(since) > time.Second {
			break
		}
		pause(50 * time.Millisecond)
	}
	v, err := r.ledger.judge()
	if err != nil {
		return nil, err
	}
	if late == nil {
		// of nodes of one project each keeps its own, and does not hear of what another did
		if len(r.engines) == 1 || r.apart || r.cluster != nil {
			r.operations(ctx)
		}
		r.conserved(ctx, v.Told)
	}
	return v, nil
}

// done waits until all that was accepted is done.
func (r *round) done(ctx context.Context) error {
	return r.eventually(ctx, r.w.patience, func() string {
		if n := r.ledger.missing(); n > 0 {
			return fmt.Sprintf("%d effects are missing", n)
		}
		return ""
	})
}

// check notes what is not as it must be.
func (r *round) check(format string, args ...any) {
	r.checks = append(r.checks, fmt.Sprintf(format, args...))
}

// operations asks for the operation of each accepted request: it must be done, or failed where nobody knew what became of it.
func (r *round) operations(ctx context.Context) {
	var mu sync.Mutex
	var all sync.WaitGroup
	wrong, example := 0, ""
	work := make(chan [2]string)
	for range 8 {
		all.Go(func() {
			for x := range work {
				mu.Lock()
				enough := wrong >= 20
				mu.Unlock()
				if enough {
					continue
				}
				err := r.eventually(ctx, 5*time.Second, func() string {
					api, place, _ := strings.Cut(x[1], "|")
					for _, e := range r.engines {
						if e.api != api {
							continue
						}
						if state, err := e.operation(ctx, place); err != nil {
							return err.Error()
						} else if want := r.ledger.ends(x[0]); state != want {
							return "it is " + state + ", expected " + want
						}
					}
					return ""
				})
				if err != nil {
					mu.Lock()
					wrong++
					example = fmt.Sprintf("%s: %v", x[0], err)
					mu.Unlock()
				}
			}
		})
	}
	for id, place := range r.ledger.places() {
		work <- [2]string{id, place}
	}
	close(work)
	all.Wait()
	if wrong > 0 {
		r.check("operations are not as they must be, %d of those asked for, as %s", wrong, example)
	}
}

// conserved asks for the account of the topics: accepted = done + in flight, as nothing may have ended otherwise, and nothing is in flight.
func (r *round) conserved(ctx context.Context, told int) {
	err := r.eventually(ctx, 20*time.Second, func() string {
		var wrong []error
		for _, e := range r.engines {
			rows, err := e.topics(ctx)
			if err != nil {
				return err.Error()
			}
			wrong = append(wrong, r.rows(told, rows))
		}
		if err := errors.Join(wrong...); err != nil {
			return err.Error()
		}
		return ""
	})
	if err != nil {
		r.check("%v", err)
	}
}

// allDone reports what is wrong with an account in which each message must have been done.
func (r *round) allDone(told int, rows []account) error {
	var wrong []error
	seen := 0
	for _, a := range rows {
		if a.Route == "" {
			continue
		}
		seen++
		if a.Accepted != a.Done+a.undone()+a.InFlight || a.InFlight != 0 || a.undone() != 0 || a.Accepted < int64(told) || a.State != "working" {
			wrong = append(wrong, fmt.Errorf("fondaco topics says %+v of %d accepted requests", a, told))
		}
	}
	if seen != r.routes {
		wrong = append(wrong, fmt.Errorf("fondaco topics lists %d routes: %+v", seen, rows))
	}
	return errors.Join(wrong...)
}
