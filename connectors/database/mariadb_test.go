package database_test

import (
	"testing"

	"fondaco/connectors/database/databasetest"
)

func TestMariaDB(t *testing.T) {
	server := databasetest.MariaDB(t)
	prepared := false
	say := server.Say
	server.Say = func(t testing.TB, statements ...string) {
		t.Helper()
		say(t, statements...)
		if !prepared {
			prepared = true
			say(t, "create function scrive(c varchar(40)) returns varchar(40) modifies sql data begin insert into cose (codice, importo) values "+
				"(c, 1); return c; end")
		}
	}
	databasetest.Run(t, server)
}
