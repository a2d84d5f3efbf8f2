package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// part is what can die by itself. Its functions are called by one goroutine at a time.
type part struct {
	name, title, address string

	start  func(ctx context.Context) error // and waits until it answers
	kill   func()                          // as kill -9, and waits for the end
	signal func(s syscall.Signal)          // to all of its processes
	stop   func()                          // in order; nil where that is no different from kill

	mu    sync.Mutex
	state string // running, frozen, stopped
}

// The states of a part.
const (
	running = "running"
	frozen  = "frozen"
	stopped = "stopped"
)

// verbs are what can be done to a part, in the order in which they are printed.
var verbs = []string{"kill", "stop", "freeze", "thaw", "start"}

// do does a verb to the part, and returns the state that it is in. What the part is already is no mistake.
func (p *part) do(ctx context.Context, verb string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	switch {
	case verb == "kill" && p.state != stopped:
		p.kill()
		p.state = stopped
	case verb == "stop" && p.state != stopped:
		p.thaw()
		if p.stop != nil {
			p.stop()
		} else {
			p.kill()
		}
		p.state = stopped
	case verb == "freeze" && p.state == running:
		p.signal(syscall.SIGSTOP)
		p.state = frozen
	case verb == "thaw":
		p.thaw()
	case verb == "start" && p.state != running:
		p.thaw()
		if p.state == stopped {
			if err = p.start(ctx); err == nil {
				p.state = running
			}
		}
	case !slices.Contains(verbs, verb):
		err = fmt.Errorf("found %q, expected one of %s", verb, strings.Join(verbs, ", "))
	}
	return p.state, err
}

func (p *part) thaw() {
	if p.state == frozen {
		p.signal(syscall.SIGCONT)
		p.state = running
	}
}

// is returns the state.
func (p *part) is() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}
