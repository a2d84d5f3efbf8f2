package sqlitefile

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"fondaco/store/crypt"
)

func vaultIn(t *testing.T, keys crypt.Keys) (*Vault, *sql.DB) {
	t.Helper()
	db, err := sql.Open("sqlite", Address(filepath.Join(t.TempDir(), "x.db"), ""))
	if err == nil {
		_, err = db.Exec(DataKeys + "create table thing (dk integer not null)")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return NewVault(keys, "thing"), db
}

func oneKey(t *testing.T, digits string) crypt.Keys {
	t.Helper()
	k, err := crypt.ParseKey(strings.Repeat(digits, crypt.KeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := crypt.NewKeys(k)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestVaultBound: a data key never encrypts more values than it may, over any number of starts, and what it encrypted is read on.
func TestVaultBound(t *testing.T) {
	keys := oneKey(t, "01")
	v, db := vaultIn(t, keys)
	const most, records = 5 * ofSubject, 40 * ofSubject / aRecord
	used := map[int64]int{}
	at := crypt.Place{Table: "thing"}
	var first []byte
	for i := range records {
		if i%1000 == 0 { // as a start of the process
			v = NewVault(keys, "thing")
			v.most = most
		}
		k, err := v.For(t.Context(), db, "ab")
		if err != nil {
			t.Fatal(err)
		}
		used[k.ID()] += aRecord
		if first == nil {
			first = k.Seal(at, []byte("the first"))
		}
	}
	if len(used) < records*aRecord/most {
		t.Errorf("%d keys for %d values of at most %d each", len(used), records*aRecord, most)
	}
	for id, n := range used {
		if n > most {
			t.Errorf("key %d has encrypted %d values, at most %d", id, n, most)
		}
	}
	v = NewVault(keys, "thing")
	if text, err := v.Open(t.Context(), db, 1, at, first); err != nil || string(text) != "the first" {
		t.Error(string(text), err)
	}
}

// TestVaultRolledBack: a key that was made in a transaction which was rolled back encrypts nothing.
func TestVaultRolledBack(t *testing.T) {
	v, db := vaultIn(t, oneKey(t, "01"))
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.For(t.Context(), tx, "ab"); err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	v.Forget()
	k, err := v.For(t.Context(), db, "cd") // which gets the same number
	if err != nil {
		t.Fatal(err)
	}
	at := crypt.Place{Table: "thing"}
	if text, err := NewVault(v.keys).Open(t.Context(), db, k.ID(), at, k.Seal(at, []byte("text"))); err != nil || string(text) != "text" {
		t.Error(string(text), err)
	}
	if k, err = v.For(t.Context(), db, "ab"); err != nil {
		t.Fatal(err)
	}
	if text, err := NewVault(v.keys).Open(t.Context(), db, k.ID(), at, k.Seal(at, []byte("text"))); err != nil || string(text) != "text" {
		t.Error(string(text), err)
	}
}

// TestVaultStrangeMarks: a text that is no pseudonym of ours gets no key of its own, and not one of the file's own.
func TestVaultStrangeMarks(t *testing.T) {
	v, db := vaultIn(t, oneKey(t, "01"))
	nobody, err := v.For(t.Context(), db, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"#other", "RSSMRA80A01L736U", "%", "'"} {
		if k, err := v.For(t.Context(), db, text); err != nil || k.ID() != nobody.ID() {
			t.Errorf("%s: key %d, %v", text, k.ID(), err)
		}
	}
}
