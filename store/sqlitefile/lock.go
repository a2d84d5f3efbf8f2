package sqlitefile

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// lockEnd is what the lock's name has more than the file's.
const lockEnd = ".lock"

// acquiring lets one at a time make a lock file and lock it.
var acquiring sync.Mutex

// Lock is the right to a file: one process at a time, one opener in it. The system takes it back when the process ends,
// however it ends.
type Lock struct {
	db   *sql.DB
	conn *sql.Conn
}

// Acquire takes the lock beside path, or says who must go. SQLite's own exclusive lock on an empty file beside the data
// is used, which works alike on all systems; nothing is written. The rights that others have to the files are taken away
// first. Whoever has the lock releases it.
func (k Kind) Acquire(ctx context.Context, path string) (*Lock, error) {
	acquiring.Lock()
	defer acquiring.Unlock()
	_ = makePrivate(path + lockEnd) // what is wrong with the place is told below
	db, err := sql.Open("sqlite", Address(path+lockEnd, "_pragma=busy_timeout(0)"))
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err == nil {
		if _, err = conn.ExecContext(ctx, "begin exclusive"); err == nil {
			l := &Lock{db, conn}
			if err := k.KeepPrivate(path); err != nil {
				l.Release()
				return nil, err
			}
			return l, nil
		}
		_ = conn.Close()
	}
	_ = db.Close()
	it := k.number("it", "them")
	if Code(err) == Busy {
		return nil, fmt.Errorf("%s %s: another process, or another part of this one, has %s open; stop it, or give this one a place of its own",
			k.Name, path, it)
	}
	return nil, fmt.Errorf("%s %s: the lock file beside %s cannot be opened; the folder must exist and be writable: %w", k.Name, path, it, err)
}

// Release releases the lock. It is called once.
func (l *Lock) Release() {
	_ = l.conn.Close()
	_ = l.db.Close()
}
