package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"fondaco/messaging/embedded"
	"fondaco/store/sqlite"
	"fondaco/store/sqlitefile"
)

// Compact writes the files of a state and its topics anew, those that are there, and reports how large each is.
func Compact(ctx context.Context, of Project, each func(name, path string, before, after int64)) error {
	state, err := fileOf(of, "PostgreSQL gives room back by itself (autovacuum); vacuum full does at once")
	if err == nil {
		err = UnfinishedRestore(state)
	}
	if err != nil {
		return err
	}
	found := false
	for _, one := range []struct {
		name, path string
		kind       sqlitefile.Kind
	}{{"state", state, sqlite.FileKind()}, {"topics", TopicsFile(state), embedded.FileKind()}} {
		if _, err := os.Stat(one.path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		found = true
		before, after, err := one.kind.Compact(ctx, one.path, of.Typed.Model.Project.Name.Value)
		if err != nil {
			return err
		}
		each(one.name, one.path, before, after)
	}
	if !found {
		return fmt.Errorf("there is nothing to compact: the project has no state yet (%s)", state)
	}
	return nil
}
