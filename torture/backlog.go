package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// backlogLegs are the effects of an order for one of two systems: that which is there, or that which goes away, and in the
// end that of the route on the topic.
var backlogLegs = []leg{
	{name: "order", of: func(r *request) bool { return !waiting(r.Key) }},
	{name: "away", of: func(r *request) bool { return waiting(r.Key) }},
	{name: "follow"},
}

var backlogInHand = map[string]int{"order": 8, "away": 8, "follow": 64}

// waiting reports whether the orders of a key are for the system that goes away.
func waiting(key string) bool { return strings.HasPrefix(key, "b") }

// backlog has a system away, in turns without a listener and answering 503, while thousands of orders for it are accepted,
// and kills the engine amid. Orders for the other system go on all the time, within seconds; when the system is back all
// that waited is done, in the order of its key.
func backlog(ctx context.Context, r *round, times int) error {
	r.routes = 2
	e := r.engines[0]
	gone, err := newAway(r.stub)
	if err != nil {
		return err
	}
	r.closers = append(r.closers, gone.close)
	e.away = gone.at
	if r.broker != nil { // all on one partition: what waits has to leave the window, or nothing else gets in
		if err := r.broker.node.CreateTopic("fondaco.backlog.order", 1); err != nil {
			return err
		}
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	first := 1
	slowest := time.Duration(0)
	for n := range times {
		if n%2 == 0 {
			gone.close()
		} else {
			gone.refuses.Store(true)
		}
		each := max(1, r.w.heap/r.w.clients)
		piled := make(chan struct{})
		go func() {
			defer close(piled)
			r.clients.pile(ctx, r.w.clients, first, each, func(int) string { return e.api })
		}()
		first += each
		if err := r.accepts(ctx, e, r.w.heap/4); err != nil {
			return err
		}
		for range 2 {
			r.killed(e)
			if err := e.start(); err != nil {
				return err
			}
			if err := r.livesBut(ctx, e, "away"); err != nil {
				return err
			}
		}
		select {
		case <-piled:
		case <-ctx.Done():
			return ctx.Err()
		}
		late, err := r.othersGoOn(ctx, 100)
		if err != nil {
			return err
		}
		slowest = max(slowest, late)
		if n%2 == 0 {
			gone.refuses.Store(true)
			if err := gone.open(); err != nil {
				return err
			}
		}
		if err := r.leftAlone(ctx, e, gone); err != nil {
			return err
		}
		gone.refuses.Store(false)
		if err := r.eventually(ctx, 2*r.w.patience, func() string {
			if n := r.ledger.lackingOf("away"); n > 0 {
				return fmt.Sprintf("the system is back, and %d of its orders are not done", n)
			}
			return ""
		}); err != nil {
			return fmt.Errorf("lost: %w; the engine said last:\n%s", err, e.output)
		}
	}
	fmt.Printf("   while %d orders waited others were done within %s\n", r.w.heap, slowest.Round(time.Millisecond))
	return nil
}

// leftAlone edits the engine's files time and again while a system is away whose breaker is open: it is tried as often as
// the breaker says, and not because of an edit.
func (r *round) leftAlone(ctx context.Context, e *engine, gone *away) error {
	const edits = 12
	file := filepath.Join(e.project, "routes", "orders.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, tried, begin := reloads(ctx, e), gone.tried.Load(), time.Now()
	for n := range edits {
		edit := strings.Replace(string(text), "is told on a topic\n", fmt.Sprintf("is told on a topic, %d\n", n+1), 1)
		if n == edits-1 {
			edit = string(text)
		}
		if err := os.WriteFile(file+".new", []byte(edit), 0o600); err != nil {
			return err
		}
		if err := os.Rename(file+".new", file); err != nil {
			return err
		}
		if err := r.eventually(ctx, r.w.patience, func() string {
			if reloads(ctx, e) < before+n+1 {
				return "an edit was not taken up; the engine said last:\n" + e.output.String()
			}
			return ""
		}); err != nil {
			return err
		}
		wait(ctx, 100*time.Millisecond)
	}
	took := time.Since(begin)
	most := trials + int64(took/breakerOpen)
	if n := gone.tried.Load() - tried; n > most {
		r.check("a system that is away was tried %d times in %s with %d edits, expected %d times at most", n, took.Round(time.Millisecond),
			edits, most)
	} else {
		fmt.Printf("   a system that is away was tried %d times in %s with %d edits; %d at most\n", n, took.Round(time.Millisecond), edits, most)
	}
	return nil
}

// breakerOpen is for how long a breaker of the project stays open, before one call goes through; trials is how many may
// besides: those that were under way, and one to the operation where the system's breaker is another.
const (
	breakerOpen = time.Second
	trials      = 2
)

// accepts waits until so many orders wait for the system that is away.
func (r *round) accepts(ctx context.Context, e *engine, many int) error {
	return r.eventually(ctx, 2*r.w.patience, func() string {
		if n := r.ledger.lackingOf("away"); n < many {
			return fmt.Sprintf("%d orders wait for the system that is away, expected %d; the engine said last:\n%s", n, many, e.output)
		}
		return ""
	})
}

// othersGoOn waits for so many orders of the system that is there, told from now on, to have their last effect, and
// returns how long the slowest of them took.
func (r *round) othersGoOn(ctx context.Context, many int) (slowest time.Duration, err error) {
	since := time.Now()
	err = r.eventually(ctx, r.w.patience, func() string {
		done := 0
		done, slowest = r.ledger.paceOf("follow", since)
		if done < many {
			return fmt.Sprintf("silent: %d orders of the system that is there were done beside the backlog, expected %d", done, many)
		}
		return ""
	})
	if err == nil && slowest > progress {
		err = fmt.Errorf("silent: an order of the system that is there took %s beside the backlog, expected %s at most", slowest, progress)
	}
	return slowest, err
}

// lackingOf is how many told orders lack an effect.
func (l *ledger) lackingOf(name string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, r := range l.requests {
		if r.Told && expects(l.legs, name, r) && !l.seen[[2]string{name, id}] {
			n++
		}
	}
	return n
}

// paceOf returns how many orders of the system that is there were told since and have an effect, and the longest time
// between the two.
func (l *ledger) paceOf(name string, since time.Time) (done int, slowest time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.effects {
		r := l.requests[e.ID]
		if e.Leg != name || r == nil || waiting(r.Key) || r.At.Before(since) {
			continue
		}
		done++
		slowest = max(slowest, e.At.Sub(r.At))
	}
	return done, slowest
}

// pile sends orders of keys that wait for nothing but their 202: from is the number of each key's first, and each how
// many it has. It returns when all are told.
func (c *clients) pile(ctx context.Context, keys, from, each int, to func(key int) string) {
	done := make(chan struct{}, keys)
	for k := range keys {
		go func() {
			defer func() { done <- struct{}{} }()
			key := fmt.Sprintf("b%03d", k)
			for n := from; n < from+each; n++ {
				id := fmt.Sprintf("%s-%06d", key, n)
				c.ledger.sent(request{ID: id, Key: key, Number: n})
				if !c.insist(ctx, id, key, n, func() string { return to(k) + "/orders" }) {
					return
				}
			}
		}()
	}
	for range keys {
		<-done
	}
}

// away is the system that goes away: the stub, on an address of its own.
type away struct {
	stub    *stub
	at      string // http://host:port
	refuses atomic.Bool
	tried   atomic.Int64 // so many calls were refused
	server  *http.Server
}

// newAway serves the system. The caller closes it.
func newAway(s *stub) (*away, error) {
	ports, err := quietPorts(1)
	if err != nil {
		return nil, err
	}
	a := &away{stub: s, at: fmt.Sprintf("http://127.0.0.1:%d", ports[0])}
	return a, a.open()
}

func (a *away) open() error {
	listener, err := net.Listen("tcp", strings.TrimPrefix(a.at, "http://"))
	if err != nil {
		return err
	}
	a.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if a.refuses.Load() {
			a.tried.Add(1)
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		a.stub.ServeHTTP(w, q)
	})}
	go func() { _ = a.server.Serve(listener) }()
	return nil
}

func (a *away) close() { _ = a.server.Close() }
