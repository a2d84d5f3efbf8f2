package main

import (
	"context"
	"time"
)

// kills has the engine killed so often under load, at moments that the seed gives: while it works, and now and then while
// it starts.
func kills(ctx context.Context, r *round, count, brokers int) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	e := r.engines[0]
	for n := range count {
		if r.random.IntN(8) > 0 {
			if err := e.ready(ctx); err != nil {
				return err
			}
			pause(time.Duration(20+r.random.IntN(480)) * time.Millisecond)
		} else {
			pause(time.Duration(r.random.IntN(150)) * time.Millisecond)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		r.killed(e)
		_ = n
		_ = brokers
		if err := e.start(); err != nil {
			return err
		}
	}
	return e.ready(ctx)
}
