package postgres

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// wholeTables are statements that read a whole table on purpose, by a part of their text: what an operator asks for without a
// filter, or of letters alone, whose size is bounded.
var wholeTables = []string{
	"group by topic, grp",                   // the account of letters
	"from letter where true",                // all letters are listed or counted
	"from sequence s order by s.name",       // once, after a restore
	"select id from data_key where subject", // keys of persons, one for each of whom something is kept
	"from data_key where master <>",         // when keys are changed
}

// scanned finds the tables that a plan reads whole.
var scanned = regexp.MustCompile(`Seq Scan on (\w+)`)

// noScans reports the statements that tests have used so far and that find no index: they would read a table whole, however large.
func noScans(t *testing.T) {
	p := newPlace(t, nil)
	a, err := parse(p.owner, "venezia")
	if err != nil {
		t.Fatal(err)
	}
	c, err := pgx.ConnectConfig(t.Context(), a.pool.ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if _, err := c.Exec(t.Context(), "set enable_seqscan = off; set plan_cache_mode = force_generic_plan"); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	texts.Range(func(_, text any) bool {
		used[text.(string)] = true
		return true
	})
	looked := 0
	for _, text := range slices.Sorted(maps.Keys(used)) {
		word, _, _ := strings.Cut(text, " ")
		if !slices.Contains([]string{"select", "insert", "update", "delete", "with"}, word) || strings.Contains(text, "pg_") ||
			strings.Contains(text, "_privilege") ||
			slices.ContainsFunc(wholeTables, func(part string) bool { return strings.Contains(text, part) }) {
			continue
		}
		looked++
		plan := explain(t, c, text)
		for _, m := range scanned.FindAllStringSubmatch(plan, -1) {
			if m[1] != "meta" && m[1] != "counter" { // a few rows
				t.Errorf("%s\nreads the whole table %s:\n%s", text, m[1], plan)
			}
		}
	}
	t.Logf("%d statements find what they look for by an index", looked)
}

// explain returns the plan of a statement for any parameters.
func explain(t *testing.T, c *pgx.Conn, text string) string {
	t.Helper()
	n := 0
	for strings.Contains(text, fmt.Sprint("$", n+1)) {
		n++
	}
	arguments := ""
	if n > 0 {
		arguments = "(null" + strings.Repeat(", null", n-1) + ")"
	}
	rows, err := c.PgConn().Exec(t.Context(), "prepare q as "+text+"; explain execute q"+arguments+"; deallocate q").ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var lines []string
	for _, row := range rows[1].Rows {
		lines = append(lines, string(row[0]))
	}
	return strings.Join(lines, "\n")
}
