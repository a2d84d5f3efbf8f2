package database

import (
	"strings"
	"testing"

	"fondaco/connectors/database/mysql"
	"fondaco/connectors/database/postgres"
	"fondaco/connectors/database/sqlite"
	"fondaco/schema"
)

// TestParameters: a parameter is found where it is one, and nowhere else.
func TestParameters(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"select a from t where b = :b", "b"},
		{"select a from t where b=:b and (c = :c or :c is null)", "b c c"},
		{"select ':no', a::text, '::' from t where b = :b::date", "b"},
		{"select 'it''s :no' from t", ""},
		{`select E'it\'s :no' from t where b = :b`, "b"},
		{`select "a:no", ` + "`b:no`" + ` from t`, ""},
		{"select a -- :no\nfrom t where b = :b", "b"},
		{"select a /* :no /* :no */ :no */ from t where b = :b", "b"},
		{"select $$ :no $$, $x$ :no $$ :no $x$ from t where b = :b", "b"},
		{"select a[1:n], a[:n], a[x:y] from t where b = :b", "b"},
		{"select @x := 1, a from t where b in (:b1,:b2)", "b1 b2"},
		{"select a from t where b = :b -- :no", "b"},
		{"select a from t where b = :b; ", "b"},
		{"select a from t where è = :perché", "perché"},
		{"select a||:b from t", "b"},
	} {
		s, bad := parse(c.sql)
		if bad != nil {
			t.Errorf("%s: %s", c.sql, bad.message)
			continue
		}
		if got := strings.Join(holes(s), " "); got != c.want {
			t.Errorf("%s: found %q, expected %q", c.sql, got, c.want)
		}
	}
}

// TestStatementProblems: what cannot be run, or not alike on all databases, is told with its place.
func TestStatementProblems(t *testing.T) {
	for _, c := range []struct{ sql, at, message string }{
		{"select 'a from t", "'", "does not end"},
		{"select a /* b from t", "/", "does not end"},
		{"select $x$ a from t", "$", "does not end"},
		{`select 'it\'s :x' from t`, `'it\'`, "backslash"},
		{"select a from t where b = $1", "$1", ":name"},
		{"select a from t where b = ?", "?", ":name"},
		{"delete from t; delete from u", "delete", "second statement"},
		{"delete from t; :b", ":b", "second statement"},
	} {
		_, bad := parse(c.sql)
		if bad == nil {
			t.Errorf("%s: found no problem", c.sql)
			continue
		}
		if got := c.sql[bad.from:bad.to]; !strings.Contains(bad.message, c.message) || !strings.HasPrefix(got, c.at) && got != c.at {
			t.Errorf("%s: found %q at %q, expected %q at %q", c.sql, bad.message, got, c.message, c.at)
		}
	}
}

// TestStar: a statement that asks for whatever columns there are is found; a product and a count are not.
func TestStar(t *testing.T) {
	for sql, want := range map[string]bool{
		"select * from t": true, "select distinct * from t": true, "select t.* from t": true, "select a, * from t": true,
		"insert into t (a) values (1) returning *": true,
		"select count(*) from t":                   false, "select a * b from t": false, "select (a) * 2 from t": false,
		"select '*' from t": false,
	} {
		s, bad := parse(sql)
		if bad != nil || (s.star >= 0) != want {
			t.Errorf("%s: %v %+v", sql, bad, s)
		}
	}
}

// TestRendered: the marks are each database's own.
func TestRendered(t *testing.T) {
	s, _ := parse("update t set a = :a, b = :b where a <> :a; -- all")
	typeOf := func(name string) *schema.Type {
		if name == "b" {
			return schema.TypeDecimal
		}
		return schema.TypeText
	}
	for _, c := range []struct{ got, want string }{
		{written(s.render(postgres.Driver, "aggiorna", typeOf)), "/* fondaco: aggiorna */ update t set a = $1, b = $2 where a <> $1 (a b)"},
		{
			written(s.render(mysql.Driver, "aggiorna", typeOf)),
			"/* fondaco: aggiorna */ update t set a = ?, b = cast(? as decimal(65,30)) where a <> ? (a b a)",
		},
		{written(s.render(sqlite.Driver, "aggiorna", typeOf)), "/* fondaco: aggiorna */ update t set a = ?1, b = ?2 where a <> ?1 (a b)"},
	} {
		if c.got != c.want {
			t.Errorf("found    %s\nexpected %s", c.got, c.want)
		}
	}
}

func written(text string, args []string) string { return text + " (" + strings.Join(args, " ") + ")" }

// FuzzParse: a statement is taken apart without loss, whatever it is.
func FuzzParse(f *testing.F) {
	for _, sql := range []string{"select :a from t where b = ':c' -- d", "$$ :a $$", "'", "a[1:b]", "/* /* */", ":", "::a", "e'\\"} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		s, bad := parse(sql)
		if bad != nil {
			if bad.from < 0 || bad.to > len(sql) || bad.from > bad.to {
				t.Errorf("%q: a problem at %d to %d", sql, bad.from, bad.to)
			}
			return
		}
		whole := s.texts[0]
		for i, h := range s.names {
			if sql[h.at:h.at+1+len(h.name)] != ":"+h.name {
				t.Errorf("%q: parameter %q is not at %d", sql, h.name, h.at)
			}
			whole += ":" + h.name + s.texts[i+1]
		}
		if !strings.HasPrefix(sql, whole) {
			t.Errorf("%q became %q", sql, whole)
		}
	})
}
