package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"fondaco/config"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/routes/callback"
	"fondaco/routes/trigger"
	"fondaco/store"
)

// The state and the topics are two files. Put in place from different moments they do not fit: an accepted request is an
// operation in one and a message in the other. Start looks, beside the work, at what was there before it.

const (
	fitMost    = 100_000          // operations, and messages, that are compared one by one; of more the numbers are
	fitAsked   = 10_000           // operations that are looked up one by one
	fitAgain   = time.Minute      // between two looks at most, while something does not fit
	cutShortBy = 60 * time.Second // before a kill, or the moment of a backup: what is half done then is nobody's mistake
)

// misfit is what does not fit of the requests of a route.
type misfit struct {
	Route    string `json:"route"`
	Topic    string `json:"topic"`
	Lost     int    `json:"lost,omitempty"`     // unfinished operations whose request is nowhere
	Unknown  int    `json:"unknown,omitempty"`  // requests whose operation the state does not know
	Finished int    `json:"finished,omitempty"` // requests whose operation is done
	Numbers  bool   `json:"numbers,omitempty"`  // there are too many to compare each: so many at least
}

const otherMoment = "the files of the state and of the topics are of different moments"

// text says what does not fit, and what to do.
func (m misfit) text() string {
	least := map[bool]string{true: "at least "}[m.Numbers]
	text, join := "", ""
	add := func(n int, format string, args ...any) {
		if n > 0 {
			text, join = text+join+fmt.Sprintf("%s%d ", least, n)+fmt.Sprintf(format, args...), "; "
		}
	}
	add(m.Lost, "unfinished operations of the route %s have no request on the topic %s and no letter, so that nobody will work on them",
		m.Route, m.Topic)
	add(m.Unknown, "requests on the topic %s are of no operation of the state: they are done, and whoever asks for them is answered 404",
		m.Topic)
	add(m.Finished, "requests on the topic %s are of operations that are done: they are not done again", m.Topic)
	text += "; " + otherMoment + ": stop, and put those of one moment in place (fondaco restore)"
	if m.Lost > 0 && !m.Numbers {
		text += fmt.Sprintf("; or end these operations as failed by fondaco topics forget %s --yes", m.Route)
	}
	return text
}

// lister lists messages that are kept.
type lister interface {
	List(ctx context.Context, prefix string, f func(topic string, m messaging.Message) bool) error
}

// fit knows what does not fit. Safe for concurrent use.
type fit struct {
	operations store.Operations
	letters    store.DeadLetters
	topics     lister
	counts     func(ctx context.Context) (requests int, err error) // that wait on topics of routes
	tell       func(ctx context.Context, op store.Operation, now time.Time) error
	restored   func() store.Restored
	clock      config.Clock
	log        *slog.Logger
	started    time.Time // what came later fits
	killed     bool      // the process before did not end by itself
	most       int

	mu    sync.Mutex
	found []misfit
	told  string
	ids   map[string][]string // of the operations that are lost, by route
}

// wasKilled reports whether a process that had a file of SQLite open did not close it: its log is there.
func wasKilled(files ...string) bool {
	return slices.ContainsFunc(files, func(file string) bool {
		_, err := os.Stat(file + "-wal")
		return !errors.Is(err, fs.ErrNotExist)
	})
}

// Look compares, ends what was cut short in its acceptance, and logs what is found when that has changed. It reports whether
// it is to be looked again.
func (f *fit) Look(ctx context.Context) (again bool, err error) {
	c, err := f.compare(ctx)
	if err != nil {
		return true, err
	}
	for _, id := range c.short {
		if err := f.fail(ctx, id, cutShortAnswer); err != nil {
			return true, err
		}
	}
	if len(c.short) > 0 {
		f.log.Warn("operations were ended as failed whose acceptance was cut short before it was answered", "operations", len(c.short))
	}
	var found []misfit
	told := ""
	for _, topic := range slices.Sorted(maps.Keys(c.rows)) {
		found = append(found, *c.rows[topic])
		told += fmt.Sprintf("%+v\n", *c.rows[topic])
	}
	f.mu.Lock()
	news := told != f.told
	f.found, f.told, f.ids = found, told, c.ids
	f.mu.Unlock()
	for _, m := range found {
		if news {
			f.log.Warn("operations and topics do not fit", "route", m.Route, "topic", m.Topic, "lost", m.Lost, "unknown", m.Unknown, "finished",
				m.Finished, "what", m.text())
		}
	}
	return len(found) > 0, nil
}

// run looks at once, and again as long as something does not fit, until ctx ends.
func (f *fit) run(ctx context.Context) {
	for rest := fitAgain / 12; ; rest = min(2*rest, fitAgain) {
		again, err := f.Look(ctx)
		if err != nil && ctx.Err() == nil {
			f.log.Warn("it is not known whether operations and topics fit", "error", err)
		}
		if !again {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(rest):
		}
	}
}

// misfits returns what was found last.
func (f *fit) misfits() []misfit {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.found)
}

// Misfits says what does not fit, by topic, and what to do.
func (f *fit) Misfits() map[string]string {
	texts := map[string]string{}
	for _, m := range f.misfits() {
		texts[m.Topic] = m.text()
	}
	return texts
}

// health reports what was found last.
func (f *fit) health() error {
	var all []error
	for _, m := range f.misfits() {
		all = append(all, errors.New(m.text()))
	}
	return errors.Join(all...)
}

// Lost returns the operations of a route that were found without a request.
func (f *fit) Lost(route string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.ids[route])
}

// The results of operations that nobody will work on.
var (
	lostAnswer     = notDoneAnswer("The request is no longer there: " + routes.SendAgain)
	cutShortAnswer = notDoneAnswer("The acceptance of the request was cut short: " + routes.SendAgain)
)

func notDoneAnswer(why string) store.Answer {
	return routes.StoredProblem(&trigger.Problem{Status: http.StatusInternalServerError, Title: "Not done", Detail: why})
}

func (f *fit) fail(ctx context.Context, id string, answer store.Answer) error {
	err := f.operations.Set(ctx, id, store.Failed, 1, answer, f.clock.Now())
	if errors.Is(err, store.ErrAbsent) {
		return nil
	}
	return err
}

// End ends operations that are lost as failed. Whoever asked for it is told, which is durable first.
func (f *fit) End(ctx context.Context, ids []string) error {
	for _, id := range ids {
		op, err := f.operations.Get(ctx, id)
		if errors.Is(err, store.ErrAbsent) || err == nil && op.State.Ended() {
			continue
		}
		if err == nil && op.ReplyTo != "" {
			err = f.tell(ctx, op, f.clock.Now())
		}
		if err == nil {
			err = f.fail(ctx, id, lostAnswer)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// newFit returns what compares the state and the embedded topics.
func (s *Storage) newFit(topics lister, killed bool) *fit {
	return &fit{
		operations: s.state.Operations(), letters: s.state.DeadLetters(), topics: topics, restored: s.restored.Now, log: s.log,
		clock: s.time, started: s.time.Now(), killed: killed, most: fitMost,
		counts: func(ctx context.Context) (requests int, err error) {
			counts, err := s.broker.(messaging.Counter).Counts(ctx)
			for _, c := range counts {
				if s.routes.accepts(c.Topic) {
					requests += int(c.Waiting)
				}
			}
			return requests, err
		},
		tell: func(ctx context.Context, op store.Operation, now time.Time) error {
			return routes.TellEnd(ctx, routes.TopicsOf(s.broker), op, store.Failed, 1, "", now)
		},
	}
}

// accepts reports whether accepted requests wait on a topic.
func (c *consuming) accepts(topic string) bool {
	if topic == callback.Topic {
		return false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	for at, x := range c.at {
		if at[0] == topic && x.Accepts {
			return true
		}
	}
	return false
}
