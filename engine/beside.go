package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// closers are what is to be closed, in the order in which it was opened. The zero value is empty.
type closers struct{ all []func() error }

func (c *closers) add(end func() error) { c.all = append(c.all, end) }

// close closes what was opened last first.
func (c *closers) close() (err error) {
	for _, end := range slices.Backward(c.all) {
		err = errors.Join(err, end())
	}
	return err
}

// beside is what goes on beside the requests. Its context ends, and all of it has returned, before what was opened earlier is closed.
type beside struct {
	ctx  context.Context
	work sync.WaitGroup
}

func newBeside(ctx context.Context, open *closers) *beside {
	ctx, cancel := context.WithCancel(ctx)
	b := &beside{ctx: ctx}
	open.add(func() error {
		cancel()
		b.work.Wait()
		return nil
	})
	return b
}

// start runs do beside; do returns when its context ends.
func (b *beside) start(do func(ctx context.Context)) {
	b.work.Go(func() { do(b.ctx) })
}
