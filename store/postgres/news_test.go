package postgres

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fondaco/store"
)

// listening waits until so many processes hear what others tell.
func (p *place) listening(n int) {
	p.t.Helper()
	eventually(p.t, fmt.Sprintf("%d processes listen", n), func() bool { return p.ask(p.listeners("count(*)")) == fmt.Sprint(n) })
}

func (p *place) listeners(what string) string {
	return "select " + what + " from pg_stat_activity where query = 'listen " + channel(p.schema) + "'"
}

// wakes fails where nobody is woken: the wait is far longer than news take, and than nothing that looks by itself.
func wakes(t *testing.T, what string, woken <-chan struct{}) {
	t.Helper()
	select {
	case <-woken:
	case <-time.After(2 * time.Minute):
		t.Errorf("%s wakes nobody", what)
	}
}

// TestNews: what one process changes wakes who waits for it, in that process and in others.
func TestNews(t *testing.T) {
	p, both := two(t)
	ctx := t.Context()
	one, other := both[0], both[1]
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	p.listening(2)
	_, err := one.Restored(ctx, store.Restored{ID: "r", Moment: now, At: now, Held: true})
	must(err)
	var id int64
	for _, c := range []struct {
		what  string
		kind  store.News
		does  func()
		quiet bool
	}{
		{what: "a collection that is opened", kind: store.CollectionDue, does: func() {
			k, err := one.Collections().Add(ctx, "r", "k", "1", "", nil, time.Now(), time.Now())
			must(err)
			id = k.ID
		}},
		{what: "a message beside another", kind: store.CollectionDue, quiet: true, does: func() {
			_, err := one.Collections().Add(ctx, "r", "k", "2", "", nil, time.Now(), time.Now())
			must(err)
		}},
		{what: "a collection that is taken", kind: store.CollectionDue, does: func() {
			_, err := one.Collections().Take(ctx, id, time.Now(), time.Minute)
			must(err)
		}},
		{what: "a schedule that is given free", kind: store.ScheduleFree, does: func() {
			epoch, _, err := one.Schedules().Acquire(ctx, "s", "one", time.Now(), time.Minute)
			must(err)
			must(one.Schedules().Release(ctx, "s", epoch))
			must(one.Schedules().Release(ctx, "s", epoch))
		}},
		{what: "an end that nobody is told", kind: store.OperationEnded, quiet: true, does: func() {
			must(one.Operations().Create(ctx, store.Operation{ID: "o1", Route: "r", State: store.Accepted, Created: now, Updated: now}))
			must(one.Operations().Set(ctx, "o1", store.Done, 1, store.Answer{Status: 200}, now))
		}},
		{what: "an operation that ends", kind: store.OperationEnded, does: func() {
			must(one.Operations().Create(ctx, store.Operation{
				ID: "o2", Route: "r", State: store.Accepted, Created: now, Updated: now,
				ReplyTo: "https://ente.example/esiti",
			}))
			must(one.Operations().Set(ctx, "o2", store.Done, 1, store.Answer{Status: 200}, now))
		}},
		{what: "a release", kind: store.RestoreReleased, does: func() {
			_, err := one.Restores().Release(ctx, "anna", "", true, now)
			must(err)
		}},
	} {
		here, stopHere := one.Wake(c.kind)
		there, stopThere := other.Wake(c.kind)
		nothing, stopNothing := one.Wake(store.AllNews &^ c.kind)
		c.does()
		if c.quiet {
			if len(here) > 0 {
				t.Errorf("%s wakes", c.what)
			}
		} else {
			wakes(t, c.what+", here,", here)
			wakes(t, c.what+", there,", there)
		}
		if len(nothing) > 0 {
			t.Errorf("%s wakes who waits for something else", c.what)
		}
		stopHere()
		stopThere()
		stopNothing()
	}
}

// TestNewsAfterACut: where the connection that listens is cut, who waits looks once when there is another, and is woken by that.
func TestNewsAfterACut(t *testing.T) {
	p, both := two(t)
	p.listening(2)
	woken, stop := both[1].Wake(store.ScheduleFree)
	defer stop()
	for range 2 {
		p.ask(p.listeners("pg_terminate_backend(pid)"))
		wakes(t, "another connection", woken) // of what was not heard meanwhile nobody knows
		p.listening(2)
		epoch, _, err := both[0].Schedules().Acquire(t.Context(), "s", "one", time.Now(), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if err := both[0].Schedules().Release(t.Context(), "s", epoch); err != nil {
			t.Fatal(err)
		}
		wakes(t, "a schedule that is given free", woken)
	}
}

// TestNewsAreFew: under load a process sends one NOTIFY in 50 ms at most, and the last of what it has to tell is told.
func TestNewsAreFew(t *testing.T) {
	p := newPlace(t, nil)
	s := p.open(p.options())
	a, err := parse(p.owner, "venezia")
	if err != nil {
		t.Fatal(err)
	}
	c, err := pgx.ConnectConfig(t.Context(), a.pool.ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.WithoutCancel(t.Context()))
	if _, err := c.Exec(t.Context(), "listen "+channel(p.schema)); err != nil {
		t.Fatal(err)
	}
	const schedules = 400
	begin := time.Now()
	together(8, func(i int) {
		for n := range schedules / 8 {
			name := fmt.Sprint(i, n)
			epoch, _, err := s.Schedules().Acquire(t.Context(), name, "one", time.Now(), time.Minute)
			if err == nil {
				err = s.Schedules().Release(t.Context(), name, epoch)
			}
			if err != nil {
				t.Error(err)
			}
		}
	})
	if err := s.Close(); err != nil { // which sends what is left
		t.Fatal(err)
	}
	took := time.Since(begin)
	if _, err := c.Exec(t.Context(), "select pg_notify($1, 'over')", channel(p.schema)); err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		ctx, end := context.WithTimeout(t.Context(), time.Minute)
		told, err := c.WaitForNotification(ctx)
		end()
		if err != nil {
			t.Fatal(err)
		}
		if told.Payload != "over" {
			continue
		}
		t.Logf("%d changes in %s: %d NOTIFY", schedules, took.Round(time.Millisecond), n)
		if most := int(took/newsEvery) + 2; n == 0 || n > most { // one at once, one at the end
			t.Errorf("%d changes in %s were told by %d NOTIFY, expected at most %d", schedules, took, n, most)
		}
		return
	}
}
