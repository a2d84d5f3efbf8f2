package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"fondaco/store"
	"fondaco/store/sqlitefile"
)

// file is the open database: one connection writes, others read.
type file struct {
	write, read *sql.DB
	conn        *sql.Conn

	written map[string]*sql.Stmt // prepared on conn; of the writer's goroutine alone
	mu      sync.RWMutex
	reads   map[string]*sql.Stmt // prepared on read
}

// kind is that of our files, which have had these migrations.
func kind(steps []string) sqlitefile.Kind {
	return sqlitefile.Kind{Mark: applicationID, Formats: len(steps), Name: "state", Several: "states"}
}

// open opens the database at path and brings it to the present format. The lock is held.
func open(ctx context.Context, path, project string, steps []string, vault *sqlitefile.Vault) (*file, error) {
	write, err := sqlitefile.OpenWriter(path)
	if err != nil {
		return nil, err
	}
	f := &file{write: write, written: map[string]*sql.Stmt{}, reads: map[string]*sql.Stmt{}}
	version, err := kind(steps).Judge(ctx, write, path, project)
	if err == nil {
		err = vault.CheckKeys(ctx, write)
	}
	if err == nil {
		err = migrate(ctx, write, steps, version, project)
	}
	if err == nil {
		f.conn, err = write.Conn(ctx)
	}
	if err == nil {
		f.read, err = sqlitefile.OpenReaders(path)
	}
	if err != nil {
		f.close()
		return nil, fmt.Errorf("state %s: %w", path, err)
	}
	return f, nil
}

// writing returns the statement prepared on the writer's connection.
func (f *file) writing(ctx context.Context, text string) (*sql.Stmt, error) {
	if s := f.written[text]; s != nil {
		return s, nil
	}
	s, err := f.conn.PrepareContext(ctx, text)
	if err == nil {
		f.written[text] = s
	}
	return s, err
}

// reading returns the statement prepared on the readers' connections.
func (f *file) reading(ctx context.Context, text string) (*sql.Stmt, error) {
	f.mu.RLock()
	s := f.reads[text]
	f.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if s = f.reads[text]; s != nil {
		return s, nil
	}
	s, err := f.read.PrepareContext(ctx, text)
	if err == nil {
		f.reads[text] = s
	}
	return s, err
}

// close ends the file when its readers have ended.
func (f *file) close() {
	for _, s := range f.written {
		s.Close()
	}
	f.mu.Lock()
	for _, s := range f.reads {
		s.Close()
	}
	f.mu.Unlock()
	if f.conn != nil {
		f.conn.Close()
	}
	if f.read != nil {
		f.read.Close()
	}
	f.write.Close()
}

// classify returns the word for a failure of the database.
func classify(err error) error {
	switch {
	case err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case sqlitefile.Code(err) == sqlitefile.Full:
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	case sqlitefile.Code(err) == sqlitefile.Corrupt || sqlitefile.Code(err) == sqlitefile.NotADB:
		return fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	return fmt.Errorf("%w: %w", store.ErrIO, err)
}
