package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"fondaco/store"
	"fondaco/store/record"
	"fondaco/store/sqlitefile"
)

// TestAuditAltered alters the audit in a thousand ways, behind the store's back, and each is found.
func TestAuditAltered(t *testing.T) {
	rounds := 1000
	if testing.Short() {
		rounds = 200
	}
	path := filepath.Join(t.TempDir(), "state.db")
	s, err := Open(t.Context(), path, Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const entries = 40
	for i := range entries {
		if _, err := s.Audit().Append(t.Context(), store.AuditEntry{
			At: now, Who: "anna", What: store.AuditReplay, On: fmt.Sprint("letter ", i),
			Why: "w",
		}); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := store.VerifyAudit(t.Context(), s.Audit())
	if err != nil || whole.Number != entries {
		t.Fatal(whole, err)
	}
	db, err := sqlitefile.OpenWriter(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec := func(text string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(context.Background(), text, args...); err != nil {
			t.Fatal(text, err)
		}
	}
	exec("create table kept as select * from audit")
	exec("create table kept_meta as select * from meta")
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	ways := alterations(exec)
	for i := range rounds {
		way := ways[r.IntN(len(ways))]
		way.alter(r)
		if _, err := store.VerifyAudit(t.Context(), s.Audit()); !errors.Is(err, store.ErrAuditBroken) {
			t.Errorf("seed %d, round %d, %s: found %v", seed, i, way.name, err)
		}
		exec("delete from audit")
		exec("insert into audit select * from kept")
		exec("delete from meta")
		exec("insert into meta select * from kept_meta")
	}
	if again, err := store.VerifyAudit(t.Context(), s.Audit()); err != nil || again != whole {
		t.Error(again, err)
	}
	// It goes on after its end, and stays altered.
	exec("update audit set why = 'another' where n = 5")
	if e, err := s.Audit().Append(t.Context(), store.AuditEntry{At: now, Who: "anna", What: store.AuditReveal}); err != nil ||
		e.Number != entries+1 {
		t.Error(e, err)
	}
	if _, err := store.VerifyAudit(t.Context(), s.Audit()); !errors.Is(err, store.ErrAuditBroken) {
		t.Error(err)
	}
}

type alteration struct {
	name  string
	alter func(r *rand.Rand)
}

// alterations are ways to alter an audit of 40 entries.
func alterations(exec func(text string, args ...any)) []alteration {
	one := func(r *rand.Rand) int { return 1 + r.IntN(40) }
	return []alteration{
		{"edit a text", func(r *rand.Rand) {
			exec("update audit set "+[]string{"who", "what", "subject", "why"}[r.IntN(4)]+" = ? where n = ?", fmt.Sprint("x", r.Uint64()), one(r))
		}},
		{"edit a time", func(r *rand.Rand) { exec("update audit set at = at + ? where n = ?", 1+r.IntN(1000), one(r)) }},
		{"flip a bit of a hash", func(r *rand.Rand) {
			n := one(r)
			hash := make([]byte, 32)
			hash[r.IntN(32)] = 1 << r.IntN(8)
			exec("update audit set "+[]string{"former", "hash"}[r.IntN(2)]+" = ? where n = ?", hash, n)
		}},
		{"shorten a hash", func(r *rand.Rand) { exec("update audit set hash = substr(hash, 1, ?) where n = ?", r.IntN(32), one(r)) }},
		{"edit, with a hash that fits", func(r *rand.Rand) {
			n := one(r)
			e := store.AuditEntry{Number: int64(n), At: now, Who: "nobody", What: store.AuditReplay}
			hash := e.Seal()
			exec("update audit set who = 'nobody', at = ?, subject = '', why = '', former = ?, hash = ? where n = ?", record.Micro(now), e.Former[:],
				hash[:], n)
		}},
		{"delete one", func(r *rand.Rand) { exec("delete from audit where n = ?", one(r)) }},
		{"cut off the end", func(r *rand.Rand) { exec("delete from audit where n >= ?", one(r)) }},
		{"cut off the beginning", func(r *rand.Rand) { exec("delete from audit where n <= ?", one(r)) }},
		{"delete one, and close the gap", func(r *rand.Rand) {
			n := one(r)
			exec("delete from audit where n = ?", n)
			exec("update audit set n = -n where n > ?", n)
			exec("update audit set n = -n - 1 where n < 0")
		}},
		{"swap two", func(r *rand.Rand) {
			a := one(r)
			b := a%40 + 1
			exec("update audit set n = -1 where n = ?", a)
			exec("update audit set n = ? where n = ?", a, b)
			exec("update audit set n = ? where n = -1", b)
		}},
		{"add one", func(r *rand.Rand) {
			e := store.AuditEntry{Number: 41, At: now, Who: fmt.Sprint(r.Uint64())}
			hash := e.Seal()
			exec("insert into audit values (41, ?, ?, '', '', '', ?, ?)", record.Micro(now), e.Who, e.Former[:], hash[:])
		}},
		{"lose the head", func(*rand.Rand) { exec("delete from meta where name = 'audit head'") }},
		{"edit the head", func(r *rand.Rand) {
			exec("update meta set value = ? where name = 'audit head'", fmt.Sprint(r.Uint64()))
		}},
		{"put the head back", func(r *rand.Rand) {
			exec("update meta set value = (select n || ':' || lower(hex(hash)) from audit where n = ?) where name = 'audit head'", 1+r.IntN(39))
		}},
	}
}
