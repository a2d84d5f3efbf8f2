package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fondaco/messaging/embedded"
	"fondaco/store"
	"fondaco/store/record"
	"fondaco/store/sqlite"
	"fondaco/store/sqlitefile"
)

// Restoration says what a restore did.
type Restoration struct {
	Manifest *Manifest
	Kept     []string        // the files that were there before, under their new names
	Jumped   []record.Jumped // sequences that go on above what may have been drawn after the backup
}

// Restore puts the backup in the folder from into the place of what a project that is not served keeps. All of it is read first.
// With replace there may be a state: it is kept beside, under another name. What was cut short is completed by doing it again.
func Restore(ctx context.Context, of Project, from string, replace bool, now time.Time) (*Restoration, error) {
	state, err := fileOf(of, "restore the database by its own tools (pg_restore, or its archive to a point in time)")
	if err != nil {
		return nil, err
	}
	address, err := of.Typed.Model.Project.Storage.TopicsAddress(of.Source.Lookup)
	if err != nil {
		return nil, fmt.Errorf("storage.topics: %w", err)
	}
	r := &restoring{from: from, state: state, replace: replace, now: now}
	if err := r.read(ctx, of.Typed.Model.Project.Name.Value, topicsKind(address)); err != nil {
		return nil, err
	}
	if err := r.run(ctx); err != nil {
		return nil, err
	}
	return &Restoration{Manifest: r.manifest, Kept: r.kept, Jumped: r.jumped}, nil
}

// restoring puts a backup into its place.
type restoring struct {
	from    string // the backup's folder
	state   string // the file of the state
	replace bool
	now     time.Time

	manifest *Manifest
	stamp    string // in the names of what was there before
	kept     []string
	jumped   []record.Jumped
}

// read reads the backup whole, and reports why it cannot be that of the project.
func (r *restoring) read(ctx context.Context, project, topics string) error {
	m, err := ReadManifest(r.from)
	if err != nil {
		return err
	}
	switch {
	case m.Project != project:
		return fmt.Errorf("%s is a backup of the project %q, and this is %q; nothing was changed", r.from, m.Project, project)
	case m.file(StateName) == nil || m.Topics == "embedded" && m.file(TopicsName) == nil:
		return fmt.Errorf("%s lacks the file of its state or of its topics: take another backup", r.from)
	case m.Topics == "embedded" && topics != m.Topics:
		return fmt.Errorf("%s holds embedded topics, and storage.topics is %s: what waits in them would be lost; restore it with "+
			"storage.topics: embedded", r.from, topics)
	case (m.Topics == "kafka" || m.Topics == "nats") && topics != m.Topics:
		return fmt.Errorf(
			"%s was made with topics on %s, and storage.topics is %s: "+
				"what waits there would be lost; restore it with those servers", r.from, m.Topics, topics)
	}
	r.manifest = m
	return m.verify(ctx, r.from)
}

// places returns the files of the project by the names that they have in a backup.
func (r *restoring) places() [][2]string {
	return [][2]string{{StateName, r.state}, {TopicsName, TopicsFile(r.state)}, {groupsName, groupsFile(r.state)}}
}

// The endings of what a restore makes beside a state.
const (
	RestoringEnd = ".restoring" // while files are being put into their places: nothing else may use them
	newEnd       = ".restored"  // a file that is not in its place yet
	BeforeEnd    = ".before-restore-"
)

// UnfinishedRestore reports that a restore of the state in a file ended midway.
func UnfinishedRestore(state string) error {
	if _, err := os.Stat(state + RestoringEnd); err != nil {
		return nil //nolint:nilerr // there is none
	}
	return fmt.Errorf("a restore into %s was cut short: run fondaco restore again, with the same backup", filepath.Base(state))
}

// run puts the backup into its place. What was cut short is completed by another run.
func (r *restoring) run(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Dir(r.state), 0o700); err != nil {
		return err
	}
	for _, f := range []struct {
		kind sqlitefile.Kind
		path string
	}{{embedded.FileKind(), TopicsFile(r.state)}, {sqlite.FileKind(), r.state}} {
		lock, err := f.kind.Acquire(ctx, f.path)
		if err != nil {
			return err
		}
		defer lock.Release()
	}
	begun, err := os.ReadFile(r.state + RestoringEnd)
	r.stamp = strings.TrimSpace(string(begun))
	if again := err == nil && r.stamp != ""; !again {
		r.stamp = r.now.UTC().Format("20060102T150405.000Z")
		for _, p := range r.places() {
			if _, err := os.Lstat(p[1]); err == nil && !r.replace {
				return fmt.Errorf("%s is there: say --replace to put the backup in its place; what is there is then kept as %s", p[1], p[1]+BeforeEnd+
					r.stamp)
			}
		}
	}
	if err := r.prepare(ctx); err != nil {
		return errors.Join(err, r.drop())
	}
	if err := replaceFile(r.state+RestoringEnd, []byte(r.stamp+"\n")); err != nil {
		return errors.Join(err, r.drop())
	}
	for _, p := range r.places() {
		if err := r.put(p[0], p[1]); err != nil {
			return fmt.Errorf("the restore was cut short, run it again: %w", err)
		}
	}
	if err := os.Remove(r.state + RestoringEnd); err != nil {
		return err
	}
	return sqlitefile.Flush(filepath.Dir(r.state))
}

// prepare writes what is to be put into place beside it, and marks the state as restored.
func (r *restoring) prepare(ctx context.Context) error {
	for _, p := range r.places() {
		if r.manifest.file(p[0]) == nil {
			continue
		}
		if err := copyFile(filepath.Join(r.from, p[0]), p[1]+newEnd); err != nil {
			return err
		}
	}
	at := store.Restored{ID: rand.Text(), Moment: r.manifest.Moment, At: r.now.UTC(), Held: true, Doubtful: true, Places: r.manifest.Places}
	var err error
	r.jumped, err = sqlite.Restore(ctx, r.state+newEnd, r.manifest.Project, at)
	if err == nil {
		err = sqlitefile.Flush(r.state + newEnd)
	}
	return err
}

// drop removes what prepare made.
func (r *restoring) drop() (err error) {
	for _, p := range r.places() {
		for _, end := range []string{"", "-journal"} {
			if failed := os.Remove(p[1] + newEnd + end); failed != nil && !os.IsNotExist(failed) {
				err = errors.Join(err, failed)
			}
		}
	}
	return err
}

// put keeps what is in a place under another name, unless a run before did so, and has the backup's file there.
func (r *restoring) put(name, place string) error {
	before := place + BeforeEnd + r.stamp
	if _, err := os.Lstat(before); os.IsNotExist(err) {
		// The log goes first: a file without its log is older than it was, and one that is looked at has none.
		for _, end := range []string{"-wal", "-journal", ""} {
			if err := os.Rename(place+end, before+end); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
		if _, err := os.Lstat(before); err == nil {
			r.kept = append(r.kept, before)
		}
	}
	if err := os.Remove(place + "-shm"); err != nil && !os.IsNotExist(err) {
		return err
	}
	if r.manifest.file(name) == nil {
		return nil
	}
	if err := os.Rename(place+newEnd, place); err != nil {
		return err
	}
	return sqlitefile.Flush(filepath.Dir(place))
}

// copyFile copies a file, for its owner alone, onto the disk; what is at to is written over.
func copyFile(from, to string) error {
	text, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = text.Close() }()
	if err := os.Remove(to); err != nil && !os.IsNotExist(err) {
		return err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.ReadFrom(text)
	return errors.Join(err, f.Sync(), f.Close())
}
