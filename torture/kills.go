package main

import (
	"context"
	"time"
)

// kills has the engine killed so often under load, at moments that the seed gives: while it works, and now and then while
// it starts. Brokers of these times the broker is killed before.
func kills(ctx context.Context, r *round, times int) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	e := r.engines[0]
	for n := range times {
		if r.random.IntN(8) > 0 {
			if err := r.lives(ctx, e); err != nil {
				return err
			}
			pause(time.Duration(20+r.random.IntN(480)) * time.Millisecond)
		} else {
			pause(time.Duration(r.random.IntN(150)) * time.Millisecond)
		}
		if r.broker != nil && due(n, times, r.brokers) {
			if err := e.ready(ctx); err != nil {
				return err
			}
			if err := r.flows(ctx, 100); err != nil {
				return err
			}
			if err := r.broker.killed(ctx, r, time.Duration(r.random.IntN(1000))*time.Millisecond); err != nil {
				return err
			}
			pause(time.Duration(r.random.IntN(2000)) * time.Millisecond)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		r.killed(e)
		if err := e.start(); err != nil {
			return err
		}
	}
	return r.lives(ctx, e)
}

// due spreads some events over n turns.
func due(turn, turns, events int) bool { return (turn+1)*events/turns > turn*events/turns }
