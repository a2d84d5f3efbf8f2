package work

import (
	"context"
	"log/slog"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/store"
	"fondaco/store/postgres"
	"fondaco/store/postgres/postgrestest"
)

// looked are collections that tell what of them was found due.
type looked struct {
	store.Collections
	due   chan store.Collection
	rests *atomic.Int64 // how often it was asked how long to rest
}

func (l looked) Next(ctx context.Context, now time.Time) (time.Time, bool, error) {
	defer l.rests.Add(1)
	return l.Collections.Next(ctx, now)
}

func (l looked) Due(ctx context.Context, now time.Time, limit int) ([]store.Collection, error) {
	list, err := l.Collections.Due(ctx, now, limit)
	for _, c := range list {
		select {
		case l.due <- c:
		default:
		}
	}
	return list, err
}

// TestCollectionsOfOthers: a collection that another process opens is looked for when it is due, by a process that rests for ten minutes
// where nothing is.
func TestCollectionsOfOthers(t *testing.T) {
	server := postgrestest.New(t)
	address := server.Address("postgres", "postgres", "schema=city")
	if _, err := postgres.Migrate(t.Context(), address, postgres.Migration{Project: "city"}); err != nil {
		t.Fatal(err)
	}
	open := func() *postgres.Store {
		s, err := postgres.Open(t.Context(), address, postgres.Options{Project: "city"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	one, other := open(), open()
	dog := messaging.NewWatchdog(time.Hour, slog.New(slog.DiscardHandler), nil)
	defer dog.Close()
	l := looked{other.Collections(), make(chan store.Collection, 1), new(atomic.Int64)}
	c := restingCollections(l, other.Wake, 10*time.Minute, nil, slog.New(slog.DiscardHandler), dog)
	defer c.end()
	heard, stop := other.Wake(store.CollectionDue)
	defer stop()
	// quiet does what wakes, and waits until that was looked at.
	quiet := func(what func()) {
		t.Helper()
		before := l.rests.Load()
		what()
		select {
		case <-heard:
		case <-time.After(2 * time.Minute):
			t.Fatal("nothing was heard")
		}
		for end := time.Now().Add(2 * time.Minute); l.rests.Load() == before; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("it does not rest")
			}
		}
	}
	c.take([]*routes.Collector{{Route: "another"}})
	quiet(func() {
		for n := 0; len(heard) == 0; n++ { // until it listens
			now := time.Now()
			if _, err := one.Collections().Add(t.Context(), "r", "later "+strconv.Itoa(n), "1", "", nil, now, now.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
	for n := range 2 { // the second while it knows of none
		now := time.Now()
		at, err := one.Collections().Add(t.Context(), "r", "k", string(rune('a'+n)), "", nil, now, now.Add(time.Second/2))
		if err != nil {
			t.Fatal(err)
		}
		select {
		case due := <-l.due:
			if due.ID != at.ID {
				t.Errorf("due is %+v, expected %+v", due, at)
			}
		case <-time.After(2 * time.Minute):
			t.Fatal("it was not looked for")
		}
		<-heard // of the one that was added
		quiet(func() {
			taken, err := one.Collections().Take(t.Context(), at.ID, time.Now(), time.Minute)
			if err == nil {
				err = one.Collections().Finish(t.Context(), taken.Token, time.Now())
			}
			if err != nil {
				t.Fatal(err)
			}
		})
		for len(l.due) > 0 {
			<-l.due
		}
	}
}
