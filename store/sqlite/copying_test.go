package sqlite

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	"fondaco/store/record"
)

// TestKindsAreAll: every table and column of the file is copied, or is said here not to be.
func TestKindsAreAll(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	apart := []string{
		"meta.name", "meta.value", // settings: see record.Settings
		"counter.name", "counter.value", "sqlite_sequence.name", "sqlite_sequence.seq", // numbers given
		"inbox.grp", "inbox.id", "inbox.at", // of formats before 4: refused
		"inbox_log.seq", "inbox_log.at", "inbox_log.ids", "inbox_run.run", "inbox_run.newest", "inbox_run.count", "inbox_run.filter",
		"inbox_page.id", "inbox_page.ids", // a kind of its own
		"drawn.id", "replay.sum", // made of the row
	}
	var copied, columns, numbered []string
	for _, k := range record.Kinds {
		for _, column := range k.Names() {
			copied = append(copied, k.Table+"."+column)
		}
	}
	f := s.file.Load()
	r := &reader{ctx: t.Context(), f: f}
	if err := r.once("select m.name||'.'||c.name from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table'", nil,
		func(rows *sql.Rows) error {
			var column string
			err := rows.Scan(&column)
			columns = append(columns, column)
			return err
		}); err != nil {
		t.Fatal(err)
	}
	if err := r.once("select name from sqlite_master where sql like '%autoincrement%'", nil, func(rows *sql.Rows) error {
		var table string
		err := rows.Scan(&table)
		numbered = append(numbered, table)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(columns) < 100 {
		t.Errorf("%d columns were found", len(columns))
	}
	for _, column := range columns {
		if !slices.Contains(copied, column) && !slices.Contains(apart, column) {
			t.Errorf("the column %s is not copied: add it to record.Kinds, or say here why it need not be", column)
		}
	}
	for _, table := range numbered {
		if !slices.Contains(record.Numbered, table) && table != "inbox_log" && table != "inbox_run" {
			t.Errorf("numbers of %s do not go on in a copy: add the table to record.Numbered", table)
		}
	}
}
