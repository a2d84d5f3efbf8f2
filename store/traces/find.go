package traces

import (
	"context"
	"database/sql"
	"encoding/hex"
	"slices"
	"time"
)

// Bounds of an answer.
const (
	maxTraces    = 20
	maxExchanges = 1000
)

// Find returns the exchanges of the traces that one of the ids belongs to: a request id, a trace id in hexadecimal digits, or the id of an
// operation or a message. They are in the order of their beginnings, at most a thousand; none if nothing is known of the ids. A nil Store
// finds nothing.
func (s *Store) Find(ctx context.Context, ids ...string) ([]Exchange, error) {
	if s == nil {
		return nil, nil
	}
	s.flush(ctx)
	var of [][]byte
	for _, id := range ids {
		found, err := s.tracesOf(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, t := range found {
			if !slices.ContainsFunc(of, func(o []byte) bool { return string(o) == string(t) }) {
				of = append(of, t)
			}
		}
	}
	var all []Exchange
	for _, t := range of[:min(len(of), maxTraces)] {
		list, err := s.read(ctx, t)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	slices.SortStableFunc(all, func(a, b Exchange) int { return a.Began.Compare(b.Began) })
	return all[:min(len(all), maxExchanges)], nil
}

// tracesOf returns the traces that an id belongs to, the latest first.
func (s *Store) tracesOf(ctx context.Context, id string) (all [][]byte, err error) {
	if id == "" {
		return nil, nil
	}
	trace, err := hex.DecodeString(id)
	if err != nil || len(trace) != 16 {
		trace = []byte{}
	}
	kept := s.named(id)
	if kept == "" {
		kept = id
	}
	rows, err := s.readers.QueryContext(ctx, "select trace, max(id) from (select trace, id from exchange where trace = ?1 union all "+
		"select trace, id from exchange where request = ?2 and request <> '' union all "+
		"select trace, id from exchange where operation = ?3 and operation <> '' union all "+
		"select trace, id from exchange where message = ?2 and message <> '' union all "+
		"select e.trace, e.id from step s join exchange e on e.id = s.exchange where s.message = ?2 and s.message <> '') "+
		"group by trace order by 2 desc limit ?4", trace, kept, id, maxTraces)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var t []byte
		var latest int64
		if err := rows.Scan(&t, &latest); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// read returns the exchanges of a trace with their steps.
func (s *Store) read(ctx context.Context, trace []byte) ([]Exchange, error) {
	var all []Exchange
	at := map[int64]int{}
	err := s.rows(ctx, func(rows *sql.Rows) error {
		var x Exchange
		var id, began, took int64
		var t, span, parent []byte
		if err := rows.Scan(&id, &x.Kind, &x.Route, &x.Topic, &x.Group, &x.Request, &x.Operation, &x.Message, &t, &span, &parent, &x.Release,
			&began, &took, &x.Status, &x.Outcome, &x.Attempt, &x.Fault); err != nil {
			return err
		}
		copy(x.Trace[:], t)
		copy(x.Span[:], span)
		copy(x.Parent[:], parent)
		x.Began, x.Took = time.UnixMicro(began).UTC(), time.Duration(took)*time.Microsecond
		at[id] = len(all)
		all = append(all, x)
		return nil
	}, "select id, kind, route, topic, grp, request, operation, message, trace, span, parent, release, began, took, status, outcome, "+
		"attempt, fault from exchange where trace = ? order by id desc limit ?", trace, maxExchanges)
	if err != nil {
		return nil, err
	}
	err = s.rows(ctx, func(rows *sql.Rows) error {
		var t Step
		var id, after, took int64
		if err := rows.Scan(&id, &t.Place, &t.System, &t.Operation, &t.Effect, &t.Message, &t.Attempt, &after, &took, &t.Fault); err != nil {
			return err
		}
		t.After, t.Took = time.Duration(after)*time.Microsecond, time.Duration(took)*time.Microsecond
		if i, known := at[id]; known {
			all[i].Steps = append(all[i].Steps, t)
		}
		return nil
	}, "select exchange, place, system, operation, effect, message, attempt, after, took, fault from step where exchange in (select id from "+
		"exchange where trace = ? order by id desc limit ?) order by exchange, n", trace, maxExchanges)
	return all, err
}

// rows calls each for each row of a query.
func (s *Store) rows(ctx context.Context, each func(*sql.Rows) error, query string, args ...any) error {
	rows, err := s.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
