package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fondaco/store"
	"fondaco/store/record"
)

// Copying is a state that is being copied, or that another is copied into. It is a record.Copyable.
type Copying struct {
	s    *Store
	name string // of the connections of the project's processes
}

// How long a copy waits for one statement or transaction.
const copyPatience = 10 * time.Minute

// copyName is the name of a copy's connections, so that those of processes can be told from them.
const copyName = "fondaco state copy"

// OpenForCopy opens the state at an address, of the role that owns its schema, as Open does, also where a copy into it was cut short.
// The caller closes it.
func OpenForCopy(ctx context.Context, address string, o Options) (*Copying, error) {
	a, err := parse(address, o.Project)
	if err != nil {
		return nil, err
	}
	options := map[string]string{"application_name": copyName, "schema": a.schema}
	for _, name := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		options[name] = fmt.Sprint(copyPatience.Milliseconds())
	}
	if address, err = with(address, options); err != nil {
		return nil, err
	}
	o.copying = true
	o.Topics, o.Away = "", false
	o.Limits = store.Limits{BodyBytes: 1 << 62, LetterBytes: 1 << 62}
	s, err := Open(ctx, address, o)
	if err != nil {
		return nil, err
	}
	c := &Copying{s, a.pool.ConnConfig.RuntimeParams["application_name"]}
	if err := c.mayNumber(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return c, nil
}

// Close closes the connections.
func (c *Copying) Close() error { return c.s.Close() }

// Place returns where the state is, without a password.
func (c *Copying) Place() string { return c.s.place }

// Groups returns which groups had a place on Kafka.
func (c *Copying) Groups() Groups { return c.s.Groups() }

var _ record.Copyable = (*Copying)(nil)

// mayNumber refuses a role that cannot say from where numbers go on.
func (c *Copying) mayNumber(ctx context.Context) error {
	return c.s.read(ctx, func(r *reader) error {
		for _, name := range append([]string{record.TakeNumber}, record.Numbered...) {
			var may bool
			if _, err := r.row("select has_sequence_privilege("+sequenceOf(name)+", 'update') and has_sequence_privilege("+sequenceOf(name)+
				", 'select')", nil, &may); err != nil {
				return err
			}
			if !may {
				return refuse(fmt.Errorf("state %s: %w", c.s.place, unfit("the role may not say from where numbers go on: give --owner the address "+
					"of the role that owns the schema, as to fondaco migrate")))
			}
		}
		return nil
	})
}

// sequenceOf is an expression for what draws the numbers of a table, or those of collections that are taken.
func sequenceOf(name string) string {
	if name == record.TakeNumber {
		return "'" + record.TakeNumber + "'::regclass"
	}
	for _, k := range record.Kinds {
		if k.Table == name {
			return "pg_get_serial_sequence('" + name + "', '" + k.Columns[0].Name + "')::regclass"
		}
	}
	return "null::regclass"
}

// Rows calls each for rows of a kind after a key: see record.Copyable.
func (c *Copying) Rows(ctx context.Context, k *record.Kind, after []any, each func(record.Row) error) error {
	var found []record.Row
	if err := c.s.read(ctx, func(r *reader) error {
		found = nil // a connection was cut
		to, row := k.Scan()
		text, args := c.page(k, after)
		return r.rows(text, args, func(rows scanner) error {
			err := rows.Scan(to...)
			if err == nil {
				found = append(found, row())
			}
			return err
		})
	}); err != nil {
		return err
	}
	for _, r := range found {
		if err := each(r); errors.Is(err, record.ErrEnough) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// page returns the statement that reads rows of a kind after a key.
func (c *Copying) page(k *record.Kind, after []any) (text string, args []any) {
	table, keys := k.Table, strings.Join(k.Names()[:k.Keys], ", ")
	switch k.Name {
	case record.InboxKind:
		table = "inbox"
	case record.SettingsKind:
		table = "(select name, value from meta where value <> '' and name in ('" + strings.Join(record.Settings, "', '") + "')) as settings"
	case record.NumbersKind:
		var list []string
		for _, name := range append([]string{record.TakeNumber}, record.Numbered...) {
			list = append(list, "select '"+name+"' collate \"C\" as name, pg_sequence_last_value("+sequenceOf(name)+") as last")
		}
		table = "(select name, last from (" + strings.Join(list, " union all ") + ") as given where last is not null) as numbers"
	}
	columns := make([]string, len(k.Columns))
	for i, column := range k.Columns {
		columns[i] = column.Name
		if column.As == record.KeyRef {
			columns[i] = "coalesce(" + column.Name + ", 0)"
		}
	}
	text = "select " + strings.Join(columns, ", ") + " from " + table
	if after != nil {
		text += " where (" + keys + ") > (?" + strings.Repeat(", ?", k.Keys-1) + ")"
	}
	return text + " order by " + keys + fmt.Sprintf(" limit %d", k.Page), after
}

// Last returns the key of the last row; the inbox, which is not kept in the order of another state, and what has no table are written
// anew.
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
		switch k.Name {
		case record.SettingsKind:
			for _, r := range rows {
				if _, err := x.exec("insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value", r[0],
					r[1]); err != nil {
					return err
				}
			}
			return nil
		case record.NumbersKind:
			return putNumbers(x, rows)
		}
		table, names := k.Table, k.Names()
		if k.Name == record.InboxKind {
			table = "inbox"
		}
		beside, of := besides(k)
		values := make([][]any, len(rows))
		for i, r := range rows {
			values[i] = append(columns(k, r), of(r)...)
		}
		if at := k.Column("blind"); at >= 0 { // rows that are not encrypted are looked for by a hash
			for i, r := range rows {
				if key := r[k.Column("key")].(record.Sealed); r[k.Column("dk")] == int64(0) && (key != "" || k.Table == "collection") {
					values[i][at] = plain(k.Table+".key", string(key))
				}
			}
		}
		_, err := x.q.(*pgxpool.Conn).Conn().CopyFrom(x.ctx, pgx.Identifier{table}, append(names, beside...), pgx.CopyFromRows(values))
		return err
	})
}

// columns are the values of a row for this database.
func columns(k *record.Kind, r record.Row) []any {
	out := make([]any, len(r))
	for i, v := range r {
		switch {
		case k.Columns[i].As == record.KeyRef:
			out[i] = dkOf(v.(int64))
		case k.Columns[i].As == record.Closed:
			out[i] = stored(v.(record.Sealed))
		default:
			out[i] = v
		}
	}
	return arguments(out)
}

// besides returns the columns that this database alone keeps of a kind, and their values for a row.
func besides(k *record.Kind) (names []string, of func(record.Row) []any) {
	switch k.Table {
	case "letter":
		at := func(r record.Row, name string) string { return r[k.Column(name)].(string) }
		return []string{"record"}, func(r record.Row) []any {
			return []any{hashed(at(r, "topic"), at(r, "grp"), at(r, "message"), at(r, "place"))}
		}
	case "intent":
		return []string{"process"}, func(record.Row) []any { return []any{""} } // one that has ended
	}
	return nil, func(record.Row) []any { return nil }
}

// putNumbers has tables give numbers above those, and what all letters hold be known.
func putNumbers(x *tx, rows []record.Row) error {
	for _, r := range rows {
		if _, err := x.exec("select setval("+sequenceOf(r[0].(string))+", ?)", r[1]); err != nil {
			return err
		}
	}
	return nil
}

// Clear removes all rows of a kind.
func (c *Copying) Clear(ctx context.Context, k *record.Kind) error {
	return c.s.write(ctx, 0, func(x *tx) (err error) {
		switch k.Name {
		case record.InboxKind:
			_, err = x.exec("delete from inbox")
		case record.SettingsKind:
			_, err = x.exec("delete from meta where name in ('" + strings.Join(record.Settings, "', '") + "')")
			if err == nil {
				_, err = x.exec("insert into meta (name, value) values ('" + auditHead + "', '')")
			}
		case record.NumbersKind:
			for _, name := range append([]string{record.TakeNumber}, record.Numbered...) {
				if _, err = x.exec("select setval(" + sequenceOf(name) + ", 1, false)"); err != nil {
					return err
				}
			}
		default:
			_, err = x.exec("delete from " + k.Table)
		}
		return err
	})
}

// Copied returns what the schema says of a copy into it.
func (c *Copying) Copied(ctx context.Context) (copied record.Copied, err error) {
	err = c.s.read(ctx, func(r *reader) error {
		copied, err = copiedInto(r.statements)
		return err
	})
	return copied, err
}

// SetCopied has the schema say so. With the end of a copy what all letters hold is known again.
func (c *Copying) SetCopied(ctx context.Context, copied record.Copied) error {
	text, err := json.Marshal(copied)
	if err != nil {
		return err
	}
	return c.s.write(ctx, len(text), func(x *tx) error {
		if _, err := x.exec("update counter set value = (select coalesce(sum(weight), 0) from letter) where name = 'letter bytes'"); err != nil {
			return err
		}
		_, err := x.exec("insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value", record.CopiedKey,
			string(text))
		return err
	})
}

// Alone returns an error while processes of the project have the state open.
func (c *Copying) Alone(ctx context.Context) error { return c.s.unopened(ctx, c.name) }

// copiedInto reads what a schema says of a copy into it.
func copiedInto(is statements) (copied record.Copied, err error) {
	var text string
	found, err := is.row("select value from meta where name = ?", []any{record.CopiedKey}, &text)
	if err == nil && found {
		err = json.Unmarshal([]byte(text), &copied)
	}
	return copied, err
}

// whole refuses a state into which another was not copied whole.
func (s *Store) whole(ctx context.Context) error {
	copied, err := copiedInto(statements{ctx, s.pool})
	if err != nil {
		return err
	}
	if err := copied.Unfinished(); err != nil {
		return unfit(err.Error())
	}
	return nil
}
