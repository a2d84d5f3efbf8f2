package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fondaco/store"
	"fondaco/store/sqlite"
)

// sqliteState is the state in a file of SQLite, of one process.
var sqliteState = stateKind{
	title: "SQLite",
	check: func(dir, text, _ string) error { return CheckFile(dir, text) },
	open: func(ctx context.Context, at statePlace, o opening) (store.Store, error) {
		if err := UnfinishedRestore(at.file); err != nil {
			return nil, err
		}
		if err := os.MkdirAll(filepath.Dir(at.file), 0o700); err != nil {
			return nil, err
		}
		return sqlite.Open(ctx, at.file, sqlite.Options{Project: o.project, Keys: o.keys})
	},
	copying: fileForCopy,
	empty:   "name another file",
}

// fileForCopy opens a file for a copy.
func fileForCopy(ctx context.Context, at statePlace, _ string, o opening) (s copySide, err error) {
	if err := UnfinishedRestore(at.file); err != nil {
		return s, err
	}
	if err := os.MkdirAll(filepath.Dir(at.file), 0o700); err != nil {
		return s, err
	}
	s.place = at.file
	if s.groups, err = openSeen(groupsFile(at.file)); err != nil {
		return s, err
	}
	s.copied, err = sqlite.OpenForCopy(ctx, at.file, sqlite.Options{Project: o.project, Keys: o.keys})
	return s, err
}

// CheckFile reports why no file of SQLite can be in a place, from the folder dir. It changes nothing. The message holds no more of the
// place than its file's name.
func CheckFile(dir, file string) error {
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	if err := checkFolder(filepath.Dir(file)); err != nil {
		return err
	}
	return checkSQLite(file)
}

// TopicsFile is where embedded topics are kept beside a state.
func TopicsFile(state string) string {
	return strings.TrimSuffix(state, filepath.Ext(state)) + "-topics.db"
}

// groupsFile is where it is kept beside a state which groups had a place on Kafka.
func groupsFile(state string) string {
	return strings.TrimSuffix(state, filepath.Ext(state)) + "-groups.json"
}

// checkFolder reports why a folder neither is there nor can be made.
func checkFolder(folder string) error {
	for {
		info, err := os.Stat(folder)
		switch {
		case err == nil && info.IsDir():
			return nil
		case err == nil:
			return fmt.Errorf("%s is a file, expected a folder", filepath.Base(folder))
		case !errors.Is(err, fs.ErrNotExist):
			// Something above is a file, or may not be looked into: looking there finds out which.
			if above := filepath.Dir(folder); above == folder {
				return nil
			}
		}
		if folder == filepath.Dir(folder) {
			return nil
		}
		folder = filepath.Dir(folder)
	}
}

// sqliteHeader is what a file of SQLite begins with.
const sqliteHeader = "SQLite format 3\x00"

// checkSQLite reports what a file holds that is neither absent, empty nor of SQLite.
func checkSQLite(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return nil //nolint:nilerr // it is made
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is a folder or a device, expected a file of SQLite", filepath.Base(file))
	}
	if info.Size() == 0 {
		return nil
	}
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("%s cannot be read by this user", filepath.Base(file))
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, len(sqliteHeader))
	if _, err := io.ReadFull(f, head); err != nil || string(head) != sqliteHeader {
		return fmt.Errorf("%s is something else than a file of SQLite", filepath.Base(file))
	}
	return nil
}
