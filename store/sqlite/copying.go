package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fondaco/store"
	"fondaco/store/record"
)

// Copying is a state that is being copied, or that another is copied into. It is a record.Copyable.
type Copying struct{ s *Store }

// OpenForCopy opens the state in the file at path as Open does, and makes it if there is none, also where a copy into it was cut short.
// It refuses a file that a process has open. The caller closes it.
func OpenForCopy(ctx context.Context, path string, o Options) (*Copying, error) {
	o.copying = true
	o.Limits = store.Limits{BodyBytes: 1 << 62, LetterBytes: 1 << 62}
	s, err := Open(ctx, path, o)
	if err != nil {
		return nil, err
	}
	return &Copying{s}, nil
}

// Close closes the file.
func (c *Copying) Close() error { return c.s.Close() }

var _ record.Copyable = (*Copying)(nil)

// Rows calls each for rows of a kind after a key: see record.Copyable.
func (c *Copying) Rows(ctx context.Context, k *record.Kind, after []any, each func(record.Row) error) error {
	err := c.s.read(ctx, func(r *reader) error {
		if k.Name == record.InboxKind {
			return refused(c.ids(r, after, k.Page, each))
		}
		to, row := k.Scan()
		text, args := c.page(k, after)
		return refused(r.rows(text, args, func(rows *sql.Rows) error {
			if err := rows.Scan(to...); err != nil {
				return err
			}
			return each(row())
		}))
	})
	if errors.Is(err, record.ErrEnough) {
		return nil
	}
	return err
}

// refused has an error that is not of the database leave it well.
func refused(err error) error {
	if errors.Is(err, record.ErrEnough) || errors.Is(err, errUntold) {
		return refuse(err)
	}
	return err
}

// page returns the statement that reads rows of a kind after a key.
func (c *Copying) page(k *record.Kind, after []any) (text string, args []any) {
	table, keys := k.Table, strings.Join(k.Names()[:k.Keys], ", ")
	switch k.Name {
	case record.SettingsKind:
		table = "(select name, value from meta where value <> '' and name in ('" + strings.Join(record.Settings, "', '") + "'))"
	case record.NumbersKind:
		table = "(select name, seq as last from sqlite_sequence where seq > 0 and name in ('" + strings.Join(record.Numbered, "', '") +
			"') union all select name, value from counter where value > 0 and name = '" + record.TakeNumber + "')"
	}
	text = "select " + strings.Join(k.Names(), ", ") + " from " + table
	if after != nil {
		text += " where (" + keys + ") > (?" + strings.Repeat(", ?", k.Keys-1) + ")"
	}
	return text + " order by " + keys + fmt.Sprintf(" limit %d", k.Page), after
}

// errUntold is why an inbox cannot be copied.
var errUntold = errors.New("it knows finished messages of a version that did not keep their topics: they are forgotten after 7 days; run " +
	"the project as it is until then")

// ids calls each for ids of the inbox after one, in their order, at least of one page of all runs, with the time until when they are known
// counts.
func (c *Copying) ids(r *reader, after []any, enough int, each func(record.Row) error) error {
	k := &c.s.finished
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.former != 0 || k.first {
		return errUntold
	}
	var last mark
	page := 0
	if after != nil {
		last = mark(after[1].([]byte))
		page = pageOf(last)
	}
	found := map[mark]int64{}
	for ; page < pages && len(found) < enough; page++ {
		for m, at := range k.recent {
			if pageOf(m) == page {
				found[m] = max(found[m], at)
			}
		}
		for i := range k.runs {
			var ids []byte
			if _, err := r.row("select ids from inbox_page where id = ?", []any{k.runs[i].id<<pageBits | int64(page)}, &ids); err != nil {
				return err
			}
			for ; len(ids) >= len(mark{}); ids = ids[len(mark{}):] {
				found[mark(ids)] = max(found[mark(ids)], k.runs[i].newest)
			}
		}
		if after != nil {
			for m := range found {
				if bytes.Compare(m[:], last[:]) <= 0 {
					delete(found, m)
				}
			}
		}
	}
	marks := make([]mark, 0, len(found))
	for m := range found {
		marks = append(marks, m)
	}
	slices.SortFunc(marks, func(a, b mark) int { return bytes.Compare(a[:], b[:]) })
	for _, m := range marks {
		if err := each(record.Row{found[m], bytes.Clone(m[:])}); err != nil {
			return err
		}
	}
	return nil
}

// pageOf is the number of the page of a run in which an id stands.
func pageOf(m mark) int { return int((&run{}).page(m)) }

// Last returns the key of the last row; the inbox, which is not kept by its keys, and what has no table are written anew.
func (c *Copying) Last(ctx context.Context, k *record.Kind) (key []any, err error) {
	if k.Table == "" {
		return nil, nil
	}
	statement, to, last := k.Last()
	err = c.s.read(ctx, func(r *reader) error {
		found, err := r.row(statement, nil, to...)
		if found && err == nil {
			key = last()
		}
		return err
	})
	return key, err
}

// Put adds rows: see record.Copyable.
func (c *Copying) Put(ctx context.Context, k *record.Kind, rows []record.Row) error {
	return c.s.write(ctx, 0, func(x *tx) error {
		for _, r := range rows {
			if err := putRow(x, k, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func putRow(x *tx, k *record.Kind, r record.Row) error {
	names, args := k.Names(), make([]any, len(r))
	for i, v := range r {
		if text, is := v.(record.Sealed); is {
			v = stored(r[k.Column("dk")].(int64), text)
		}
		args[i] = v
	}
	table := k.Table
	switch k.Name {
	case record.InboxKind:
		x.finish(r[0].(int64), mark(r[1].([]byte)))
		return nil
	case record.SettingsKind:
		table = "meta"
	case record.NumbersKind:
		return putNumber(x, r[0].(string), r[1].(int64))
	case "keys that may come once":
		names, args = append(names, "sum"), append(args, record.Sum(r[0], r[1]))
	}
	_, err := x.exec("insert into "+table+" ("+strings.Join(names, ", ")+") values (?"+strings.Repeat(", ?", len(args)-1)+")", args...)
	return err
}

// putNumber has a table give numbers above one.
func putNumber(x *tx, name string, last int64) error {
	if name == record.TakeNumber {
		_, err := x.exec("update counter set value = ? where name = '"+record.TakeNumber+"'", last)
		return err
	}
	if _, err := x.exec("delete from sqlite_sequence where name = ?", name); err != nil {
		return err
	}
	_, err := x.exec("insert into sqlite_sequence (name, seq) values (?, ?)", name, last)
	return err
}

// Clear removes all rows of a kind.
func (c *Copying) Clear(ctx context.Context, k *record.Kind) error {
	tables := []string{k.Table}
	switch k.Name {
	case record.InboxKind:
		tables = []string{"inbox_log", "inbox_run", "inbox_page"}
	case record.SettingsKind:
		tables = []string{"meta where name in ('" + strings.Join(record.Settings, "', '") + "')"}
	case record.NumbersKind:
		tables = []string{"sqlite_sequence where name in ('" + strings.Join(record.Numbered, "', '") + "')"}
	}
	return c.s.write(ctx, 0, func(x *tx) error {
		for _, table := range tables {
			if _, err := x.exec("delete from " + table); err != nil {
				return err
			}
		}
		switch k.Name {
		case record.InboxKind:
			x.s.finished.clear()
		case record.NumbersKind:
			_, err := x.exec("update counter set value = 0 where name = '" + record.TakeNumber + "'")
			return err
		}
		return nil
	})
}

// clear forgets all. It is called by a copy alone, which puts nothing back when it cannot be committed: it ends then.
func (k *finished) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.recent, k.runs = map[mark]int64{}, nil
}

// Copied returns what the file says of a copy into it.
func (c *Copying) Copied(ctx context.Context) (copied record.Copied, err error) {
	err = c.s.read(ctx, func(r *reader) error {
		copied, err = copiedInto(r.row)
		return err
	})
	return copied, err
}

// SetCopied has the file say so.
func (c *Copying) SetCopied(ctx context.Context, copied record.Copied) error {
	text, err := json.Marshal(copied)
	if err != nil {
		return err
	}
	return c.s.write(ctx, len(text), func(x *tx) error {
		_, err := x.exec("insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value", record.CopiedKey,
			string(text))
		return err
	})
}

// Alone returns nil: the file is locked for this process.
func (c *Copying) Alone(context.Context) error { return nil }

// copiedInto reads what a file says of a copy into it.
func copiedInto(row rowReader) (copied record.Copied, err error) {
	var text string
	found, err := row("select value from meta where name = ?", []any{record.CopiedKey}, &text)
	if err == nil && found {
		err = json.Unmarshal([]byte(text), &copied)
	}
	return copied, err
}

// whole refuses a state into which another was not copied whole.
func (f *file) whole(ctx context.Context) error {
	r := &reader{ctx: ctx, f: f}
	copied, err := copiedInto(r.row)
	if err == nil {
		err = copied.Unfinished()
	}
	return err
}
