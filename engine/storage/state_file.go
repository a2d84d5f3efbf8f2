package storage

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// CheckState reports why the state of a project in the folder dir cannot be kept in a place: it is no file, or what is
// there is something else. It changes nothing. The message holds no more of the place than its file's name.
func CheckState(dir, state string) error {
	if strings.Contains(state, "://") {
		return errors.New("found an address, expected a file of SQLite: PostgreSQL is not supported yet")
	}
	if !filepath.IsAbs(state) {
		state = filepath.Join(dir, state)
	}
	if err := checkFolder(filepath.Dir(state)); err != nil {
		return err
	}
	return checkSQLite(state)
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
			// Something above is a file, or may not be looked into: what is above tells.
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
