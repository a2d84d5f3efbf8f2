package sqlitefile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// compactEnd is what the name of a file that is being written anew has more than the file's.
const compactEnd = ".compact"

// spared is how much of the disk a compaction leaves free.
const spared = 16 << 20

// Compact writes the file at path anew, without its free pages, and returns its size in bytes before and after. It refuses a
// file that is open elsewhere, another's or damaged, and one for whose copy the disk has no room; it is left as it was then.
// The copy is read whole before it takes the file's place, and what the file held is overwritten afterwards.
func (k Kind) Compact(ctx context.Context, path, project string) (before, after int64, err error) {
	return k.compact(ctx, path, project, freeAt)
}

func (k Kind) compact(ctx context.Context, path, project string, free func(folder string) (int64, error)) (before, after int64, err error) {
	if err := k.Inspect(ctx, path, project); err != nil {
		return 0, 0, err
	}
	lock, err := k.Acquire(ctx, path)
	if err != nil {
		return 0, 0, err
	}
	defer lock.Release()
	to := path + compactEnd
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) { // of one that was cut short
		return 0, 0, err
	}
	if before, err = k.copyCompact(ctx, path, to, project, free); err == nil {
		err = k.Change(ctx, to, project, func(tx *sql.Tx, _ int) error {
			_, err := tx.ExecContext(ctx, "insert or ignore into meta (name, value) values (?, '1')", scrubbed)
			return err
		})
	}
	if err == nil {
		_, err = k.Verify(ctx, to, project)
	}
	if err == nil {
		err = Flush(to)
	}
	if err != nil {
		return before, before, errors.Join(err, removed(to))
	}
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return before, before, errors.Join(err, removed(to))
	}
	defer func() { _ = old.Close() }()
	info, err := os.Stat(to)
	if err == nil {
		err = os.Rename(to, path)
	}
	if err != nil {
		return before, before, errors.Join(err, removed(to))
	}
	if err := Flush(filepath.Dir(path)); err != nil {
		return before, info.Size(), err
	}
	return before, info.Size(), overwrite(old)
}

// copyCompact brings the log of the file at path into it, and writes what it holds into a new file. It returns the size of
// the file.
func (k Kind) copyCompact(ctx context.Context, path, to, project string, free func(folder string) (int64, error)) (size int64, err error) {
	db, err := OpenWriter(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close(), k.without(path)) }()
	db.SetMaxOpenConns(1)
	if _, err := k.Judge(ctx, db, path, project); err != nil {
		return 0, err
	}
	if err := k.Sound(ctx, db, path); err != nil {
		return 0, err
	}
	if _, err := db.ExecContext(ctx, "pragma wal_checkpoint(truncate)"); err != nil {
		return 0, err
	}
	var pages, unused, page int64
	if err := db.QueryRowContext(ctx, "select (select page_count from pragma_page_count), (select freelist_count from "+
		"pragma_freelist_count), (select page_size from pragma_page_size)").
		Scan(&pages, &unused, &page); err != nil {
		return 0, err
	}
	size = pages * page
	need := (pages-unused)*page + spared
	room, err := free(filepath.Dir(path))
	if err != nil {
		return size, err
	}
	if room < need {
		return size, k.lacks(path, need, room)
	}
	if err := makePrivate(to); err != nil {
		return size, err
	}
	if _, err := db.ExecContext(ctx, "pragma auto_vacuum = incremental"); err != nil {
		return size, err
	}
	if _, err := db.ExecContext(ctx, "vacuum into ?", to); err != nil {
		if Code(err) == Full {
			return size, k.lacks(path, need, room)
		}
		return size, err
	}
	return size, nil
}

func (k Kind) lacks(path string, need, room int64) error {
	return fmt.Errorf("%s %s: the disk has no room to write %s anew: %d bytes are free, and %d are needed in the folder %s; make room "+
		"there and do it again; nothing was changed",
		k.Name, path, k.number("it", "them"), room, need, filepath.Dir(path))
}

// without reports a log that lies beside the file at path although nobody has it open: the file may not be replaced then.
func (k Kind) without(path string) error {
	if i, err := os.Stat(path + "-wal"); err == nil && i.Size() > 0 {
		return fmt.Errorf("%s %s: another program reads %s; end it and do it again; nothing was changed", k.Name, path, k.number("it", "them"))
	}
	return nil
}

// removed removes a file that may be there.
func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// overwrite writes zeros over a file that has no name any more: what it held stays on the disk otherwise, also after it is
// deleted from the one that took its place.
func overwrite(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	zeros := make([]byte, 1<<20)
	for at := int64(0); at < info.Size(); at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(int64(len(zeros)), info.Size()-at)], at); err != nil {
			return err
		}
	}
	return f.Sync()
}
