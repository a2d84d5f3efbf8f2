package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// cutOff removes from Kafka what the engine was to read next. That is lost, by no fault of the engine; it must say so,
// everywhere that an operator looks, and work on nothing behind the gap.
func cutOff(ctx context.Context, r *round, _ int) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	e := r.engines[0]
	r.stub.down.Store(true) // so that accepted requests wait
	err := r.eventually(ctx, 60*time.Second, func() string {
		if n := r.ledger.missing(); n < 2*r.w.clients {
			return fmt.Sprintf("only %d effects are to come", n)
		}
		return ""
	})
	if err != nil {
		return err
	}
	r.clients.finish()
	before := r.ledger.size()
	e.kill()
	gone, err := r.broker.node.CutOff("fondaco.torture.order")
	if err != nil {
		return err
	}
	r.stub.down.Store(false)
	if err := e.start(); err != nil {
		return err
	}
	said := r.eventually(ctx, 40*time.Second, func() string {
		_, ready, err := get(ctx, e.console+"/readyz")
		if err != nil {
			return err.Error()
		}
		rows, err := e.topics(ctx)
		if err != nil {
			return err.Error()
		}
		state := ""
		for _, a := range rows {
			if a.Route == "order" {
				state = a.State
			}
		}
		metric := e.metric(ctx, `fondaco_consumer_ended{route="order"}`)
		if state != "ended" || metric != "1" || !strings.Contains(ready, "is not there") {
			return fmt.Sprintf("after %d records were cut off: fondaco topics says %q, fondaco_consumer_ended is %q, readiness %s", gone, state,
				metric, ready)
		}
		return ""
	})
	if said != nil {
		r.check("silent: %v", said)
	}
	wait(ctx, 2*time.Second)
	r.ledger.mu.Lock()
	defer r.ledger.mu.Unlock()
	for _, x := range r.ledger.effects[before:] {
		if x.Leg == "order" {
			r.check("silent: %s was done behind the gap", x.ID)
			break
		}
	}
	return nil
}
