package database

import (
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/transform"
)

// TestProblems: what is wrong with a connector is told at load, with its place and what to write.
func TestProblems(t *testing.T) {
	const good = `connector: c
version: 1.0.0
params: { endpoint: { type: string }, password: { type: string, secret: true } }
database: { address: "${param.endpoint}", password: "${param.password}" }
operations:
  leggi:
    effect: read
    sql: select a, b from t where c = :c
    parameters: { c: { type: string } }
    result: list
    max_rows: 10
    columns: { a: { type: integer }, b: { type: string, nullable: true } }
`
	for _, c := range []struct{ from, to, want string }{
		{"", "", ""},
		{"    max_rows: 10\n", "", `6:3: leggi: a list without a bound may grow until nothing is left of the memory; write for example max_rows: 200`},
		{"    result: list\n    max_rows: 10\n", "", "6:3: leggi: the operation does not say what comes back; write result: one, list, " +
			"affected or returning"},
		{"    sql: select a, b from t where c = :c\n", "", "6:3: leggi: the operation says no statement; write sql:"},
		{"c = :c", "c = :codice", `8:39: leggi: there is no parameter "codice"`},
		{"{ c: {", "{ d: { type: string }, c: {", "9:19: leggi: the statement has no parameter :d"},
		{"select a, b", "select *", "8:17: leggi: * asks for whatever columns there are; name the columns that are in columns:"},
		{
			"select a, b from t where c = :c", "delete from t where c = :c",
			"6:3: leggi: its effect is read, and its statement changes something: delete",
		},
		{"c = :c", "c = :c; drop table t", "leggi: found a second statement, expected one"},
		{"c = :c", "c = ? and d = :c", "leggi: found ?, expected :name for a parameter"},
		{"    columns: { a: { type: integer }, b: { type: string, nullable: true } }\n", "", "6:3: leggi: the operation says no columns"},
		{
			"result: list\n    max_rows: 10", "result: affected",
			"leggi: result: affected is the number of rows that were changed, and there are no columns; write result: returning",
		},
		{"result: list", "result: one", "6:3: leggi: max_rows belongs to result: list"},
		{"result: list", "result: lista", `found "lista"`},
		{`"${param.endpoint}"`, `"oracle://db:1521/x"`, "4:23: address: oracle: is not supported, expected one of postgresql, postgres, " +
			"mysql, mariadb, sqlite"},
		{`"${param.endpoint}"`, `"sqlserver://db/x"`, "address: sqlserver: is not supported"},
		{
			`"${param.endpoint}"`, `"postgresql://hub:segreta@db/x"`,
			"address: the address holds a user: write user: and password: in the connector, which are masked",
		},
		{`"${param.endpoint}"`, `"postgresql://db/x?sslmode=disable"`, "address: the address holds settings behind a ?"},
		{`"${param.endpoint}"`, `"postgresql://db"`, "address: found no host and database, expected postgresql://HOST:PORT/DATABASE"},
		{`{ endpoint: { type: string }`, `{ endpoint: { type: string, default: "oracle://db" }`, "3:11: endpoint: oracle: is not supported"},
		{`password: "${param.password}"`, `password: segreta`, "secret"},
		{
			"    result: list", "    input: { type: object }\n    result: list",
			"6:3: leggi: input belongs to operations with of:; write the parameters of the statement under parameters:",
		},
	} {
		var out diag.List
		text := strings.Replace(good, c.from, c.to, 1)
		if text == good && c.from != "" {
			t.Fatalf("%q is not in the connector", c.from)
		}
		connectors.Load(fstest.MapFS{connectors.File: {Data: []byte(text)}}, ".", connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
		var got []string
		for _, x := range out.Sorted() {
			one := strings.TrimPrefix(x.Pos.String(), connectors.File+":") + ": " + x.Message
			if x.Hint != "" {
				one += "; " + x.Hint
			}
			got = append(got, one)
		}
		switch {
		case c.want == "" && len(got) == 0:
		case c.want == "" || len(got) != 1 || !strings.Contains(got[0], c.want):
			t.Errorf("%q for %q:\nfound    %s\nexpected one, with %s", c.to, c.from, strings.Join(got, "\n         "), c.want)
		}
	}
}
