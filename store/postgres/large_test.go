package postgres

import (
	"context"
	"crypto/rand"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fondaco/store"
	"fondaco/store/postgres/postgrestest"
	"fondaco/store/record"
)

// TestLarge measures statements on a state of many operations: FONDACO_LARGE says how many, a day's share of which runs out. It tells the
// latencies of each, from one caller, and what removing a day's takes. It makes its tables on the disk; ten million take about 12 GB.
func TestLarge(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("FONDACO_LARGE"))
	if err != nil {
		t.Skip("FONDACO_LARGE says how many operations, as 10000000")
	}
	t.Setenv("FONDACO_POSTGRES_ON_DISK", "1")
	l := &large{
		place: newPlace(t, postgrestest.New(t, "shared_buffers=1GB", "max_wal_size=4GB", "maintenance_work_mem=512MB")), n: n,
		now: time.Now().Truncate(time.Microsecond),
	}
	l.fill()
	s := l.open(l.options())
	l.measure(s)
	l.sweep(s)
}

// large is a place with a state of many rows.
type large struct {
	*place
	n   int
	now time.Time // the end of a month in which they came evenly
}

const month = 30 * 24 * time.Hour

func (l *large) id(i int) string { return fmt.Sprintf("%016x-%08x", uint64(i)*0x9e3779b97f4a7c15, i) }

func (l *large) at(i int) time.Time {
	return l.now.Add(-month / time.Duration(l.n) * time.Duration(l.n-i))
}
func (l *large) route(i int) string              { return "route " + strconv.Itoa(i%40) }
func (l *large) parts() (keys, letters, ids int) { return l.n / 10, l.n / 50, l.n / 4 }

// fill copies rows in, and makes what is indexed beside primary keys afterwards.
func (l *large) fill() {
	l.t.Helper()
	ctx := l.t.Context()
	c := l.patient()
	defer c.Close(context.WithoutCancel(ctx))
	begin := time.Now()
	indexes := l.ask("select coalesce(string_agg(indexdef, ';'), '') from pg_indexes where schemaname = current_schema() and indexname !~ '_(pkey|key|own)$'")
	l.say("do $$ declare i text; begin for i in select quote_ident(indexname) from pg_indexes where schemaname = current_schema() and " +
		"indexname !~ '_(pkey|key|own)$' loop execute 'drop index '||i; end loop; end $$; alter table operation drop constraint operation_id_key")
	keys, letters, ids := l.parts()
	for _, table := range []struct {
		name    string
		columns string
		n       int
		row     func(int) []any
	}{
		{"operation", "id, route, owner, state, created, updated, reply_to, status, body_sum, ended, sum, marks, header, body", l.n, l.operation},
		{"inbox", "id, at", ids, func(i int) []any {
			m := markOf("t", "g", l.id(l.n-i))
			return []any{m[:], record.Micro(l.at(l.n - i))}
		}},
		{"idempotency", "id, body, since, lease, keep, until, status, header, answer, sum, marks", keys, l.key},
		{"letter", writtenLetter + ", blind", letters, l.letter},
		{"letter_body", "seq, header, body", letters, func(i int) []any { return []any{int64(i + 1), record.Packed(nil), longBody[:400]} }},
	} {
		if _, err := c.CopyFrom(ctx, pgx.Identifier{table.name}, strings.Split(table.columns, ", "),
			pgx.CopyFromSlice(table.n, func(i int) ([]any, error) { return arguments(table.row(i)), nil })); err != nil {
			l.t.Fatal(table.name, ": ", err)
		}
		l.t.Logf("%s of %d rows at %s", table.name, table.n, time.Since(begin).Round(time.Second))
	}
	for _, text := range append(strings.Split(indexes, ";"), "alter table operation add constraint operation_id_key unique (id)",
		"update counter set value = (select sum(weight) from letter) where name = 'letter bytes'", "vacuum analyze", "checkpoint") {
		if _, err := c.Exec(ctx, text); err != nil {
			l.t.Fatal(text, ": ", err)
		}
	}
	l.t.Logf("filled in %s; with indexes it takes %s: %s", time.Since(begin).Round(time.Second),
		l.ask("select pg_size_pretty(sum(pg_total_relation_size(oid))::bigint) from pg_class where relnamespace = (select oid from pg_namespace where nspname = current_schema()) and relkind = 'r'"),
		l.ask("select string_agg(relname||' '||pg_size_pretty(pg_table_size(oid))||' + '||pg_size_pretty(pg_indexes_size(oid)), ', ') from "+
			"pg_class where relnamespace = (select oid from pg_namespace where nspname = current_schema()) and relkind = 'r' and pg_total_relation_size(oid) > 50000000"))
}

// patient is a connection of the owner whose statements may take long.
func (l *large) patient() *pgx.Conn {
	l.t.Helper()
	a, err := parse(l.owner, "venezia")
	if err != nil {
		l.t.Fatal(err)
	}
	a.pool.ConnConfig.RuntimeParams["statement_timeout"] = "0"
	c, err := pgx.ConnectConfig(l.t.Context(), a.pool.ConnConfig)
	if err != nil {
		l.t.Fatal(err)
	}
	return c
}

func (l *large) operation(i int) []any {
	state, status := store.Done, 200
	switch {
	case i%1000 == 0 && i > l.n*29/30:
		state, status = store.Waiting, 0
	case i%100 == 1:
		state, status = store.Failed, 502
	}
	o := record.NewOperation(store.Operation{
		ID: l.id(i), Route: l.route(i), Owner: l.id(i % 1000), State: state, Created: l.at(i), Updated: l.at(i),
		Answer: store.Answer{Status: status},
	})
	header, body := record.Packed([][2]string{{"Content-Type", "application/json"}}), longBody[:100+i%400]
	if status == 0 {
		header, body = []byte{}, []byte{}
	} else {
		o.End = 1
	}
	o.Enclose(nil, "", header, body)
	return []any{o.ID, o.Route, o.Owner, o.State, o.Created, o.Updated, stored(o.Reply), o.Status, o.BodySum, o.End, o.Seal(), "", o.Header, o.Body}
}

func (l *large) key(i int) []any {
	r := record.NewReservation(hashed("scope", l.id(i)), store.Claim{Keep: 24 * time.Hour}, record.Micro(l.at(l.n-i)))
	r.Enclose(nil, store.Answer{Status: 202, Body: longBody[:200]})
	r.Until += int64(month / time.Microsecond)
	return []any{r.ID, r.Body, r.Since, r.Lease, r.Keep, r.Until, r.Status, r.Header, r.Answer, r.Seal(), ""}
}

func (l *large) letter(i int) []any {
	at := l.at(i * 50)
	n := letter{record.NewLetter(store.DeadLetter{
		ID: "letter " + l.id(i), Topic: l.route(i), Group: "g", Route: l.route(i), MessageID: l.id(i),
		Reason: []string{"refused", "invalid", "exhausted"}[i%3], Detail: "the system answered 422", Attempts: 5, First: at, Kept: at,
		Body: longBody[:400],
	}, record.Packed(nil))}
	n.Enclose(nil, "", "the system answered 422", record.Packed(nil), longBody[:400])
	n.Sum = n.Seal()
	return append(n.values(), []byte{})
}

// measure logs how long each statement of a request's life takes, and those of operators.
func (l *large) measure(s *Store) {
	ctx, ops := l.t.Context(), s.Operations()
	run := rand.Text()
	some := func() int { return mrand.IntN(l.n) }
	_, letters, _ := l.parts()
	for _, m := range []struct {
		what  string
		times int
		do    func(i int) error
	}{
		{"key reserved", 500, func(i int) error {
			_, err := s.Idempotency().Reserve(ctx, store.Claim{Scope: run, Key: strconv.Itoa(i), Lease: time.Minute, Keep: time.Hour}, l.now)
			return err
		}},
		{"accept", 500, func(i int) error {
			return ops.Create(ctx, store.Operation{ID: run + strconv.Itoa(i), Route: l.route(i), State: store.Accepted, Created: l.now, Updated: l.now})
		}},
		{"working", 500, func(i int) error { return ops.Set(ctx, run+strconv.Itoa(i), store.Working, 0, store.Answer{}, l.now) }},
		{"finish", 500, func(i int) error {
			return ops.Set(ctx, run+strconv.Itoa(i), store.Done, 1, store.Answer{Status: 200, Body: longBody}, l.now)
		}},
		{"inbox, done", 500, func(i int) error { return s.Inbox().Done(ctx, "t", "g", l.now, run+strconv.Itoa(i)) }},
		{"inbox, seen", 2000, func(int) error { _, err := s.Inbox().Seen(ctx, "t", "g", l.id(some())); return err }},
		{"look-up by id", 2000, func(int) error { _, err := ops.Get(ctx, l.id(some())); return err }},
		{"look-up of a key that is answered", 500, func(int) error {
			_, err := s.Idempotency().Reserve(ctx, store.Claim{Scope: "scope", Key: l.id(mrand.IntN(l.n / 10)), Lease: time.Minute}, l.now)
			return err
		}},
		{"operations that wait, 100 of them", 100, func(int) error { _, err := ops.List(ctx, store.Waiting, 100, ""); return err }},
		{"operations that failed, 100 of them", 100, func(int) error { _, err := ops.List(ctx, store.Failed, 100, ""); return err }},
		{"letters, 100 of them", 100, func(int) error {
			_, err := s.DeadLetters().List(ctx, store.LetterFilter{}, 100, strconv.Itoa(mrand.IntN(letters)))
			return err
		}},
		{"letters of a route, 100 of them", 100, func(i int) error {
			_, err := s.DeadLetters().List(ctx, store.LetterFilter{Route: l.route(i)}, 100, "")
			return err
		}},
		{"letters of a day, 100 of them", 100, func(i int) error {
			from := l.at(some())
			_, err := s.DeadLetters().List(ctx, store.LetterFilter{Since: from, Until: from.Add(24 * time.Hour)}, 100, "")
			return err
		}},
		{"letter by id", 500, func(int) error {
			_, err := s.DeadLetters().Get(ctx, "letter "+l.id(mrand.IntN(letters)))
			return err
		}},
		{"letters counted, all", 20, func(int) error { _, err := s.DeadLetters().Count(ctx, store.LetterFilter{}); return err }},
		{"letters counted, of a route", 20, func(i int) error {
			_, err := s.DeadLetters().Count(ctx, store.LetterFilter{Route: l.route(i)})
			return err
		}},
		{"account of letters", 20, func(int) error { _, err := s.DeadLetters().Tallies(ctx, "exhausted"); return err }},
		{"collections that are due", 200, func(int) error { _, err := s.Collections().Due(ctx, l.now, 1000); return err }},
		{"letter kept", 200, func(i int) error {
			_, err := s.DeadLetters().Keep(ctx, store.DeadLetter{ID: run + strconv.Itoa(i), Topic: "t", Group: "g", Route: l.route(i), MessageID: run +
				strconv.Itoa(i), Reason: "refused", First: l.now, Kept: l.now, Body: longBody})
			return err
		}},
	} {
		l.t.Log(l.timed(m.what, m.times, m.do))
	}
}

func (l *large) timed(what string, times int, do func(i int) error) string {
	took := make([]time.Duration, times)
	for i := range took {
		begin := time.Now()
		if err := do(i); err != nil {
			l.t.Error(what, ": ", err)
			return what
		}
		took[i] = time.Since(begin)
	}
	slices.Sort(took)
	return fmt.Sprintf("%-36s p50 %8.2f ms  p99 %8.2f ms", what, ms(took[times/2]), ms(took[times*99/100]))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// sweep removes what expires in a day, and logs the time that it takes and what it leaves.
func (l *large) sweep(s *Store) {
	begin := time.Now()
	swept, err := s.Sweep(context.WithoutCancel(l.t.Context()), l.now.Add(24*time.Hour))
	if err != nil {
		l.t.Error(err)
	}
	took := time.Since(begin)
	l.t.Logf("sweep of a day: %+v in %s", swept, took.Round(time.Millisecond))
	begin = time.Now()
	if _, err = s.Sweep(l.t.Context(), l.now.Add(24*time.Hour)); err != nil {
		l.t.Error(err)
	}
	l.t.Logf("sweep without work: %s", time.Since(begin).Round(time.Millisecond))
	l.t.Log(l.timed("look-up by id, after that", 2000, func(int) error {
		_, err := s.Operations().Get(l.t.Context(), l.id(l.n-1-mrand.IntN(l.n/2)))
		return err
	}))
	c := l.patient()
	defer c.Close(context.WithoutCancel(l.t.Context()))
	begin = time.Now()
	if _, err := c.Exec(l.t.Context(), "vacuum operation"); err != nil {
		l.t.Error(err)
	}
	l.t.Logf("vacuum of operations: %s; they take %s", time.Since(begin).Round(time.Second),
		l.ask("select pg_size_pretty(pg_table_size('operation'))||' + '||pg_size_pretty(pg_indexes_size('operation'))"))
}
