package postgres

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fondaco/store"
	"fondaco/store/crypt"
	"fondaco/store/record"
	"fondaco/store/sqlite"
	"fondaco/store/storetest"
)

func copyFile(t *testing.T, keys crypt.Keys) storetest.CopyPlace {
	path := filepath.Join(t.TempDir(), "state.db")
	o := sqlite.Options{Project: "venezia", Keys: keys}
	return storetest.CopyPlace{
		Open: func() (store.Store, error) { return sqlite.Open(t.Context(), path, o) },
		Copy: func() (storetest.Copying, error) { return sqlite.OpenForCopy(t.Context(), path, o) },
	}
}

func copyDatabase(t *testing.T, keys crypt.Keys) storetest.CopyPlace {
	p := newPlace(t, nil)
	o := Options{Project: "venezia", Keys: keys}
	return storetest.CopyPlace{
		Open: func() (store.Store, error) { return openWith(t.Context(), p.address, o, callersTime()) },
		Copy: func() (storetest.Copying, error) { return OpenForCopy(t.Context(), p.owner, o) },
	}
}

// TestCopied: a state is the same in a file, a database, and a file again, and the other way around.
func TestCopied(t *testing.T) {
	for name, keys := range map[string]crypt.Keys{"as it is": {}, "encrypted": storetest.Keys(t, 1)} {
		t.Run(name, func(t *testing.T) {
			t.Run("from a file", func(t *testing.T) {
				storetest.Copied(t, copyFile(t, keys), copyDatabase(t, keys), copyFile(t, keys), keys.On())
			})
			t.Run("from a database", func(t *testing.T) {
				storetest.Copied(t, copyDatabase(t, keys), copyFile(t, keys), copyDatabase(t, keys), keys.On())
			})
		})
	}
}

func TestCopyCutShort(t *testing.T) {
	t.Run("into a database", func(t *testing.T) {
		storetest.CopyCutShort(t, copyFile(t, crypt.Keys{}), copyDatabase(t, crypt.Keys{}), 12_000)
	})
	t.Run("into a file", func(t *testing.T) {
		storetest.CopyCutShort(t, copyDatabase(t, crypt.Keys{}), copyFile(t, crypt.Keys{}), 12_000)
	})
}

// TestKindsAreAll: every table and column of the schema is copied, or is said here not to be.
func TestKindsAreAll(t *testing.T) {
	p := newPlace(t, nil)
	apart := []string{
		"meta.name", "meta.value", // settings: see record.Settings
		"counter.name", "counter.value", // counted again
		"inbox.id", "inbox.at", // a kind of its own
		"seen_group.topic", "seen_group.grp", // beside a file they are in another: see engine/storage
		"letter.record", "intent.process", // made of the row
	}
	var copied []string
	for _, k := range record.Kinds {
		for _, column := range k.Names() {
			copied = append(copied, k.Table+"."+column)
		}
	}
	for column := range strings.SplitSeq(p.ask("select string_agg(table_name||'.'||column_name, ',') from information_schema.columns where "+
		"table_schema = current_schema()"), ",") {
		if !slices.Contains(copied, column) && !slices.Contains(apart, column) {
			t.Errorf("the column %s is not copied: add it to record.Kinds, or say here why it need not be", column)
		}
	}
	var known []string
	for _, name := range append([]string{record.TakeNumber}, record.Numbered...) {
		known = append(known, sequenceOf(name))
	}
	if others := p.ask("select coalesce(string_agg(relname, ', '), '') from pg_class c join pg_namespace n on n.oid = relnamespace where relkind = " +
		"'S' and nspname = current_schema() and c.oid not in (" + strings.Join(known, ", ") + ")"); others != "" {
		t.Errorf("numbers of %s do not go on in a copy: add their tables to record.Numbered", others)
	}
}
