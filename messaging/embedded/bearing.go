package embedded

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"fondaco/messaging"
)

// Bearing calls each with the messages that wait, or are being worked on, and bear a mark, the oldest of each topic first: see
// messaging.ExtensionMarks. An error of each ends it. It returns how many bear the mark and cannot be read: what is stored of them is
// damaged. It reads the headers of all messages that are not encrypted; the data key of one that is says whose it is.
func (b *Broker) Bearing(ctx context.Context, mark string, each func(messaging.Borne) error) (damaged int64, err error) {
	f := b.file.Load()
	if f == nil {
		return 0, full(errReopening, false)
	}
	topics, err := f.topics(ctx)
	if err != nil {
		return 0, err
	}
	list, err := f.bearing(ctx, mark)
	for _, seq := range list {
		e, failed := row(f.fetch.QueryRowContext(ctx, 0, seq).Scan)
		if errors.Is(failed, sql.ErrNoRows) { // it has ended meanwhile
			continue
		}
		if failed == nil {
			failed = b.open(ctx, f, e)
		}
		if failed != nil {
			return damaged, failed
		}
		m, flaw := messaging.Received(messaging.Deliver(ctx, e.delivery()))
		if flaw != nil && (e.corrupt || flaw.Reason == messaging.Corrupt) {
			damaged++
			continue
		}
		if failed := each(messaging.Borne{Seq: seq, Topic: topics[seq>>idBits], At: time.Unix(0, e.at), Message: m}); failed != nil {
			return damaged, failed
		}
	}
	return damaged, err
}

// topics returns the names of the topics, by their ids.
func (f *file) topics(ctx context.Context) (map[int64]string, error) {
	rows, err := f.read.QueryContext(ctx, "select id, name from topic")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[int64]string{}
	for rows.Next() {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		all[id] = name
	}
	return all, rows.Err()
}

// bearing lists the messages that bear a mark.
func (f *file) bearing(ctx context.Context, mark string) (list []int64, err error) {
	rows, err := f.read.QueryContext(ctx, `select seq, null from message where dk > 0
		and dk in (select id from data_key where instr(subject, ?) > 0)
		union all select seq, headers from message where dk = 0 order by 1`, mark)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var packed []byte
		if err := rows.Scan(&seq, &packed); err != nil {
			return nil, err
		}
		if packed != nil {
			if headers, _ := attributes(packed); !strings.Contains(marksIn(headers), mark) { // of a damaged message those that can be read
				continue
			}
		}
		list = append(list, seq)
	}
	return list, rows.Err()
}

// marksIn returns the marks that the headers of a message say.
func marksIn(list []messaging.Attribute) string {
	for _, h := range list {
		if h.Name == "ce_"+messaging.ExtensionMarks {
			return h.Value
		}
	}
	return ""
}
