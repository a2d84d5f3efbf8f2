package postgres

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"fondaco/store"
	"fondaco/store/crypt"
	"fondaco/store/postgres/postgrestest"
	"fondaco/store/record"
	"fondaco/store/storetest"
)

// shared is the server of all tests that break none; nil where PostgreSQL is absent.
var shared *postgrestest.Server

// TestMain starts the server, or plays another role where a test started this binary for it.
func TestMain(m *testing.M) {
	if role := os.Getenv("FONDACO_TEST_ROLE"); role != "" {
		if err := roles[role](context.Background(), os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(withServer(m))
}

func withServer(m *testing.M) int {
	var err error
	if shared, err = postgrestest.Start(); err != nil && !errors.Is(err, postgrestest.ErrAbsent) {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if shared != nil {
		defer shared.Remove()
	}
	result := m.Run()
	if shared != nil && result == 0 && flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == "" &&
		!testing.Short() {
		result = everyPlan()
	}
	if err := goleak.Find(goleak.IgnoreAnyFunction("os/exec.(*Cmd).Wait"),
		goleak.IgnoreAnyFunction("os/exec.(*Cmd).writerDescriptor.func1")); err != nil && result == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return result
}

// everyPlan looks at the plans of all statements, once all tests have run: each was tried, and finds an index.
func everyPlan() int {
	problems, _, err := noScans(context.Background())
	if err == nil {
		var more []string
		more, err = untried()
		problems = append(problems, more...)
	}
	if err != nil {
		problems = append(problems, err.Error())
	}
	for _, p := range problems {
		fmt.Fprintln(os.Stderr, p)
	}
	return min(1, len(problems))
}

var schemas atomic.Int64

// place is a schema of its own, made by its owner, with a role of the server that has no DDL.
type place struct {
	t       testing.TB
	server  *postgrestest.Server
	schema  string
	address string // of the server's role
	owner   string
}

// newPlace makes a schema on a server, the shared one for nil.
func newPlace(t testing.TB, server *postgrestest.Server) *place {
	t.Helper()
	if server == nil {
		if server = shared; server == nil {
			postgrestest.Skip(t)
		}
	}
	schema := fmt.Sprintf("città %d", schemas.Add(1))
	p := &place{t: t, server: server, schema: schema}
	p.owner = server.Address("postgres", "postgres", "schema=citt%C3%A0%20"+schema[len("città "):])
	p.address = server.Address("fondaco", "postgres", "schema=citt%C3%A0%20"+schema[len("città "):])
	p.say("do $$ begin create role fondaco login; exception when duplicate_object or unique_violation then null; end $$")
	if _, err := Migrate(t.Context(), p.owner, Migration{Project: "venezia", Role: "fondaco"}); err != nil {
		t.Fatal(err)
	}
	return p
}

// say runs statements as the superuser, within the schema.
func (p *place) say(text string) {
	p.t.Helper()
	p.ask(text)
}

// ask runs statements as the superuser and returns the first column of the last row.
func (p *place) ask(text string) (value string) {
	p.t.Helper()
	a, err := parse(p.owner, "venezia")
	if err != nil {
		p.t.Fatal(err)
	}
	ctx := context.Background()
	for _, name := range []string{"statement_timeout", "lock_timeout"} { // on a loaded machine it may take longer than callers wait
		a.pool.ConnConfig.RuntimeParams[name] = "0"
	}
	c, err := pgx.ConnectConfig(ctx, a.pool.ConnConfig)
	if err != nil {
		p.t.Fatal(err)
	}
	defer c.Close(ctx)
	results, err := c.PgConn().Exec(ctx, text).ReadAll()
	if err != nil {
		p.t.Fatal(err)
	}
	for _, r := range results {
		for _, row := range r.Rows {
			value = string(row[0])
		}
	}
	return value
}

func (p *place) options() Options { return Options{Project: "venezia"} }

// open opens the state, and closes it when the test ends.
func (p *place) open(o Options) *Store {
	p.t.Helper()
	return p.openWith(o, faults{})
}

func (p *place) openWith(o Options, planted faults) *Store {
	p.t.Helper()
	s, err := openWith(p.t.Context(), p.address, o, planted)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { s.Close() })
	return s
}

// callersTime has the database's time be what callers tell: the contract's tests let it pass by telling it.
func callersTime() faults { return faults{time: record.Micro} }

// TestContract: the suite of all stores, and the same of one that is encrypted; and no statement of theirs reads a table whole.
func TestContract(t *testing.T) {
	for name, keys := range map[string]crypt.Keys{"as it is": {}, "encrypted": storetest.Keys(t, 1)} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) storetest.Place {
				p := newPlace(t, nil)
				return storetest.Place{Open: func(l store.Limits) store.Store {
					return p.openWith(Options{Project: "venezia", Limits: l, Keys: keys}, callersTime())
				}}
			})
		})
	}
	t.Run("by indexes", TestNoScans)
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); {
		if time.Now().After(end) {
			t.Fatalf("it never came that %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

var roles = map[string]func(ctx context.Context, args []string) error{}

// now is when tests begin.
var now = time.Date(2026, 3, 29, 1, 59, 59, 123456000, time.UTC)

// TestEncrypted: what is promised of encryption. Files are the rows of all tables: what was there before it was encrypted stays in
// the database's files until they are vacuumed.
func TestEncrypted(t *testing.T) {
	storetest.Encrypted(t, func(t *testing.T) storetest.SealedPlace {
		p := newPlace(t, nil)
		return storetest.SealedPlace{
			Open: func(keys crypt.Keys) (store.Store, error) {
				return openWith(t.Context(), p.address, Options{Project: "venezia", Keys: keys}, callersTime())
			},
			Files: func() []byte { return []byte(p.rows()) },
		}
	})
}

// rows is what is in all tables, with octets as they are.
func (p *place) rows() (all string) {
	p.t.Helper()
	for _, r := range rights {
		all += p.ask("set bytea_output = escape; select coalesce(string_agg(t::text, E'\\n' order by t::text), '') from " + r.table + " t")
	}
	return all
}

// TestSeals: what processes keep elsewhere is encrypted with data keys of the state that they share.
func TestSeals(t *testing.T) {
	storetest.Seals(t, func(t *testing.T) storetest.SharedPlace {
		p := newPlace(t, nil)
		return storetest.SharedPlace{Open: func(keys crypt.Keys) (store.Store, error) {
			o := p.options()
			o.Keys = keys
			return Open(t.Context(), p.address, o)
		}}
	})
}
