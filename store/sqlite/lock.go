package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// lock is the right to a state file: one process at a time, one opener in it. The system takes it back when the process
// ends, however it ends.
type lock struct {
	db   *sql.DB
	conn *sql.Conn
}

// acquire takes the lock beside path, or says who must go. SQLite's own exclusive lock on an empty file beside the data
// is used, which works alike on all systems; nothing is written.
func acquire(ctx context.Context, path string) (*lock, error) {
	db, err := sql.Open("sqlite", address(path+".lock", "_pragma=busy_timeout(0)"))
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err == nil {
		if _, err = conn.ExecContext(ctx, "begin exclusive"); err == nil {
			return &lock{db, conn}, nil
		}
		conn.Close()
	}
	db.Close()
	if code(err) == codeBusy {
		return nil, fmt.Errorf("state %s: another process, or another part of this one, has it open; stop it, or give this one a place of its own", path)
	}
	return nil, fmt.Errorf("state %s: the lock file beside it cannot be opened; the folder must exist and be writable: %w", path, err)
}

func (l *lock) release() {
	l.conn.Close()
	l.db.Close()
}
