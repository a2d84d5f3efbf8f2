package storage

import (
	"context"
	"sync"
	"time"

	"fondaco/messaging"
	"fondaco/server/metrics"
	"fondaco/store"
	"fondaco/store/sqlitefile"
)

var (
	messagesWaiting = metrics.Level("fondaco_messages_waiting",
		"Messages that are not finished, those at work among them, by route and topic; the route is empty for a group that no route is. "+
			"Counted every 15 seconds at most.", "route", "topic")
	messagesOldest = metrics.Level("fondaco_messages_oldest_timestamp_seconds",
		"When the oldest of the messages that wait was accepted, while one waits. Read every 15 seconds at most.", "route", "topic")
	deadLetters = metrics.Level("fondaco_dead_letters",
		"Letters that wait for an operator, by route and reason: the 1000 causes with the most. Counted every 15 seconds at most.",
		"route", "reason")
	operationsLevel = metrics.Level("fondaco_operations",
		"Accepted requests that are kept, by route and state, but for those that are done. Counted every 15 seconds at most.",
		"route", "state")
	storageBytes = metrics.Level("fondaco_storage_bytes",
		"Bytes that a file of this process takes on its disk: state or topics.", "file")
	storageFree = metrics.Level("fondaco_storage_free_bytes", "Bytes that the disk of the state's file has left for this process.")
)

// countedFor is how long what was counted is told again: a scrape must not walk all letters each time.
const countedFor = 15 * time.Second

// countPatience is how long counting may take; what cannot be counted in it is left out.
const countPatience = 5 * time.Second

// most causes of letters that are told.
const mostCauses = 1000

// levels are what is kept, as it was counted last. Safe for concurrent use.
type levels struct {
	mu         sync.Mutex
	at         time.Time
	counts     []messaging.Count
	causes     []store.LetterCause
	operations []store.OperationCount
}

// look counts anew if that was long ago; what cannot be counted is empty.
func (l *levels) look(s *Storage) {
	if now := time.Now(); now.Sub(l.at) < countedFor {
		return
	}
	defer func() { l.at = time.Now() }() // counted again only after a pause, however long it took
	ctx, cancel := context.WithTimeout(context.Background(), countPatience)
	defer cancel()
	l.counts, l.causes, l.operations = nil, nil, nil
	if counter, ok := s.broker.(messaging.Counter); ok {
		if counts, err := counter.Counts(ctx); err == nil {
			l.counts = counts
		}
	}
	if causes, err := s.state.DeadLetters().Causes(ctx, store.LetterFilter{State: store.LetterWaiting}, mostCauses); err == nil {
		l.causes = causes
	}
	states := append([]store.OperationState{store.Failed, store.Cancelled}, store.UnfinishedStates...)
	if list, err := s.state.Operations().Counts(ctx, states...); err == nil {
		l.operations = list
	}
}

// Measure has metrics tell what is kept. A nil Storage keeps nothing.
func (s *Storage) Measure(r *metrics.Registry) {
	if s == nil {
		return
	}
	kept := &levels{}
	r.Read(func(tell metrics.Tell) {
		kept.mu.Lock()
		defer kept.mu.Unlock()
		kept.look(s)
		s.tellWaiting(kept.counts, tell)
		tellSums(kept.causes, func(c store.LetterCause) ([2]string, int64) { return [2]string{c.Route, c.Reason}, c.Letters },
			func(at [2]string, n int64) { tell(deadLetters, float64(n), at[:]...) })
		for _, c := range kept.operations {
			tell(operationsLevel, float64(c.Operations), c.Route, string(c.State))
		}
	}, messagesWaiting, messagesOldest, deadLetters, operationsLevel)
	r.Read(func(tell metrics.Tell) {
		for i, file := range s.files {
			bytes, free, err := sqlitefile.Used(file.path)
			if err != nil {
				continue
			}
			tell(storageBytes, float64(bytes), file.name)
			if i == 0 {
				tell(storageFree, float64(free))
			}
		}
	}, storageBytes, storageFree)
}

// tellWaiting counts what waits on topics, the groups of one route on a topic together.
func (s *Storage) tellWaiting(counts []messaging.Count, tell metrics.Tell) {
	oldest := map[[2]string]time.Time{}
	at := func(c messaging.Count) [2]string {
		return [2]string{s.routes.Route(c.Topic, s.routes.Joined(c.Topic, c.Group)), c.Topic}
	}
	for _, c := range counts {
		if was, known := oldest[at(c)]; !c.Oldest.IsZero() && (!known || c.Oldest.Before(was)) {
			oldest[at(c)] = c.Oldest
		}
	}
	tellSums(counts, func(c messaging.Count) ([2]string, int64) { return at(c), c.Waiting }, func(of [2]string, n int64) {
		tell(messagesWaiting, float64(n), of[:]...)
		if t := oldest[of]; !t.IsZero() {
			tell(messagesOldest, float64(t.UnixMilli())/1000, of[:]...)
		}
	})
}

// tellSums adds up what has the same labels, and passes each sum on.
func tellSums[T any](list []T, of func(T) ([2]string, int64), tell func(labels [2]string, n int64)) {
	sums := map[[2]string]int64{}
	for _, x := range list {
		labels, n := of(x)
		sums[labels] += n
	}
	for labels, n := range sums {
		tell(labels, n)
	}
}

// keptFile is a file of SQLite of this process.
type keptFile struct{ name, path string }
