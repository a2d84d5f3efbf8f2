package engine

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"fondaco/engine/work"
	"fondaco/routes/generation"
	"fondaco/server/metrics"
)

// TestPrograms: a program is closed once, after those who answer and those who work have let go of it; a stop ends the one in service,
// and none comes after it.
func TestPrograms(t *testing.T) {
	p := newPrograms(work.Topics{}, slog.New(slog.DiscardHandler), time.Minute, metrics.New())
	closed := make(chan int, 2)
	of := func(n int) *program {
		return &program{close: func(context.Context) error { closed <- n; return errors.New("it is only logged") }}
	}
	if r, lease := p.Take(); r != nil || lease != nil {
		t.Error("something is in service before the first swap")
	}
	if err := p.swap(of(1)); err != nil {
		t.Fatal(err)
	}
	_, answering := p.Take()
	_, working := consumersOf{p.all}.Take()
	if err := p.swap(of(2)); err != nil {
		t.Fatal(err)
	}
	answering.Release()
	if len(closed) > 0 {
		t.Error("a program was closed while its work goes on")
	}
	working.Release()
	if n := <-closed; n != 1 {
		t.Errorf("program %d was closed", n)
	}
	if err := p.Stop(t.Context()); err != nil || len(closed) != 1 {
		t.Errorf("the stop: %v, %d closed", err, len(closed))
	}
	if err := p.swap(of(3)); !errors.Is(err, generation.ErrStopped) {
		t.Errorf("after the stop: found %v", err)
	}
	if err := p.abandon(); err != nil {
		t.Error(err)
	}
}
