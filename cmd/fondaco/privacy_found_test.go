package main

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"fondaco/store/sqlitefile"
)

// inTables returns the tables that hold a text, those of files with the files' names, and what stands in data_key of a subject.
func (p *places) inTables(text, subject string) (tables []string, keys [][]byte) {
	p.Helper()
	files, err := filepath.Glob(filepath.Join(p.dir, "data", "*.db"))
	if err != nil || len(files) == 0 {
		p.Fatal(files, err)
	}
	for _, file := range files {
		some, wrapped := p.inFile(file, text, subject)
		tables, keys = append(tables, some...), append(keys, wrapped...)
	}
	if p.db == nil {
		return tables, keys
	}
	dump, err := p.db.Dump()
	if err != nil {
		p.Fatal(err)
	}
	table := ""
	for line := range strings.Lines(string(dump)) {
		if name, found := strings.CutPrefix(line, "COPY "); found {
			table, _, _ = strings.Cut(name, " ")
			continue
		}
		if strings.Contains(line, text) || strings.Contains(line, hex.EncodeToString([]byte(text))) {
			tables = append(tables, table)
		}
		if columns := strings.Split(line, "\t"); subject != "" && table == "office.data_key" && len(columns) > 3 &&
			strings.Contains(columns[1], subject) {
			keys = append(keys, []byte(columns[3]))
		}
	}
	slices.Sort(tables)
	return slices.Compact(tables), keys
}

func (p *places) inFile(file, text, subject string) (tables []string, keys [][]byte) {
	p.Helper()
	db, err := sqlitefile.OpenReaders(file)
	if err != nil {
		p.Fatal(err)
	}
	defer db.Close()
	list := func(query string, args ...any) (all [][]byte) {
		p.Helper()
		rows, err := db.QueryContext(p.Context(), query, args...)
		if err != nil {
			p.Fatal(file, query, err)
		}
		defer rows.Close()
		for rows.Next() {
			var one []byte
			if err := rows.Scan(&one); err != nil {
				p.Fatal(err)
			}
			all = append(all, one)
		}
		if err := rows.Err(); err != nil {
			p.Fatal(err)
		}
		return all
	}
	for _, table := range list("select name from sqlite_master where type = 'table'") {
		for _, column := range list("select name from pragma_table_info(?)", string(table)) {
			if len(list(fmt.Sprintf(`select 1 from "%s" where instr(cast("%s" as blob), cast(? as blob)) > 0 limit 1`, table, column), text)) > 0 {
				tables = append(tables, filepath.Base(file)+" "+string(table))
			}
		}
	}
	if subject != "" && len(list("select 1 from sqlite_master where name = 'data_key'")) > 0 {
		keys = list("select wrapped from data_key where instr(subject, ?) > 0", subject)
	}
	return tables, keys
}

// where says in which files and tables a text stands.
func (p *places) where(text string) string {
	p.Helper()
	tables, _ := p.inTables(text, "")
	return strings.TrimSpace(readableIn(p.T, filepath.Join(p.dir, "data"), text) + " " + strings.Join(tables, ", "))
}

// everywhere expects the name in every place, or with encryption in none.
func (p *places) everywhere(encrypted bool) {
	p.Helper()
	holds := func(tables []string, table string) bool {
		return slices.ContainsFunc(tables, func(name string) bool { return regexp.MustCompile(`\b` + table + "$").MatchString(name) })
	}
	if begun, _ := p.inTables("archive.enter", ""); !holds(begun, "intent") {
		p.Errorf("the call that was begun is in %v, not in the table intent", begun)
	}
	if encrypted {
		if where := p.where(rosaAlias); where != "" {
			p.Errorf("Rosa's name can be read in %s", where)
		}
		return
	}
	tables, _ := p.inTables(rosaAlias, "")
	for _, table := range []string{"operation", "letter", "letter_body", "idempotency", "collection", "item", "message"} {
		if !holds(tables, table) {
			p.Errorf("Rosa's name is not in the table %s, but in %v: the test looks in the wrong place", table, tables)
		}
	}
}

// shredded expects that data keys of a subject are gone, also from the bytes of the files.
func (p *places) shredded(mark string, keys [][]byte) {
	p.Helper()
	eventually(p.T, func() string { // what was still being told at the erasure has its key until the next one, or the sweep
		_, left := p.inTables(rosaAlias, mark)
		if len(left) == 0 {
			return ""
		}
		p.privacy("erase", rosaCode)
		return fmt.Sprintf("%d data keys of Rosa are left", len(left))
	})
	eventually(p.T, func() string {
		for _, key := range keys {
			if where := readableIn(p.T, filepath.Join(p.dir, "data"), string(key)); where != "" {
				return "a data key of Rosa still stands in" + where
			}
		}
		return ""
	})
}
