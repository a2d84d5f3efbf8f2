package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// What a process must live in, and the part of it that an engine grants to its heap in a control group of that size
// (engine/memory.go).
const (
	mostMemory = 256 << 20
	heapOfMost = mostMemory / 4 * 3
)

// memory is P18: an engine with default settings and 256 MB outlives hostile callers for so many minutes, and goes on answering
// others and doing what it has accepted. Where there are no control groups to be had its heap is told to keep to what it would
// be in one, and the most memory that it had resident is held against the bound.
func memory(ctx context.Context, r *round, minutes int) error {
	e := r.engines[0]
	how := "a control group"
	g, err := newGroup(controlGroups, mostMemory)
	if err != nil {
		how = fmt.Sprintf("GOMEMLIMIT and VmHWM (%v)", err)
		e.env = append(e.env, fmt.Sprint("GOMEMLIMIT=", heapOfMost))
	} else {
		e.group = g
		r.closers = append([]func(){g.close}, r.closers...) // they run from the last one: the engine has ended by then
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	e.mu.Lock()
	ended := e.ended
	e.mu.Unlock()
	hostile := newHostile(e.api)
	during, cease := context.WithTimeout(ctx, time.Duration(minutes)*time.Minute)
	defer cease()
	hostile.begin(during)
	others := &others{}
	for range 4 {
		others.running.Go(func() { others.ask(during, e.api+"/small") })
	}
	killed, peak := 0, int64(0)
	for during.Err() == nil {
		select {
		case <-ended:
			killed++
			cease()
		case <-during.Done():
		case <-time.After(time.Second):
			if now, err := highWater(e.pid()); err == nil {
				peak = max(peak, now)
			}
		}
	}
	hostile.running.Wait()
	others.running.Wait()
	if g != nil {
		killed = max(killed, g.killed())
	}
	half, most := others.took()
	_, heard := r.ledger.words()
	said, refused := hostile.said()
	r.told = fmt.Sprintf("torture memory minutes %d peak %d MB killed %d refused %d answered %d\n"+
		"   by %s; others: %d orders told 202, %d small answers, half within %s, 99 of 100 within %s%s",
		minutes, peak>>20, killed, refused, others.answered()+heard["202"], how, heard["202"], others.answered(), half, most, said)
	if killed > 0 {
		return fmt.Errorf("the engine ended under the load:\n%s", e.output)
	}
	if peak == 0 {
		return errors.New("the system did not say how much memory the engine had")
	}
	for _, kind := range []string{
		"answers near the limit", "uploads", "slow uploads", "readers that stall", "costly expressions", "long numbers",
	} {
		if !hostile.reached(kind) {
			r.check("the load was none: of the %s none came further than to the budget of what is in flight", kind)
		}
	}
	if peak > mostMemory {
		r.check("the engine had %d MB resident, of %d", peak>>20, mostMemory>>20)
	}
	others.wrong(r)
	return r.flows(ctx, 200) // what was accepted is done, and more is accepted
}

// others are callers of good will: what they ask for is small. Safe for concurrent use.
type others struct {
	running sync.WaitGroup

	mu     sync.Mutex
	times  []time.Duration
	failed int
	last   string
}

// ask sends one request after the other, each on a connection of its own.
func (o *others) ask(ctx context.Context, url string) {
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	for ctx.Err() == nil {
		began := time.Now()
		r, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodGet, url, nil)
		if err != nil {
			return
		}
		said := ""
		if res, err := client.Do(r); err != nil {
			said = err.Error()
		} else {
			if _, err := io.Copy(io.Discard, res.Body); err != nil {
				said = err.Error()
			} else if res.StatusCode != http.StatusOK {
				said = res.Status
			}
			_ = res.Body.Close()
		}
		o.mu.Lock()
		if said == "" {
			o.times = append(o.times, time.Since(began))
		} else {
			o.failed++
			o.last = said
		}
		o.mu.Unlock()
		wait(ctx, 20*time.Millisecond)
	}
}

func (o *others) answered() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.times)
}

// took returns within what time half of the answers came, and 99 of 100.
func (o *others) took() (half, most time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	slices.Sort(o.times)
	if n := len(o.times); n > 0 {
		half, most = o.times[n/2].Round(time.Millisecond), o.times[n*99/100].Round(time.Millisecond)
	}
	return half, most
}

// wrong notes the small requests that were not answered 200.
func (o *others) wrong(r *round) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed > 0 {
		r.check("%d of %d small requests of others were not answered 200, the last: %s", o.failed, o.failed+len(o.times), o.last)
	}
}
