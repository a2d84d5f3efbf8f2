package work

import (
	"context"
	"sync"
	"time"

	"fondaco/messaging"
)

// task runs something for as long as the server does, and again from the beginning when it stands still.
type task struct {
	run   func(ctx context.Context)
	watch func() // ends the watching

	mu    sync.Mutex
	stop  context.CancelFunc
	done  chan struct{}
	ended bool
}

// leaving is how long what stands still may take to end before another is begun beside it.
const leaving = 5 * time.Second

// begin runs f until end is called, watched by dog. f returns when its ctx ends, and may run again beside one that
// stands still and does not return.
func begin(dog *messaging.Watchdog, w messaging.Guarded, f func(ctx context.Context)) *task {
	t := &task{run: f}
	t.start()
	w.Restart = t.restart
	t.watch = dog.Watch(w)
	return t
}

func (t *task) start() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	t.stop, t.done = stop, done
	go func() {
		defer close(done)
		t.run(ctx)
	}()
}

func (t *task) restart(ctx context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return
	}
	t.stop()
	patience := time.NewTimer(leaving)
	defer patience.Stop()
	select {
	case <-t.done:
	case <-patience.C:
	case <-ctx.Done():
		return
	}
	t.start()
}

// end stops it and waits until it has returned.
func (t *task) end() {
	t.watch()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	t.stop()
	<-t.done
}
