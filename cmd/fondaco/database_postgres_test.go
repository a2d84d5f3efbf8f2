package main

import (
	"fmt"
	"testing"
	"time"

	"fondaco/connectors/database/databasetest"
	"fondaco/store/postgres/postgrestest"
)

// TestDatabaseOnPostgreSQL: what the protocol database promises holds on a real PostgreSQL. It runs alone, since it looks for goroutines
// that are left over.
func TestDatabaseOnPostgreSQL(t *testing.T) {
	databasetest.Run(t, postgresDatabase(t))
}

// postgresDatabase is a real server of PostgreSQL as a system's database.
func postgresDatabase(t *testing.T) databasetest.Server {
	t.Helper()
	server := postgrestest.New(t)
	say := func(t testing.TB, statements ...string) {
		t.Helper()
		if err := server.Say(statements...); err != nil {
			t.Fatal(err)
		}
	}
	say(t, "create table fondaco_gate (n integer)")
	gates := 0
	const sleeping = "from pg_stat_activity where wait_event = 'PgSleep' and application_name <> 'fondaco'"
	return databasetest.Server{
		Address: "postgresql://127.0.0.1:" + server.Port + "/postgres", Host: "127.0.0.1:" + server.Port, User: "postgres", Password: "unused",
		Say: say,
		Types: map[string]string{
			"decimal": "numeric(12,2)", "date": "date", "moment": "timestamptz", "flag": "boolean", "octets": "bytea",
			"long": "text",
		},
		Slow:   "select 1 as x from pg_sleep(60)",
		Sneaky: "with n as (insert into cose (codice, importo) values (:codice, 1) returning codice) select codice from n",
		Lock: func(t testing.TB) func() {
			t.Helper()
			done := make(chan struct{})
			go func() {
				defer close(done)
				_ = server.Say("begin; update cose set nota = 'x' where codice = 'bloccata'; select pg_sleep(600)") // it is ended from outside
			}()
			for end := time.Now().Add(time.Minute); server.Say("select 1/count(*) "+sleeping) != nil; {
				if time.Now().After(end) {
					t.Fatal("the lock was not taken")
				}
			}
			return func() {
				say(t, "select pg_terminate_backend(pid) "+sleeping)
				<-done
			}
		},
		Begin: func(t testing.TB, statement string) func() {
			t.Helper()
			gates++
			n := gates
			gate := fmt.Sprintf("fondaco_gate where n = %d", n)
			done := make(chan error, 1)
			go func() {
				done <- server.Say("begin; " + statement + "; do $$ begin while not exists (select 1 from " + gate +
					") loop perform pg_sleep(0.02); end loop; end $$; commit")
			}()
			for end := time.Now().Add(time.Minute); server.Say("select 1/count(*) from pg_locks l join pg_stat_activity a using (pid) "+
				"where locktype = 'transactionid' and query like '%"+gate+")%' and query not like '%pg_locks%'") != nil; {
				if time.Now().After(end) {
					t.Fatal("the transaction did not begin")
				}
			}
			return func() {
				say(t, fmt.Sprintf("insert into fondaco_gate values (%d)", n))
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
		},
		Ordered: true,
	}
}
