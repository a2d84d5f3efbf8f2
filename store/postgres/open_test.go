package postgres

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"fondaco/store"
	"fondaco/store/postgres/postgrestest"
)

// What is not this project's schema, of the present format and with the rights that the server needs, is refused with what to do,
// and left as it is.
func TestRefused(t *testing.T) {
	const quoted = `"SCHEMA"`
	for name, c := range map[string]struct {
		before string   // SCHEMA is the name of the schema
		as     Options  // zero for the project's own
		want   []string // parts of the error
	}{
		"no schema": {`drop schema ` + quoted + ` cascade`, Options{}, []string{"is not there yet", "fondaco migrate"}},
		"an empty schema": {`drop schema ` + quoted + ` cascade; create schema ` + quoted + `; grant usage on schema ` + quoted +
			` to fondaco`, Options{}, []string{"is not there yet", "fondaco migrate"}},
		"an older format": {`update meta set value = '0' where name = 'format'`, Options{}, []string{"fondaco migrate"}},
		"a newer format": {
			`update meta set value = '99' where name in ('format', 'usable from')`,
			Options{},
			[]string{"format 99", "newer version"},
		},
		"of something else": {`drop schema ` + quoted + ` cascade; create schema ` + quoted + `; grant usage on schema ` + quoted +
			` to fondaco; create table accounts (id int)`, Options{}, []string{"tables of something else", "?schema="}},
		"another's meta": {`drop schema ` + quoted + ` cascade; create schema ` + quoted + `; grant usage on schema ` + quoted +
			` to fondaco; create table meta (key int); grant select on meta to fondaco`, Options{}, []string{"tables of something else"}},
		"another project": {``, Options{Project: "verona"}, []string{`project "venezia"`, `"verona"`, "?schema=verona"}},
		"no usage": {
			`revoke usage on schema ` + quoted + ` from fondaco`,
			Options{},
			[]string{`grant usage on schema "SCHEMA" to "fondaco"`},
		},
		"no right": {
			`revoke insert, delete on letter from fondaco; revoke all on intent from fondaco`,
			Options{},
			[]string{
				`grant insert, delete on "SCHEMA".letter to "fondaco"`,
				`grant select, insert, update, delete on "SCHEMA".intent to "fondaco"`,
			},
		},
		"no right to look": {`revoke all on meta from fondaco`, Options{}, []string{`on "SCHEMA".meta to "fondaco"`}},
		"no sequence": {
			`revoke all on sequence take from fondaco`,
			Options{},
			[]string{`grant usage on sequence "SCHEMA".take to "fondaco"`},
		},
		"commits not durable": {
			`create role hasty login; alter role hasty set synchronous_commit = off; grant fondaco to hasty`,
			Options{},
			[]string{"synchronous_commit = off", "alter role"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, nil)
			if c.before != "" {
				p.say(strings.ReplaceAll(c.before, "SCHEMA", p.schema))
			}
			if strings.Contains(c.before, "role hasty") {
				p.address = strings.Replace(p.address, "fondaco@", "hasty@", 1)
				t.Cleanup(func() { p.say("drop role hasty") })
			}
			if c.as.Project == "" {
				c.as.Project = "venezia"
			}
			before := p.everything()
			s, err := Open(t.Context(), p.address, c.as)
			if err == nil {
				s.Close()
				t.Fatal("it was opened")
			}
			for _, want := range c.want {
				if want = strings.ReplaceAll(want, "SCHEMA", p.schema); !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %q, without %q", err, want)
				}
			}
			if errors.Is(err, store.ErrIO) {
				t.Errorf("%v: it is told as a failure that passes", err)
			}
			if p.everything() != before {
				t.Error("the refused start has written")
			}
		})
	}
}

// everything is all that is in the schema, as text.
func (p *place) everything() string {
	p.t.Helper()
	return p.ask(fmt.Sprintf(`select coalesce(string_agg(relname || ' ' || (
			select string_agg(column_name || ' ' || data_type, ', ' order by column_name) from information_schema.columns
			where table_schema = nspname and table_name = relname
		) || query_to_xml(format('select t::text as row from %%I.%%I t order by 1', nspname, relname), false, false, '')::text,
		E'\n' order by relname), 'none')
		from pg_class c join pg_namespace n on n.oid = c.relnamespace where nspname = '%s' and relkind in ('r', 'p')`, p.schema))
}

// A server that does not keep what it commits is refused.
func TestUnfitServer(t *testing.T) {
	for setting, want := range map[string]string{
		"fsync=off": "fsync = off", "full_page_writes=off": "full_page_writes = off",
		"synchronous_commit=off": "synchronous_commit = off",
	} {
		t.Run(setting, func(t *testing.T) {
			n := postgrestest.New(t, setting)
			address := n.Address("postgres", "postgres", "schema=s")
			if _, err := Migrate(t.Context(), address, Migration{Project: "venezia"}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("migrating: %v", err)
			}
			if _, err := Open(t.Context(), address, Options{Project: "venezia"}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("opening: %v", err)
			}
		})
	}
}

// A setting that is changed later is found on the next connection.
func TestUnfitLater(t *testing.T) {
	n := postgrestest.New(t)
	p := newPlace(t, n)
	s := p.open(p.options())
	p.say("alter role fondaco set synchronous_commit = off; select pg_terminate_backend(pid) from pg_stat_activity where usename = 'fondaco'")
	eventually(t, "it is refused", func() bool {
		err := s.Inbox().Done(t.Context(), "t", "g", now, "1")
		return err != nil && strings.Contains(err.Error(), "synchronous_commit = off")
	})
	p.say("alter role fondaco set synchronous_commit = on")
	eventually(t, "it is well again", func() bool { return s.Inbox().Done(t.Context(), "t", "g", now, "1") == nil })
}

// Migrate makes a schema once, whoever else does so at the same time, and refuses what is not its own.
func TestMigrate(t *testing.T) {
	p := newPlace(t, nil)
	p.say(`drop schema "` + p.schema + `" cascade`)
	var all sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for range 8 {
		all.Go(func() {
			done, err := Migrate(t.Context(), p.owner, Migration{Project: "venezia", Role: "fondaco"})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if done.From == 0 {
				made++
			}
		})
	}
	all.Wait()
	if made != 1 {
		t.Errorf("it was made %d times", made)
	}
	p.open(p.options()).Close()
	before := p.everything()
	if _, err := Migrate(t.Context(), p.owner, Migration{Project: "verona"}); err == nil || !strings.Contains(err.Error(), "venezia") {
		t.Errorf("for another project: %v", err)
	}
	p.say("update meta set value = '99' where name in ('format', 'usable from')")
	if _, err := Migrate(t.Context(), p.owner, Migration{Project: "venezia"}); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("of a newer version: %v", err)
	}
	// a version that was rolled back finds what it can use
	p.say("update meta set value = '" + fmt.Sprint(len(migrations)) + "' where name = 'usable from'")
	p.open(p.options()).Close()
	if done, err := Migrate(t.Context(), p.owner, Migration{Project: "venezia"}); err != nil || done.From != 99 || done.To != 99 ||
		p.ask("select value from meta where name = 'format'") != "99" {
		t.Errorf("of a newer version that this one can use: %+v, %v", done, err)
	}
	p.say("update meta set value = '" + fmt.Sprint(len(migrations)) + "' where name = 'format'")
	p.say("update meta set value = '" + fmt.Sprint(usableFrom) + "' where name = 'usable from'")
	if p.everything() != before {
		t.Error("a refused migration has written")
	}
	if _, err := Migrate(t.Context(), p.address, Migration{Project: "venezia"}); err != nil {
		t.Errorf("where nothing is to be done: %v", err)
	}
	p.say(`drop schema "` + p.schema + `" cascade`)
	if _, err := Migrate(t.Context(), p.address, Migration{Project: "venezia"}); err == nil ||
		!strings.Contains(err.Error(), "grant create on database") {
		t.Errorf("with the server's role: %v", err)
	}
}

// The server's role makes, changes and drops no table, and the audit is only appended to.
func TestLeastRights(t *testing.T) {
	p := newPlace(t, nil)
	s := p.open(p.options())
	for _, text := range []string{
		"create table x (id int)", "alter table operation add column x int", "drop table operation", "truncate inbox",
		"update audit set who = ''", "delete from audit", "create schema x", "delete from meta",
	} {
		if _, err := s.pool.Exec(t.Context(), text); code(err) != noPrivilege {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What is not an address of a state is refused, and no password is in a message.
func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"mysql://a:geheim@host/db":                             "is not a postgres://",
		"postgres://a:geheim@host/db?schema=public":            "schema",
		"postgres://a:geheim@host/db?schema=pg_x":              "schema",
		"postgres://a:geheim@host:no/db":                       "is not a postgres://",
		"postgres://a:geheim@host/db?sslmode=geheim":           "sslmode",
		"postgres://a:geheim@host/db?slmode=disable":           `"slmode" is not an option of it; did you mean "sslmode"?`,
		"postgres://a@host/db?password=:geheim":                `"password" is not an option of it`,
		"postgres://a:geheim@127.0.0.1:1/db?connect_timeout=1": "127.0.0.1:1/db",
	} {
		_, err := Open(t.Context(), address, Options{Project: "venezia"})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), ":geheim") {
			t.Errorf("%s: %v", address, err)
		}
	}
	a, err := parse("postgres://a@one:5432,two:5433/db?sslmode=verify-full&target_session_attrs=primary", "venezia")
	if err != nil || len(a.pool.ConnConfig.Fallbacks) != 1 || a.schema != "venezia" || a.pool.ConnConfig.TLSConfig == nil ||
		a.pool.ConnConfig.TLSConfig.InsecureSkipVerify {
		t.Errorf("several hosts: %+v, %v", a, err)
	}
}

// A row that is not as it was written is never served; the others are.
func TestDamaged(t *testing.T) {
	p := newPlace(t, nil)
	s := p.open(p.options())
	for _, id := range []string{"a", "b"} {
		if err := s.Operations().Create(t.Context(), store.Operation{
			ID: id, Route: "r", State: store.Accepted, Created: now,
			Updated: now,
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.DeadLetters().Keep(t.Context(), store.DeadLetter{
			ID: id, Topic: "t", MessageID: id, Body: []byte("body"),
			Kept: now,
		}); err != nil {
			t.Fatal(err)
		}
	}
	p.say("update operation set owner = 'x' where id = 'a'; update letter_body set body = 'boby' where seq = (select seq from letter where " +
		"id = 'a')")
	if _, err := s.Operations().Get(t.Context(), "a"); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("the operation: %v", err)
	}
	if list, err := s.Operations().List(t.Context(), store.Accepted, 10, ""); !errors.Is(err, store.ErrDamaged) || len(list) != 1 ||
		list[0].ID != "b" {
		t.Errorf("the operations: %v, %v", list, err)
	}
	other := p.open(p.options())
	if err := other.Operations().Set(t.Context(), "a", store.Working, 0, store.Answer{}, now); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("moving it: %v", err)
	}
	_ = s.Operations().Set(t.Context(), "a", store.Done, 1, store.Answer{Status: 200}, now) // who made it remembers it otherwise
	if _, err := s.Operations().Get(t.Context(), "a"); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("the operation, moved on: %v", err)
	}
	if _, err := s.DeadLetters().Get(t.Context(), "a"); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("the letter: %v", err)
	}
	if _, err := s.DeadLetters().Get(t.Context(), "b"); err != nil {
		t.Errorf("the other letter: %v", err)
	}
	if err := s.Health(); err != nil {
		t.Errorf("the database is well: %v", err)
	}
}
