package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// What is measured: orders of 50 ms each, which one node works on 16 at a time, and a schedule of each second.
const (
	orderTakes = 50 * time.Millisecond
	orders     = 5000
	window     = 2 * time.Second
)

var measured = map[string]string{
	"fondaco.yaml": `project: measured
title: What is measured
systems:
  desk: { connector: ./connectors/desk, params: { endpoint: "${env.DESK}" }, concurrency: 256 }
storage: { state: "${env.STATE}", topics: "${env.TOPICS}" }
`,
	"connectors/desk/connector.yaml": `connector: desk
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  work: { put: "/work/{id}", effect: idempotent, path: { id: { type: integer } }, answer: { type: object, properties: {} } }
  tick: { put: "/tick/{at}", effect: idempotent, path: { at: { type: string } }, answer: { type: object, properties: {} } }
`,
	"routes/work.yaml": `routes:
  order:
    http: POST /orders
    auth: none
    accept: async
    work: { workers: 16 }
    body: { type: object, required: [id], properties: { id: { type: integer } } }
    steps:
      - call: desk.work
        with: { id: "${body.id}" }
    respond: { status: 204 }
  tick:
    schedule: { every: 1s, misfire: all }
    steps:
      - call: desk.tick
        with: { at: "${text(schedule.time)}" }
`,
}

// desk is the system: when each order was done, and how late each tick came.
type desk struct {
	mu    sync.Mutex
	done  []time.Time
	ticks map[string]time.Duration
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at, isTick := strings.CutPrefix(r.URL.Path, "/tick/")
	if due, err := time.Parse(time.RFC3339, at); isTick && err == nil {
		d.mu.Lock()
		if _, came := d.ticks[at]; !came {
			d.ticks[at] = time.Since(due)
		}
		d.mu.Unlock()
	} else {
		<-time.After(orderTakes)
		d.mu.Lock()
		d.done = append(d.done, time.Now())
		d.mu.Unlock()
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{}"))
}

// rate returns how many orders a second were done at most over a window since a moment, and how many in all.
func (d *desk) rate(since time.Time) (most float64, all int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	first := 0
	for i, at := range d.done {
		for d.done[first].Before(since) || at.Sub(d.done[first]) > window {
			if first++; first == i {
				break
			}
		}
		most = max(most, float64(i-first+1)/window.Seconds())
	}
	return most, len(d.done)
}

// latest returns how late the latest tick came, and forgets all.
func (d *desk) latest() (late time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, took := range d.ticks {
		late = max(late, took)
	}
	d.ticks = map[string]time.Duration{}
	return late
}

// measure prints what three nodes do beside one, and how long the others take to go on when one is killed or stops.
func measure(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "fondaco-measure-")
	if err != nil {
		return err
	}
	c := &cluster{options: o, life: ctx, dir: dir, closers: []func(){func() { _ = os.RemoveAll(dir) }}}
	defer c.end()
	if c.program, err = filepath.Abs(o.program); err != nil {
		return err
	}
	if err := writeProject(filepath.Join(dir, "project"), measured); err != nil {
		return err
	}
	for _, add := range []func(context.Context) error{c.addPostgres, c.addKafka} {
		if err := add(ctx); err != nil {
			return err
		}
	}
	d := &desk{ticks: map[string]time.Duration{}}
	at, err := c.listens(ctx, "127.0.0.1:0", d)
	if err != nil {
		return err
	}
	state := c.part("postgres").address
	env := []string{"STATE=" + state, "DESK=" + at}
	if err := c.migrate(ctx, c.program, filepath.Join(dir, "project"), append(env, "TOPICS=kafka://"+c.part("kafka").address)); err != nil {
		return err
	}
	var apis []string
	node := func(name string) error {
		topics := fmt.Sprintf("TOPICS=kafka://%s?session=3s&instance=%s", c.part("kafka").address, name)
		_, n, err := c.addNode(ctx, name, filepath.Join(dir, "project"), append(env, topics), "--no-watch")
		if err == nil {
			apis = append(apis, n.api.String())
		}
		return err
	}
	if err := node("node-1"); err != nil {
		return err
	}
	if o.handOvers > 0 {
		for _, name := range []string{"node-2", "node-3"} {
			if err := node(name); err != nil {
				return err
			}
		}
		return c.measureTakeover(ctx, d, handOver, o.handOvers)
	}
	sent := acceptAll(ctx, apis[0])
	fmt.Printf("accepted by one node: %.0f orders a second\n", sent)
	since := time.Now()
	pauseFor(ctx, window+window/2)
	one, done := d.rate(since)
	if done > orders-100 {
		return fmt.Errorf("%d of %d orders were done while they were accepted: nothing is left to measure", done, orders)
	}
	for _, name := range []string{"node-2", "node-3"} {
		if err := node(name); err != nil {
			return err
		}
	}
	since = time.Now()
	for all := 0; all < orders && ctx.Err() == nil; _, all = d.rate(since) {
		pauseFor(ctx, window/4)
	}
	three, _ := d.rate(since)
	fmt.Printf("done by one node %.0f a second, by three %.0f: %.2f times (target 2.5)\n", one, three, three/one)
	for _, how := range []takeover{{"takeover after kill -9", "kill", 5 * time.Second}, handOver} {
		if err := c.measureTakeover(ctx, d, how, 6); err != nil {
			return err
		}
	}
	return nil
}

// writeProject writes the files of a project, by name, into a folder.
func writeProject(dir string, files map[string]string) error {
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// takeover is a way in which others come to go on with what one did.
type takeover struct {
	what, does string
	target     time.Duration
}

var handOver = takeover{"planned hand-over", "stop", time.Second}

// measureTakeover prints how late the schedule's runs come when nodes end, one after the other.
func (c *cluster) measureTakeover(ctx context.Context, d *desk, how takeover, times int) error {
	var late, took []time.Duration
	for i := range times {
		pauseFor(ctx, 10*time.Second)
		d.latest()
		p := c.part(fmt.Sprintf("node-%d", i%3+1))
		begin := time.Now()
		if _, err := p.do(ctx, how.does); err != nil {
			return err
		}
		took = append(took, time.Since(begin).Round(10*time.Millisecond))
		pauseFor(ctx, 8*time.Second)
		late = append(late, d.latest().Round(10*time.Millisecond))
		if _, err := p.do(ctx, "start"); err != nil {
			return err
		}
	}
	slices.Sort(late)
	slices.Sort(took)
	most := len(late) - 1
	fmt.Printf("%s: the tick of a second came late by %v at most, half of %d times by %v (target %s); the node had ended after %v at most, "+
		"half within %v\n   each: %v\n", how.what, late[most], times, late[most/2], how.target, took[most], took[most/2], late)
	return ctx.Err()
}

// acceptAll has all orders accepted, and returns how many a second were.
func acceptAll(ctx context.Context, api string) float64 {
	begin := time.Now()
	next := make(chan int)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for i := range next {
				for ctx.Err() == nil {
					r, err := http.NewRequestWithContext(ctx, http.MethodPost, api+"/orders", strings.NewReader(fmt.Sprintf(`{"id":%d}`, i)))
					if err != nil {
						return
					}
					r.Header.Set("Content-Type", "application/json")
					a, err := http.DefaultClient.Do(r)
					if err == nil {
						_ = a.Body.Close()
					}
					if err == nil && a.StatusCode == http.StatusAccepted {
						break
					}
				}
			}
		})
	}
	for i := range orders {
		next <- i
	}
	close(next)
	all.Wait()
	return orders / time.Since(begin).Seconds()
}

func pauseFor(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
