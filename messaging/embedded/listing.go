package embedded

import (
	"context"
	"encoding/binary"
	"strings"
	"time"

	"fondaco/messaging"
	"fondaco/store/sqlitefile"
)

// listed is how many messages are read at a time: between two readings the log of the file can be cut off.
const listed = 2000

// List calls f with the messages on the topics whose names begin with a prefix, each topic's in the order in which they came,
// without bodies: those that a group has not finished, and those of topics without groups. It ends when f returns false. What
// is damaged is passed over. What is published or finished meanwhile may be listed or not.
func (b *Broker) List(ctx context.Context, prefix string, f func(topic string, m messaging.Message) bool) error {
	file := b.file.Load()
	if file == nil {
		return full(errReopening, false)
	}
	topics, err := topicsIn(ctx, file, prefix)
	if err != nil {
		return err
	}
	for _, t := range topics {
		if more, err := b.listTopic(ctx, file, t, f); err != nil || !more {
			return err
		}
	}
	return nil
}

// topicsIn returns the topics whose names begin with a prefix.
func topicsIn(ctx context.Context, f *file, prefix string) (list []listing, err error) {
	rows, err := f.read.QueryContext(ctx, "select id, name from topic order by id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t listing
		if err := rows.Scan(&t.id, &t.name); err != nil {
			return nil, err
		}
		if strings.HasPrefix(t.name, prefix) {
			list = append(list, t)
		}
	}
	return list, rows.Err()
}

// listing is a topic that is listed.
type listing struct {
	id   int64
	name string
}

func (b *Broker) listTopic(ctx context.Context, file *file, t listing, f func(topic string, m messaging.Message) bool) (more bool,
	err error,
) {
	for after := t.id << idBits; ; {
		page, err := pageOf(ctx, file, after, (t.id+1)<<idBits)
		if err != nil || len(page) == 0 {
			return true, err
		}
		for _, e := range page {
			after = e.seq
			hs, ok, err := b.headersOf(ctx, file, e)
			if err != nil {
				return false, err
			}
			if !ok {
				continue
			}
			m, _ := messaging.Read(hs, nil, time.Unix(0, e.at))
			m.Place = messaging.Place{Offset: e.seq}
			if !f(t.name, m) {
				return false, nil
			}
		}
	}
}

// pageOf returns the next messages of a topic, behind one and before another.
func pageOf(ctx context.Context, f *file, after, before int64) (page []*entry, err error) {
	rows, err := f.read.QueryContext(ctx, "select seq, at, headers, dk from message where seq > ? and seq < ? order by seq limit ?", after,
		before, listed)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		e := &entry{}
		if err := rows.Scan(&e.seq, &e.at, &e.headers, &e.dk); err != nil {
			return nil, err
		}
		page = append(page, e)
	}
	return page, rows.Err()
}

// headersOf returns the headers of a message; false for one that is damaged, or whose data key is gone.
func (b *Broker) headersOf(ctx context.Context, f *file, e *entry) ([]messaging.Attribute, bool, error) {
	if e.dk != 0 {
		r := record{seq: e.seq}
		head, err := b.vault.Open(ctx, f.read, e.dk, r.in("headers"), e.headers)
		if err != nil {
			if sqlitefile.IsLost(err) {
				err = nil
			}
			return nil, false, err
		}
		n, w := binary.Uvarint(head)
		if w <= 0 || n > uint64(len(head)-w) {
			return nil, false, nil
		}
		e.headers = head[w+int(n):]
	}
	hs, err := attributes(e.headers)
	return hs, err == nil, nil //nolint:nilerr // it is damaged, which is told when it is given out
}
