package postgres

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"fondaco/store/postgres/postgrestest"
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

// emptied finds the statements of a copy that begins a kind of rows anew.
var emptied = regexp.MustCompile(`^delete from \w+$`)

// scanned finds the tables that a plan reads whole.
var scanned = regexp.MustCompile(`Seq Scan on (\w+)`)

// looksUp are the words with which statements begin that read or write rows.
var looksUp = []string{"select", "insert", "update", "delete", "with"}

// noScans reports the statements that tests have used so far and that find no index: they would read a table whole, however large. It
// looks at plans for any parameters, with reading a table whole made dear, and returns at how many it looked.
func noScans(ctx context.Context) (problems []string, looked int, err error) {
	address := shared.Address("postgres", "postgres", "schema=plans")
	if _, err := Migrate(ctx, address, Migration{Project: "venezia"}); err != nil {
		return nil, 0, err
	}
	a, err := parse(address, "venezia")
	if err != nil {
		return nil, 0, err
	}
	c, err := pgx.ConnectConfig(ctx, a.pool.ConnConfig)
	if err != nil {
		return nil, 0, err
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "set enable_seqscan = off; set plan_cache_mode = force_generic_plan"); err != nil {
		return nil, 0, err
	}
	for _, text := range used() {
		word, _, _ := strings.Cut(text, " ")
		if !slices.Contains(looksUp, word) || strings.Contains(text, "pg_") || strings.Contains(text, "_privilege") ||
			emptied.MatchString(text) || slices.ContainsFunc(wholeTables, func(part string) bool { return strings.Contains(text, part) }) {
			continue
		}
		looked++
		plan, err := explain(ctx, c, text)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", text, err))
		}
		for _, m := range scanned.FindAllStringSubmatch(plan, -1) {
			if m[1] != "meta" && m[1] != "counter" { // a few rows
				problems = append(problems, fmt.Sprintf("%s\nreads the whole table %s:\n%s", text, m[1], plan))
			}
		}
	}
	return problems, looked, nil
}

// used are the statements that tests have used so far.
func used() []string {
	all := map[string]bool{}
	texts.Range(func(_, text any) bool {
		all[text.(string)] = true
		return true
	})
	return slices.Sorted(maps.Keys(all))
}

// fewTried are statements that no test of this package uses, by their beginning; each has a reason.
var fewTried = []string{
	"select current_setting(", // of a connection, before any table is read
	"select pg_",
	"select count(*) from pg_stat_activity",                // by the command that marks a state as restored
	"select f.value, p.value",                              // of the schema itself
	"update sequence set last = ?, sum = ? where name = ?", // after a restore, by the key
	"delete from data_key where id = any(?) and ",          // of a person of whom nothing is kept, by the key
	"update meta set value = to_char(",                     // of the writer, after a failure
	"update counter set value = (select",                   // of a copy, when its letters are there; with others in one text
}

// untried reports the statements in the code that tests have not used: noScans has not seen them. It is meant for when all have run.
func untried() (problems []string, err error) {
	parameter := regexp.MustCompile(`\$\d+`)
	all := parameter.ReplaceAllString(strings.Join(used(), "\n"), "?")
	names, err := filepath.Glob("*.go")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			l, is := n.(*ast.BasicLit)
			if !is || l.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(l.Value)
			word, rest, _ := strings.Cut(text, " ")
			if err != nil || !slices.Contains(looksUp, word) || rest == "" || strings.Contains(all, text) ||
				slices.ContainsFunc(fewTried, func(begin string) bool { return strings.HasPrefix(text, begin) }) {
				return true
			}
			problems = append(problems, "no test uses the statement that begins with "+strconv.Quote(text))
			return true
		})
	}
	return problems, nil
}

// TestNoScans: of the statements of the tests before it none reads a table whole; TestMain looks again when all have run.
func TestNoScans(t *testing.T) {
	if shared == nil {
		postgrestest.Skip(t)
	}
	problems, looked, err := noScans(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
	t.Logf("%d statements find what they look for by an index", looked)
}

// explain returns the plan of a statement for any parameters.
func explain(ctx context.Context, c *pgx.Conn, text string) (string, error) {
	n := 0
	for strings.Contains(text, fmt.Sprint("$", n+1)) {
		n++
	}
	arguments := ""
	if n > 0 {
		arguments = "(null" + strings.Repeat(", null", n-1) + ")"
	}
	rows, err := c.PgConn().Exec(ctx, "prepare q as "+text+"; explain execute q"+arguments+"; deallocate q").ReadAll()
	if err != nil {
		return "", err
	}
	var lines []string
	for _, row := range rows[1].Rows {
		lines = append(lines, string(row[0]))
	}
	return strings.Join(lines, "\n"), nil
}
