package store

import "sync"

// News are kinds of changes of a state for which others wait, as a set.
type News uint8

// The kinds of News.
const (
	CollectionDue   News = 1 << iota // a collection is due sooner than others may know: one was opened, or taken
	ScheduleFree                     // who ran a schedule has given it free
	OperationEnded                   // an operation has ended whose end is told to its caller
	RestoreReleased                  // an operator has released what was held since a restore

	AllNews = CollectionDue | ScheduleFree | OperationEnded | RestoreReleased
)

// Waker is a Store that several processes share, and that wakes who waits for what any of them changes.
type Waker interface {
	// Wake returns a channel from which can be read after news of the kinds, of this process and of others: once, however many came
	// since. News may be late or be lost, so that who waits looks by itself too, now and then. The channel is nil, and nothing comes,
	// where other processes cannot be heard. The caller calls stop, and does not read any more then. It may be called concurrently.
	Wake(kinds News) (woken <-chan struct{}, stop func())
}

// Wake is Waker's method, or nil for a state that wakes nobody.
type Wake func(kinds News) (woken <-chan struct{}, stop func())

// WakeOf returns how a store wakes who waits; nil if it does not.
func WakeOf(s Store) Wake {
	if w, ok := s.(Waker); ok {
		return w.Wake
	}
	return nil
}

// On is the method that it is. Of nil the channel is nil.
func (w Wake) On(kinds News) (woken <-chan struct{}, stop func()) {
	if w == nil {
		return nil, func() {}
	}
	return w(kinds)
}

// Watchers are those in a process who wait for news. The zero value has none. Safe for concurrent use.
type Watchers struct {
	mu  sync.Mutex
	all map[chan struct{}]News
}

// Wake is as Waker says.
func (w *Watchers) Wake(kinds News) (woken <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[chan struct{}]News{}
	}
	w.all[c] = kinds
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all, c)
	}
}

// Tell wakes those who wait for one of the kinds.
func (w *Watchers) Tell(kinds News) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c, wanted := range w.all {
		if wanted&kinds == 0 {
			continue
		}
		select {
		case c <- struct{}{}:
		default: // it has not seen the last yet
		}
	}
}
