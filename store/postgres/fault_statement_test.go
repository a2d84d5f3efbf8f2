package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/postgres/postgrestest"
	"fondaco/store/storetest"
)

// A statement that the database ends, as it took too long or waited too long for a lock, is an error that passes; the others of its
// group are not concerned.
func TestStatementTimeout(t *testing.T) {
	for name, parameter := range map[string]string{"statement": "statement_timeout=200ms", "lock": "lock_timeout=200ms"} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, nil)
			p.address += "&" + parameter
			s := p.open(p.options())
			ctx := t.Context()
			for _, id := range []string{"held", "free"} {
				if err := s.Operations().Create(ctx, store.Operation{
					ID: id, Route: "r", State: store.Accepted, Created: now,
					Updated: now,
				}); err != nil {
					t.Fatal(err)
				}
			}
			holder, err := s.pool.Acquire(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := holder.Exec(ctx, "begin; select 1 from operation where id = 'held' for update"); err != nil {
				t.Fatal(err)
			}
			var failed atomic.Int64
			together(10, func(i int) {
				id := "free"
				if i == 0 {
					id = "held"
				}
				err := s.Operations().Set(ctx, id, store.Working, 0, store.Answer{}, now)
				if i > 0 && err != nil {
					t.Errorf("of another operation: %v", err)
				}
				if err != nil {
					passing(t, err)
					failed.Add(1)
				}
			})
			if failed.Load() != 1 {
				t.Errorf("%d failed", failed.Load())
			}
			if err := s.Health(); err != nil {
				t.Errorf("the database is well: %v", err)
			}
			if _, err := holder.Exec(ctx, "rollback"); err != nil {
				t.Fatal(err)
			}
			holder.Release()
			if err := s.Operations().Set(ctx, "held", store.Working, 0, store.Answer{}, now); err != nil {
				t.Error(err)
			}
		})
	}
}

// Where a table is locked, so that nothing that is written to it ends in time, callers do not wait for one another's turns: a group is told
// so after a few tries, and the first work that is done lets all others in again.
func TestTableHeld(t *testing.T) {
	p := newPlace(t, nil)
	p.address += "&lock_timeout=1s"
	s := p.open(p.options())
	ctx, end := context.WithTimeout(t.Context(), time.Minute) // in turns it would be 100 s
	defer end()
	create := func(id string) error {
		return s.Operations().Create(ctx, store.Operation{ID: id, Route: "r", State: store.Accepted, Created: now, Updated: now})
	}
	holder, err := s.pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Release()
	if _, err := holder.Exec(ctx, "begin; lock table operation in access exclusive mode"); err != nil {
		t.Fatal(err)
	}
	together(100, func(i int) {
		if err := create(fmt.Sprint("held-", i)); !errors.Is(err, store.ErrIO) {
			t.Errorf("%d: %v", i, err)
		}
	})
	if _, err := holder.Exec(ctx, "rollback"); err != nil {
		t.Fatal(err)
	}
	together(100, func(i int) {
		if err := create(fmt.Sprint("free-", i)); err != nil {
			t.Errorf("%d: %v", i, err)
		}
	})
	for i := range 100 {
		if _, err := s.Operations().Get(ctx, fmt.Sprint("held-", i)); !errors.Is(err, store.ErrAbsent) {
			t.Fatalf("what was refused: %v", err)
		}
		if _, err := s.Operations().Get(ctx, fmt.Sprint("free-", i)); err != nil {
			t.Fatal(err)
		}
	}
}

// Two transactions that wait for one another are told so by the database: one of them is done again, and its caller sees nothing.
func TestDeadlockPasses(t *testing.T) {
	p := newPlace(t, nil)
	s := p.open(p.options())
	ctx := t.Context()
	for _, id := range []string{"a", "b"} {
		if err := s.Operations().Create(ctx, store.Operation{ID: id, Route: "r", State: store.Accepted, Created: now, Updated: now}); err != nil {
			t.Fatal(err)
		}
	}
	var begun atomic.Int64
	both := make(chan struct{})
	together(2, func(i int) {
		order := [][]string{{"a", "b"}, {"b", "a"}}[i]
		if err := s.write(ctx, 0, func(x *tx) error {
			if _, err := x.exec("update operation set created = created + 1 where id = ?", order[0]); err != nil {
				return err
			}
			if begun.Add(1) == 2 {
				close(both)
			}
			<-both // each holds one row
			_, err := x.exec("update operation set created = created + 1 where id = ?", order[1])
			return err
		}); err != nil {
			t.Error(err)
		}
	})
	if begun.Load() < 3 {
		t.Errorf("there was no deadlock: %d transactions began", begun.Load())
	}
	if n := p.ask("select string_agg((created - " + fmt.Sprint(now.UnixMicro()) + ")::text, ' ') from operation"); n != "2 2" {
		t.Errorf("the rows were changed %s times", n)
	}
}

// The password is in no message, whatever fails.
func TestNoPassword(t *testing.T) {
	n := postgrestest.New(t)
	address := strings.Replace(n.Address("postgres", "postgres", "schema=s"), "postgres@", "postgres:"+url.QueryEscape("geheim")+"@", 1)
	n.Stop()
	_, err := Open(t.Context(), address, Options{Project: "venezia"})
	if err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("%v", err)
	}
}

// What a caller is told is one line, of the kind that a front end answers with 503, also by the writer's own attempts.
func TestToldOnOneLine(t *testing.T) {
	n := postgrestest.New(t)
	p := newPlace(t, n)
	s := p.open(p.options())
	n.Stop()
	for range 3 {
		err := s.Inbox().Done(t.Context(), "t", "g", now, "1")
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q", err)
		}
		passing(t, err)
		passing(t, s.Health())
		s.judge(s.probe(t.Context()))
	}
}

// A data key that another process has let go, as nothing was encrypted with it any more, is not written with: another is made.
func TestKeyGone(t *testing.T) {
	p := newPlace(t, nil)
	o := p.options()
	o.Keys = storetest.Keys(t, 1)
	one, other := p.open(o), p.open(o)
	ctx := t.Context()
	const rosa = store.Marks("00112233445566778899aabbccddeeff")
	for n := range 5 {
		id := fmt.Sprint(n)
		if err := one.Operations().Create(ctx, store.Operation{
			ID: id, Route: "r", State: store.Done, Created: now, Updated: now, Marks: rosa,
			Answer: store.Answer{Status: 200, Body: []byte("b")},
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := one.DeadLetters().Keep(ctx, store.DeadLetter{
			ID: id, Topic: "t", MessageID: id, Body: []byte("b"), Kept: now,
			Marks: rosa,
		}); err != nil {
			t.Fatal(err)
		}
		if o, err := other.Operations().Get(ctx, id); err != nil || string(o.Answer.Body) != "b" {
			t.Errorf("%+v, %v", o, err)
		}
		if l, err := other.DeadLetters().Get(ctx, id); err != nil || string(l.Body) != "b" {
			t.Errorf("%+v, %v", l, err)
		}
		if done, err := other.Subjects().Erase(ctx, rosa, store.Answer{Status: 410}, now); err != nil || done.Operations != 1 ||
			done.Letters != 1 {
			t.Errorf("%+v, %v", done, err)
		}
		if left := p.ask("select count(*) from data_key where subject = '" + string(rosa) + "'"); left != "0" {
			t.Errorf("%s keys of the person are left", left)
		}
	}
}

// A caller who goes away while a key is asked for takes none of the others of its group along.
func TestCallerGoesAlone(t *testing.T) {
	p := newPlace(t, nil)
	o := p.options()
	o.Keys = storetest.Keys(t, 1)
	s := p.open(o)
	for round := range 20 {
		ctx, end := context.WithCancel(t.Context())
		together(20, func(i int) {
			mine, id := t.Context(), fmt.Sprint(round, " ", i)
			if i%4 == 0 {
				mine = leaving{ctx, end}
			}
			// Each is of a person of its own, whose key is made first.
			err := s.Operations().Create(mine, store.Operation{
				ID: id, Route: "r", State: store.Accepted, Created: now, Updated: now,
				Marks: store.Marks(fmt.Sprintf("%032x", round*20+i)),
			})
			if i%4 != 0 && err != nil {
				t.Errorf("who stayed: %v", err)
			}
		})
		end()
	}
	if err := s.Health(); err != nil {
		t.Error(err)
	}
}

// leaving is the context of a caller who goes away when a value of it is asked for, as connecting and tracing do.
type leaving struct {
	context.Context
	end context.CancelFunc
}

func (l leaving) Value(key any) any {
	l.end()
	return l.Context.Value(key)
}
