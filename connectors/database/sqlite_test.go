package database_test

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"testing"

	"fondaco/connectors/database/databasetest"
)

func TestSQLite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a tax'd (è) file?.db")
	db, err := sql.Open("sqlite", "file:"+escaped(path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	databasetest.Run(t, databasetest.Server{
		Address: "sqlite:" + path,
		Say: func(t testing.TB, statements ...string) {
			t.Helper()
			for _, s := range statements {
				if _, err := db.ExecContext(t.Context(), s); err != nil {
					t.Fatalf("%s: %v", s, err)
				}
			}
		},
		Types: map[string]string{
			"decimal": "decimal(12,2)", "date": "date", "moment": "text", "flag": "integer", "octets": "blob",
			"long": "text",
		},
		Slow:   "with recursive n (i) as (select 1 union all select i + 1 from n) select i as x from n where i < 0",
		Sneaky: "with n (codice) as (select :codice) insert into cose (codice, importo) select codice, 1 from n returning codice",
		Lock: func(t testing.TB) func() {
			tx, err := db.BeginTx(t.Context(), nil)
			if err == nil {
				_, err = tx.ExecContext(t.Context(), "update cose set nota = 'x' where codice = 'bloccata'")
			}
			if err != nil {
				t.Fatal(err)
			}
			return func() { _ = tx.Rollback() }
		},
	})
}

// escaped writes a path as a URI has it.
func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }
