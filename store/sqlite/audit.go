package sqlite

import (
	"context"
	"database/sql"

	"fondaco/store"
	"fondaco/store/record"
)

type audit struct{ s *Store }

// Audit returns what operators did with citizens' data.
func (s *Store) Audit() store.Audit { return audit{s} }

// auditHead is the name in meta of the head of the audit.
const auditHead = "audit head"

func (a audit) Append(ctx context.Context, e store.AuditEntry) (store.AuditEntry, error) {
	err := a.s.write(ctx, len(e.Who)+len(e.What)+len(e.On)+len(e.Why), func(x *tx) error {
		var kept string
		if _, err := x.row("select value from meta where name = ?", []any{auditHead}, &kept); err != nil {
			return err
		}
		var last int64
		if _, err := x.row("select coalesce(max(n), 0) from audit", nil, &last); err != nil {
			return err
		}
		// A list that was altered goes on after its end all the same, and does not get whole again by that.
		head, _ := store.ParseAuditHead(kept)
		e.Number, e.Former = max(head.Number, last)+1, head.Hash
		e.At = record.Moment(record.Micro(e.At))
		e.Hash = e.Seal()
		if _, err := x.exec("insert into audit (n, at, who, what, subject, why, former, hash) values (?, ?, ?, ?, ?, ?, ?, ?)",
			e.Number, record.Micro(e.At), e.Who, e.What, e.On, e.Why, e.Former[:], e.Hash[:]); err != nil {
			return err
		}
		_, err := x.exec("insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value", auditHead,
			store.AuditHead{Number: e.Number, Hash: e.Hash}.String())
		return err
	})
	if err != nil {
		return store.AuditEntry{}, err
	}
	return e, nil
}

func (a audit) List(ctx context.Context, after int64, limit int) (list []store.AuditEntry, err error) {
	err = a.s.read(ctx, func(r *reader) error {
		list = nil
		return r.rows("select n, at, who, what, subject, why, former, hash from audit where n > ? order by n limit ?", []any{after, limit},
			func(rows *sql.Rows) error {
				var e store.AuditEntry
				var at int64
				var former, hash []byte
				if err := rows.Scan(&e.Number, &at, &e.Who, &e.What, &e.On, &e.Why, &former, &hash); err != nil {
					return err
				}
				e.At = record.Moment(at)
				if len(former) == len(e.Former) { // of another length it was altered, and the zero hash says so
					copy(e.Former[:], former)
				}
				if len(hash) == len(e.Hash) {
					copy(e.Hash[:], hash)
				}
				list = append(list, e)
				return nil
			})
	})
	return list, err
}

func (a audit) Head(ctx context.Context) (head store.AuditHead, err error) {
	var kept string
	err = a.s.read(ctx, func(r *reader) error {
		found, err := r.row("select value from meta where name = ?", []any{auditHead}, &kept)
		if !found && err == nil {
			// The first entry makes it: without it there must be none.
			var last int64
			_, err = r.row("select coalesce(max(n), 0) from audit", nil, &last)
			head.Number = last
		}
		return err
	})
	if err != nil || kept == "" {
		return head, err
	}
	if head, err = store.ParseAuditHead(kept); err != nil { // it was altered: no list is its own
		return store.AuditHead{Number: 1<<63 - 1}, nil //nolint:nilerr // VerifyAudit reports it
	}
	return head, nil
}
