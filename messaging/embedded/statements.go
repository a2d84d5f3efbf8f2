package embedded

import (
	"context"
	"database/sql"
)

// statements are prepared once for the writing connection, and those of load for the reading ones.
type statements struct {
	begin, commit, rollback             *sql.Stmt
	insert, remove                      *sql.Stmt
	finish, finishers, settle           *sql.Stmt
	again, forgive                      *sql.Stmt
	newTopic, topic, newConsumer, count *sql.Stmt
	probe                               *sql.Stmt
	scan, fetch                         *sql.Stmt
	all                                 []*sql.Stmt
}

const columns = "m.seq, m.key, m.due, m.at, m.headers, m.body, m.sum, coalesce(a.attempt, 1), coalesce(a.due, 0), coalesce(a.since, 0), " +
	"coalesce(a.parked, ''), coalesce(a.patience, 0), a.seq is not null, m.dk"

// fetchText reads one message, as one group sees it.
const fetchText = "select " + columns + " from message m left join again a on a.seq = m.seq and a.consumer = ?1 where m.seq = ?2"

func (f *file) prepare(ctx context.Context) error {
	on := func(p interface {
		PrepareContext(context.Context, string) (*sql.Stmt, error)
	}, to **sql.Stmt, text string,
	) error {
		s, err := p.PrepareContext(ctx, text)
		if err == nil {
			*to = s
			f.all = append(f.all, s)
		}
		return err
	}
	for _, s := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&f.begin, "begin immediate"},
		{&f.commit, "commit"},
		{&f.rollback, "rollback"},
		{&f.insert, "insert into message (seq, key, due, at, headers, body, sum, dk) values (?, ?, ?, ?, ?, ?, ?, ?)"},
		{&f.remove, "delete from message where seq = ?"},
		{&f.finish, "insert or ignore into finished (seq, consumer) values (?, ?)"},
		{&f.finishers, "select count(*) from finished where seq = ?"},
		{&f.settle, "delete from finished where seq = ?"},
		{&f.again, `insert into again (seq, consumer, attempt, due, since, parked, patience)
			select ?1, ?2, ?3, ?4, ?5, ?6, ?7 where exists (select 1 from message where seq = ?1) on conflict do update
			set attempt = excluded.attempt, due = excluded.due, since = excluded.since, parked = excluded.parked, patience = excluded.patience`},
		{&f.forgive, "delete from again where seq = ? and consumer = ?"},
		{&f.newTopic, "insert into topic (id, name, last, accepted) values (?, ?, 0, 0)"},
		{&f.topic, "update topic set last = ?, accepted = ? where id = ?"},
		{&f.newConsumer, "insert into consumer (id, topic, name, base, finished) values (?, ?, ?, ?, 0)"},
		{&f.count, "update consumer set finished = finished + ? where id = ?"},
		{&f.probe, "update meta set value = ? where name = 'probe'"},
	} {
		if err := on(f.conn, s.to, s.text); err != nil {
			return err
		}
	}
	if err := on(f.read, &f.scan, "select "+columns+` from message m left join again a on a.seq = m.seq and a.consumer = ?1
		where m.seq > ?2 and m.seq <= ?3 and not exists (select 1 from finished f where f.seq = m.seq and f.consumer = ?1) order by m.seq limit ?4`); err != nil {
		return err
	}
	return on(f.read, &f.fetch, fetchText)
}

func (s *statements) close() {
	for _, p := range s.all {
		p.Close()
	}
}
