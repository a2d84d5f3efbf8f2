package database

import (
	"context"
	"sync"
	"time"

	"fondaco/connectors/database/driver"
)

// wakes listens to a channel on which a database says that there is something new. A connection that breaks is made anew; what was said
// meanwhile is found by polling.
type wakes struct {
	listener driver.Listener
	channel  string

	once  sync.Once
	said  chan struct{}
	stop  context.CancelFunc
	ended sync.WaitGroup
}

// again is how long it is until a connection that broke is made anew.
const again = 5 * time.Second

func (w *wakes) begin() {
	w.once.Do(func() {
		var ctx context.Context
		ctx, w.stop = context.WithCancel(context.Background())
		w.said = make(chan struct{}, 1)
		w.ended.Go(func() { w.listen(ctx) })
	})
}

func (w *wakes) listen(ctx context.Context) {
	for ctx.Err() == nil {
		if l, err := w.listener.Listen(ctx, w.channel); err == nil {
			for w.wake(); l.Wait(ctx) == nil; {
				w.wake()
			}
			l.Close()
		}
		pause := time.NewTimer(again)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	}
}

func (w *wakes) wake() {
	select {
	case w.said <- struct{}{}:
	default:
	}
}

func (w *wakes) close() {
	w.begin() // so that there is something to be ended
	w.stop()
	w.ended.Wait()
}

// Wait returns after a time, or when the database says that there is something new.
func (x *watching) Wait(ctx context.Context, every time.Duration) {
	var said chan struct{}
	if x.wakes != nil {
		x.wakes.begin() //nolint:contextcheck // it listens until Close
		said = x.wakes.said
	}
	pause := time.NewTimer(every)
	defer pause.Stop()
	select {
	case <-ctx.Done():
	case <-pause.C:
	case <-said:
	}
}
