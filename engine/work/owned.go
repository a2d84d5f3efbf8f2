package work

import (
	"iter"
	"sync"
)

// owned is the work that goes on in one process of several, as the program in service says: schedules, watches. What did not change,
// which its key identifies, outlives the program that it began with. Safe for concurrent use; the zero value is ready.
type owned[K comparable, T working] struct {
	leaving sync.WaitGroup // what the program in service no longer has

	mu      sync.Mutex
	running map[K]T
	ended   bool
}

// working is work that goes on until end returns.
type working interface{ end() }

// take starts what is wanted and did not run, and stops what is no longer wanted. After stop it does nothing.
func (o *owned[K, T]) take(wanted map[K]func() T) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return
	}
	if o.running == nil {
		o.running = map[K]T{}
	}
	for k, start := range wanted {
		if _, runs := o.running[k]; !runs {
			o.running[k] = start()
		}
	}
	for k, old := range o.running {
		if wanted[k] == nil {
			delete(o.running, k)
			o.leaving.Go(old.end)
		}
	}
}

// stop ends all of it, and returns when all has ended.
func (o *owned[K, T]) stop() {
	o.mu.Lock()
	o.ended = true
	all := o.running
	o.running = nil
	o.mu.Unlock()
	var ending sync.WaitGroup
	for _, x := range all {
		ending.Go(x.end)
	}
	ending.Wait()
	o.leaving.Wait()
}

// each returns what runs; nothing is started or stopped meanwhile.
func (o *owned[K, T]) each() iter.Seq2[K, T] {
	return func(yield func(K, T) bool) {
		o.mu.Lock()
		defer o.mu.Unlock()
		for k, x := range o.running {
			if !yield(k, x) {
				return
			}
		}
	}
}
