package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the same as Fondaco's
)

// queue is durable work by hand: one table in a database, written by goroutines of which each takes all that waits into one
// transaction.
type queue struct {
	statements
	writes chan write
	jobs   chan job
}

// statements are what a queue says to its database.
type statements struct{ accept, publish, done string }

// write is what is to be durable before done is told.
type write struct {
	sql  string
	args []any
	done chan error
}

type job struct {
	id   string
	body []byte
}

// openQueue keeps it in SQLite with synchronous=FULL.
func openQueue(dir string) (*queue, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "queue.db")+
		"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("create table job (id text primary key, state text not null, body blob not null, answer blob) without rowid; " +
		"create table event (n integer primary key autoincrement, key text not null, body blob not null)"); err != nil {
		return nil, err
	}
	prepared := map[string]*sql.Stmt{}
	return newQueue(statements{
		accept: "insert into job (id, state, body) values (?, 'accepted', ?)", publish: "insert into event (key, body) values (?, ?)",
		done: "update job set state = 'done', answer = ? where id = ?",
	}, 1, func(group []write) error {
		for _, w := range group {
			if prepared[w.sql] == nil {
				s, err := db.Prepare(w.sql)
				if err != nil {
					return err
				}
				prepared[w.sql] = s
			}
		}
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		for _, w := range group {
			if _, err := tx.Stmt(prepared[w.sql]).Exec(w.args...); err != nil {
				_ = tx.Rollback()
				return err
			}
		}
		return tx.Commit()
	}), nil
}

// newQueue has so many goroutines commit what waits.
func newQueue(s statements, writers int, commit func([]write) error) *queue {
	q := &queue{statements: s, writes: make(chan write, 1024), jobs: make(chan job, 1<<20)}
	for range writers {
		go q.write(commit)
	}
	for range 64 {
		go q.work()
	}
	return q
}

// write commits in groups.
func (q *queue) write(commit func([]write) error) {
	for first := range q.writes {
		group := []write{first}
	more:
		for len(group) < 1024 {
			select {
			case w := <-q.writes:
				group = append(group, w)
			default:
				break more
			}
		}
		err := commit(group)
		for _, w := range group {
			w.done <- err
		}
	}
}

func (q *queue) do(ctx context.Context, text string, args ...any) error {
	w := write{text, args, make(chan error, 1)}
	select {
	case q.writes <- w:
	case <-ctx.Done():
		return ctx.Err()
	}
	return <-w.done
}

// work does the jobs: here it reads them and keeps an answer.
func (q *queue) work() {
	for j := range q.jobs {
		var d small
		if json.Unmarshal(j.body, &d) != nil {
			continue
		}
		answer, _ := json.Marshal(map[string]int64{"id": d.ID})
		_ = q.do(context.Background(), q.done, answer, j.id)
	}
}

// accept answers 202 once the job is durable; with later it is worked on, else it is an event alone.
func (q *queue) accept(later bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var d small
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&d); err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		body, err := json.Marshal(&d)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		id := strings.ToLower(rand.Text())
		if later {
			err = q.do(ctx, q.statements.accept, id, body)
		} else {
			err = q.do(ctx, q.publish, id, body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		if later {
			q.jobs <- job{id, body}
			w.Header().Set("Location", "/operations/"+id)
		}
		w.WriteHeader(http.StatusAccepted)
	}
}
