package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/postgres/postgrestest"
)

// passing fails the test for an error that a front end would not answer with 503: the database is away, and comes back.
func passing(t testing.TB, err error) {
	t.Helper()
	if err != nil && !errors.Is(err, store.ErrIO) {
		t.Errorf("%v: no error of the state's place", err)
	}
}

// ledger is what writers were told, on the side of who told them.
type ledger struct {
	mu       sync.Mutex
	told     map[string]bool // operations and ids that are kept
	refused  int
	answered map[string]bool // keys whose answers were recorded
}

func (l *ledger) hear(kind map[string]bool, id string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		kind[id] = true
	} else {
		l.refused++
	}
}

func (l *ledger) length() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.told)
}

// load writes until ctx ends, with the kinds of writes that are acknowledged; judge is called with their errors.
func load(ctx context.Context, s *Store, name string, l *ledger, judge func(error)) {
	var all sync.WaitGroup
	for w := range 12 {
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				id := fmt.Sprint(name, "-", w, "-", n)
				err := s.Operations().Create(context.Background(),
					store.Operation{ID: id, Route: "r", State: store.Accepted, Created: now, Updated: now})
				judge(err)
				l.hear(l.told, id, err)
				if err != nil {
					<-time.After(5 * time.Millisecond)
				}
				judge(s.Inbox().Done(context.Background(), "t", "g", now, id))
				if s.faults.early != nil { // who is told early reads what is yet to come
					continue
				}
				r, err := s.Idempotency().Reserve(context.Background(), store.Claim{Scope: "s", Key: id, Lease: time.Hour, Keep: 2 * time.Hour}, now)
				if err == nil && r.State == store.Reserved {
					err = s.Idempotency().Record(context.Background(), r.Token, store.Answer{Status: 200, Body: []byte(id)}, now)
					l.hear(l.answered, id, err)
				}
				judge(err)
			}
		})
	}
	all.Wait()
}

// missing counts what was told and is not there.
func (l *ledger) missing(t testing.TB, s *Store) (lost int) {
	t.Helper()
	for id := range l.told {
		if _, err := s.Operations().Get(t.Context(), id); errors.Is(err, store.ErrAbsent) {
			lost++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for id := range l.answered {
		r, err := s.Idempotency().Reserve(t.Context(), store.Claim{Scope: "s", Key: id, Lease: time.Hour, Keep: 2 * time.Hour}, now)
		if err != nil {
			t.Fatal(err)
		}
		if r.State != store.Answered || string(r.Answer.Body) != id {
			lost++
		}
	}
	return lost
}

// killed lets two processes write, kills the database again and again, and returns what was told and is not there.
func killed(t *testing.T, rounds int, planted faults, judge func(error)) (told, refused, lost int) {
	n := postgrestest.New(t)
	p := newPlace(t, n)
	both := [2]*Store{p.openWith(p.options(), planted), p.openWith(p.options(), planted)}
	l := &ledger{told: map[string]bool{}, answered: map[string]bool{}}
	ctx, end := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i, s := range both {
		all.Go(func() { load(ctx, s, fmt.Sprint(i), l, judge) })
	}
	for range rounds {
		before := l.length()
		eventually(t, "it is written", func() bool { return l.length() >= before+200 })
		n.Kill()
		if err := n.Run(); err != nil {
			t.Fatal(err)
		}
	}
	before := l.length()
	eventually(t, "it is written again, unasked", func() bool { return l.length() >= before+100 })
	end()
	all.Wait()
	for _, s := range both {
		eventually(t, "health is back", func() bool { return s.Health() == nil })
	}
	return len(l.told) + len(l.answered), l.refused, l.missing(t, both[0])
}

// P3: after kill -9 of the database under load, all that two processes were told to be kept is there; they go on by themselves.
func TestDatabaseKilled(t *testing.T) {
	told, refused, lost := killed(t, 4, faults{}, func(err error) { passing(t, err) })
	if lost != 0 || refused == 0 {
		t.Errorf("of %d told, %d are lost; %d were refused", told, lost, refused)
	}
	t.Logf("4 kills of the database, %d told, %d refused, %d lost", told, refused, lost)
}

// The test above finds the bug it hunts: telling before it is durable.
func TestDatabaseKilledFindsTheBug(t *testing.T) {
	lost := 0
	for round := 0; round < 10 && lost == 0; round++ {
		_, _, n := killed(t, 1, faults{early: func() { <-time.After(5 * time.Millisecond) }}, func(error) {})
		lost += n
	}
	if lost == 0 {
		t.Error("writes were told before they were durable, and nothing was found to be lost")
	}
}

// Connections that are cut under load, in the midst of transactions, lose nothing that was told.
func TestConnectionsCut(t *testing.T) {
	p := newPlace(t, nil)
	p.say("do $$ begin create role cutter login; exception when duplicate_object then null; end $$")
	if _, err := Migrate(t.Context(), p.owner, Migration{Project: "venezia", Role: "cutter"}); err != nil {
		t.Fatal(err)
	}
	p.address = strings.Replace(p.address, "fondaco@", "cutter@", 1) // other tests keep their connections
	s := p.open(p.options())
	l := &ledger{told: map[string]bool{}, answered: map[string]bool{}}
	ctx, end := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { load(ctx, s, "x", l, func(err error) { passing(t, err) }) })
	for range 20 {
		before := l.length()
		eventually(t, "it is written", func() bool { return l.length() >= before+20 })
		p.say("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'cutter'")
	}
	end()
	all.Wait()
	eventually(t, "health is back", func() bool { return s.Health() == nil })
	if lost := l.missing(t, s); lost != 0 {
		t.Errorf("of %d, %d are lost", len(l.told), lost)
	}
}

// A connection that was cut while nobody used it costs no caller anything.
func TestIdleConnectionsCut(t *testing.T) {
	p := newPlace(t, nil)
	s := p.open(p.options())
	for range 5 {
		if err := s.Inbox().Done(t.Context(), "t", "g", now, "1"); err != nil {
			t.Error(err)
		}
		if seen, err := s.Inbox().Seen(t.Context(), "t", "g", "1"); err != nil || !seen {
			t.Errorf("seen %v, %v", seen, err)
		}
		for _, c := range s.pool.AcquireAllIdle(t.Context()) {
			_ = c.Conn().PgConn().Conn().Close() // as a firewall does
			c.Release()
		}
	}
}

// Where the database is away as a state is opened, that is an error that passes; when it goes away later, writes and questions are
// refused at once, and it is used again by itself.
func TestDatabaseAway(t *testing.T) {
	n := postgrestest.New(t)
	p := newPlace(t, n)
	s := p.open(p.options())
	ctx := t.Context()
	if err := s.Inbox().Done(ctx, "t", "g", now, "before"); err != nil {
		t.Fatal(err)
	}
	n.Stop()
	if _, err := Open(ctx, p.address, p.options()); !errors.Is(err, store.ErrIO) {
		t.Errorf("opened while it is away: %v", err)
	}
	for name, do := range map[string]func() error{
		"inbox":     func() error { return s.Inbox().Done(ctx, "t", "g", now, "while") },
		"operation": func() error { return s.Operations().Create(ctx, store.Operation{ID: "o", State: store.Accepted}) },
		"letter":    func() error { _, err := s.DeadLetters().Keep(ctx, store.DeadLetter{ID: "l"}); return err },
		"key": func() error {
			_, err := s.Idempotency().Reserve(ctx, store.Claim{Key: "k", Lease: 1, Keep: 1}, now)
			return err
		},
		"schedule":   func() error { _, _, err := s.Schedules().Acquire(ctx, "s", "o", now, time.Minute); return err },
		"a question": func() error { _, err := s.Inbox().Seen(ctx, "t", "g", "before"); return err },
		"a get":      func() error { _, err := s.Operations().Get(ctx, "o"); return err },
	} {
		err := do()
		if err == nil {
			t.Errorf("%s: it was told to be done", name)
		}
		passing(t, err)
	}
	if s.Health() == nil {
		t.Error("it is told to be well")
	}
	if err := n.Run(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "health is back unasked", func() bool { return s.Health() == nil })
	if seen, err := s.Inbox().Seen(ctx, "t", "g", "before"); err != nil || !seen {
		t.Errorf("what was kept: %v, %v", seen, err)
	}
	if err := s.Inbox().Done(ctx, "t", "g", now, "after"); err != nil {
		t.Error(err)
	}
}

// A database that hangs is told to be away after the time that callers have patience for, and all is well when it goes on.
func TestDatabaseHangs(t *testing.T) {
	n := postgrestest.New(t)
	p := newPlace(t, n)
	s, err := openWith(t.Context(), p.address, p.options(), faults{patience: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n.Signal(syscall.SIGSTOP)
	err = s.Inbox().Done(t.Context(), "t", "g", now, "1")
	if err == nil {
		t.Error("it was told to be kept")
	}
	passing(t, err)
	if _, err := s.Inbox().Seen(t.Context(), "t", "g", "1"); !errors.Is(err, store.ErrIO) {
		t.Errorf("a question: %v", err)
	}
	n.Signal(syscall.SIGCONT)
	eventually(t, "health is back unasked", func() bool { return s.Health() == nil })
	eventually(t, "it is written", func() bool { return s.Inbox().Done(t.Context(), "t", "g", now, "1") == nil })
}

// Where commits wait for a replica, the loss of the server loses nothing that was told: the replica is promoted, and is used by
// itself, for both are named in the address.
func TestFailover(t *testing.T) {
	n := postgrestest.New(t)
	p := newPlace(t, n)
	replica, err := n.Standby()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(replica.Remove)
	// the replica first: it is passed over
	p.address = strings.Replace(p.address, "127.0.0.1:"+n.Port, "127.0.0.1:"+replica.Port+",127.0.0.1:"+n.Port, 1)
	s := p.open(p.options())
	l := &ledger{told: map[string]bool{}, answered: map[string]bool{}}
	ctx, end := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { load(ctx, s, "x", l, func(err error) { passing(t, err) }) })
	eventually(t, "it is written", func() bool { return l.length() >= 300 })
	n.Kill()
	if err := replica.Promote(); err != nil {
		t.Fatal(err)
	}
	before := l.length()
	eventually(t, "it is written on the replica, unasked", func() bool { return l.length() >= before+100 })
	end()
	all.Wait()
	if lost := l.missing(t, s); lost != 0 {
		t.Errorf("of %d, %d are lost", len(l.told), lost)
	}
	t.Logf("%d told, 0 lost", len(l.told)+len(l.answered))
}
