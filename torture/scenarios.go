package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// scenario is a way to make things go wrong.
type scenario struct {
	name     string
	storages []string // on which it makes sense
	engines  int
	short    int      // how often it happens in CI
	full     int      // and in all
	brief    int      // as short, on Kafka, where a start takes longer; short if 0
	long     []string // storages on which it takes minutes: CI leaves it out there
	does     func(ctx context.Context, r *round, times int) error
	each     time.Duration  // what one time takes; half a minute if 0
	alone    bool           // it has its own end: the ledgers are not held against each other
	serves   string         // which project; "project" if empty
	projects []string       // the names of the engines' projects, where they are not of one
	legs     []leg          // what accepted orders must have; twoLegs if nil
	bound    map[string]int // what a kill may double, by leg; inFlight if nil
}

// inShort returns how often it happens in CI.
func (s *scenario) inShort(storage string) int {
	if storage == "kafka" && s.brief > 0 {
		return s.brief
	}
	return s.short
}

// scenarios is the table of contents.
var scenarios = []*scenario{
	{name: "kills", storages: []string{"sqlite", "kafka"}, engines: 1, short: 25, brief: 15, full: 500, does: kills},
	{
		name: "city", storages: []string{"sqlite", "kafka"}, engines: 1, short: 6, brief: 3, full: 120, does: city,
		serves: "city", legs: cityLegs, bound: cityInHand,
	},
	{name: "rename", storages: []string{"sqlite", "kafka"}, engines: 1, short: 3, brief: 2, full: 60, does: renames, serves: "project"},
	{
		name: "once", storages: []string{"sqlite", "kafka"}, engines: 1, short: 6, brief: 4, full: 120, does: once,
		serves: "once", legs: onceLegs, bound: onceInHand,
	},
	{
		name: "backlog", storages: []string{"sqlite", "kafka"}, engines: 1, short: 1, full: 10, long: []string{"kafka"}, does: backlog,
		serves: "backlog", legs: backlogLegs, bound: backlogInHand,
	},
	{
		name: "redis", storages: []string{"sqlite", "kafka"}, engines: 1, short: 4, brief: 4, full: 60, does: redisDies,
		serves: "once", legs: onceLegs, bound: onceInHand,
	},
	{name: "stop", storages: []string{"sqlite", "kafka"}, engines: 1, short: 4, full: 40, does: stops},
	{name: "frozen", storages: []string{"sqlite", "kafka"}, engines: 1, short: 1, full: 8, does: freezes},
	{name: "frozen-broker", storages: []string{"kafka"}, engines: 1, short: 1, full: 8, does: brokerFreezes},
	{name: "outage", storages: []string{"kafka"}, engines: 1, short: 1, full: 3, does: outages},
	{name: "disk-full", storages: []string{"sqlite"}, engines: 1, short: 1, full: 8, does: diskFulls},
	{name: "fsync", storages: []string{"sqlite"}, engines: 1, short: 1, full: 8, does: fsyncFails},
	{
		name: "memory", storages: []string{"sqlite"}, engines: 1, short: 1, full: 3, long: []string{"sqlite"}, each: time.Minute,
		does: memory, serves: "memory",
	},
	{name: "two-nodes", storages: []string{"kafka"}, engines: 2, short: 1, full: 8, does: twoNodes},
	{name: "kills", storages: []string{onCluster}, engines: nodes, short: 5, full: 120, does: clusterKills, serves: "cluster"},
	{
		name: "neighbours", storages: []string{"kafka"}, engines: 2, short: 3, full: 60, does: neighbours,
		serves: "neighbours", projects: []string{north, south}, legs: neighbourLegs, bound: neighbourInHand,
	},
	{name: "cut-off", storages: []string{"kafka"}, engines: 1, short: 1, full: 1, does: cutOff, alone: true},
}

// errSkipped: this machine cannot run a scenario; in CI it must.
var errSkipped = errors.New("skipped")

// stops ends the engine as its owner does, again and again: nothing is doubled.
func stops(ctx context.Context, r *round, times int) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	e := r.engines[0]
	for range times {
		if err := r.flows(ctx, 100+r.random.IntN(200)); err != nil {
			return err
		}
		e.end(syscall.SIGTERM)
		if err := e.start(); err != nil {
			return err
		}
		if err := e.ready(ctx); err != nil {
			return err
		}
	}
	return nil
}

// freezes has the engine stand still under load. What it had asked for may have happened while it could not listen.
func freezes(ctx context.Context, r *round, times int) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	still := 3 * time.Second
	if r.broker != nil {
		still = session + 4*time.Second // the cluster holds it to be dead
	}
	for range times {
		if err := r.flows(ctx, 100); err != nil {
			return err
		}
		over := r.ledger.disturb(disturbance{What: "standing still", Bound: inFlight})
		if err := r.engines[0].signal(syscall.SIGSTOP); err != nil {
			return err
		}
		wait(ctx, still)
		if err := r.engines[0].signal(syscall.SIGCONT); err != nil {
			return err
		}
		time.AfterFunc(6*time.Second, over)
	}
	return r.flows(ctx, 100)
}

// brokerFreezes has the broker stand still: connections stay open and nothing answers.
func brokerFreezes(ctx context.Context, r *round, times int) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	for range times {
		if err := r.flows(ctx, 100); err != nil {
			return err
		}
		over := r.ledger.disturb(disturbance{What: "a broker that stood still", Bound: inFlight})
		if err := r.broker.node.Freeze(); err != nil {
			return err
		}
		wait(ctx, 8*time.Second)
		if err := r.broker.node.Thaw(); err != nil {
			return err
		}
		time.AfterFunc(12*time.Second, over)
	}
	return r.flows(ctx, 100)
}

// outages has the broker away for half a minute: clients are told 503 or nothing, never a 202 that does not hold, and
// all goes on by itself.
func outages(ctx context.Context, r *round, times int) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	for range times {
		if err := r.flows(ctx, 100); err != nil {
			return err
		}
		if err := r.broker.killed(ctx, r, 30*time.Second); err != nil {
			return err
		}
		if err := r.flows(ctx, 100); err != nil {
			return err
		}
	}
	if _, heard := r.ledger.words(); heard["503"] == 0 {
		return errors.New("nobody was told 503 while the broker was away")
	}
	return nil
}

// twoNodes has two engines share a cluster, and kills one of them: the other takes its work and its clients over. What
// one has finished and not yet told the cluster the other does again: there is no inbox that they share. Before that the
// system refuses some keys for a while: what is finished beyond them must be known all the same.
func twoNodes(ctx context.Context, r *round, times int) error {
	r.clients.probes = false // an Idempotency-Key holds on the node that saw it first, until nodes share their state
	if err := r.begin(ctx); err != nil {
		return err
	}
	for n := range times {
		if err := r.flows(ctx, 400); err != nil {
			return err
		}
		r.stub.holding.Store(true)
		wait(ctx, 3*time.Second)
		i := n % 2
		r.ledger.disturb(disturbance{What: "the kill of " + r.engines[i].run(), Run: r.engines[i].run(), Bound: handedOut, Lag: untold})
		r.down.Store(int32(i) + 1)
		r.engines[i].kill()
		r.stub.holding.Store(false)
		wait(ctx, 4*time.Second)
		if err := r.flows(ctx, 400); err != nil { // of the other
			return fmt.Errorf("after the kill of a node: %w", err)
		}
		if err := r.engines[i].start(); err != nil {
			return err
		}
		if err := r.engines[i].ready(ctx); err != nil {
			return err
		}
		r.down.Store(0)
	}
	return r.flows(ctx, 200)
}

// handedOut bounds what a node has in hand, and untold for how long it may have finished what the cluster has not heard
// of: it reports that 20 times a second, within 200 ms on a machine that is not busy.
var handedOut = map[string]int{"order": 64, "follow": 64}

const untold = 400 * time.Millisecond

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
