package embedded

import (
	"context"
	"database/sql"
	"time"

	"fondaco/messaging"
	"fondaco/store/sqlitefile"
)

// Counts returns for each topic and group what was accepted, is finished and waits, as of one moment.
func (b *Broker) Counts(ctx context.Context) ([]messaging.Count, error) {
	f := b.file.Load()
	if f == nil {
		return nil, full(errReopening, false)
	}
	return countsIn(ctx, f.read)
}

// CountsAt returns what Counts does of the topics in the file at path, which must exist and which a broker may have open. It
// changes nothing.
func CountsAt(ctx context.Context, path string) ([]messaging.Count, error) {
	db, err := sqlitefile.OpenReaders(path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return countsIn(ctx, db)
}

func countsIn(ctx context.Context, db *sql.DB) ([]messaging.Count, error) {
	rows, err := db.QueryContext(ctx, `select t.name, coalesce(c.name, ''), t.accepted - coalesce(c.base, 0), coalesce(c.finished, 0),
		(select at from message m where m.seq > t.id << 40 and m.seq <= (t.id << 40) + t.last
			and not exists (select 1 from finished f where f.seq = m.seq and f.consumer = c.id) order by m.seq limit 1)
		from topic t left join consumer c on c.topic = t.id order by t.name, c.name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var counts []messaging.Count
	for rows.Next() {
		var c messaging.Count
		var oldest *int64
		if err := rows.Scan(&c.Topic, &c.Group, &c.Accepted, &c.Finished, &oldest); err != nil {
			return nil, err
		}
		c.Waiting = c.Accepted - c.Finished
		if oldest != nil {
			c.Oldest = time.Unix(0, *oldest)
		}
		counts = append(counts, c)
	}
	return counts, rows.Err()
}
