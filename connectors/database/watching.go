package database

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"fondaco/connectors"
	"fondaco/connectors/database/driver"
	"fondaco/schema"
)

// watching is an open watch of a table. It is a connectors.Watching.
type watching struct {
	*watched
	name   string // system.watch
	watch  string
	item   *schema.Type
	driver *driver.Driver
	pool   driver.Pool
	log    *slog.Logger
	size   int64 // of the rows of a poll

	cells   []reader
	grow    growing
	open    *outbox // a poll of an outbox that was not told what became of it; nil for none
	strange bool    // the numbers of transactions went back, and the log has it
	wakes   *wakes  // nil without a channel
}

// watch opens a watch. It connects to nothing.
func watch(_ context.Context, s *connectors.System, of *connectors.Watch, deps connectors.Deps) (connectors.Watching, error) {
	w, ok := s.Connector.Wire.(*wire)
	table, known := of.Wire.(*watched)
	if !ok || !known || table.row == nil {
		return nil, fmt.Errorf("%s is not a watch of a database", of.Name)
	}
	d, o, err := w.reached(s)
	if err != nil {
		return nil, err
	}
	o.Most, o.ReadOnly = 2, table.outbox.Value == ""
	x := &watching{
		watched: table, name: s.Name + "." + of.Name, watch: of.Name, item: of.Item, driver: d, log: deps.Log, size: w.maxAnswer,
	}
	if x.log == nil {
		x.log = slog.New(slog.DiscardHandler)
	}
	for _, f := range of.Item.Fields {
		x.cells = append(x.cells, newReader(f))
	}
	if i := of.Item.Index(table.grows.Value); i >= 0 {
		x.grow = growing{of.Item.Fields[i].Type.Kind, table.lag}
	}
	if x.pool, err = d.Open(o); err != nil {
		return nil, err
	}
	_, placed := s.Place()
	if l, listens := x.pool.(driver.Listener); listens && table.wake.Value != "" && !placed {
		x.wakes = &wakes{listener: l, channel: table.wake.Value}
	}
	return x, nil
}

// Poll returns the rows that are new.
func (x *watching) Poll(ctx context.Context, at string) (*connectors.Finds, error) {
	x.abandon()
	var found *connectors.Finds
	var err error
	if x.outbox.Value != "" {
		found, err = x.take(ctx, at)
	} else {
		found, err = x.read(ctx, at)
	}
	if err != nil {
		x.abandon()
		return nil, x.failed(err)
	}
	return found, nil
}

// Close ends the connections.
func (x *watching) Close() error {
	x.abandon()
	if x.wakes != nil {
		x.wakes.close()
	}
	x.pool.Close()
	return nil
}

// failed returns an error for an operator, without values of rows.
func (x *watching) failed(err error) error {
	var e *driver.Error
	if errors.As(err, &e) && e.Kind == driver.Schema {
		return fmt.Errorf("%s: %w: correct the watch in the connector", x.name, err)
	}
	return fmt.Errorf("%s: %w", x.name, err)
}

// row is what was read of one.
type row struct {
	texts map[string]string // of the columns that name, order and key it
	find  connectors.Find
}

// errAnonymous reports a row whose name is null.
var errAnonymous = errors.New("is null or no text: it names a row, or says that it is new")

// rows asks for rows. values says what the marks of the question stand for.
func (x *watching) rows(ctx context.Context, run runner, q *question, values map[string]string) ([]row, error) {
	var all []row
	size := int64(0)
	_, err := run.Run(ctx, q.Statement, q.values(values), func(cells []driver.Cell) error {
		for _, c := range cells {
			if size += int64(len(c.Text)) + 16; size > x.size {
				return fmt.Errorf("%w: make batch smaller, or max_answer larger", errLarge)
			}
		}
		r, err := x.row(cells)
		if err == nil {
			all = append(all, r)
		}
		return err
	})
	return all, err
}

// runner runs statements: a pool or a transaction.
type runner interface {
	Run(ctx context.Context, s *driver.Statement, args []driver.Arg, row func([]driver.Cell) error) (int64, error)
}

// values returns the arguments of a question.
func (q *question) values(of map[string]string) []driver.Arg {
	args := make([]driver.Arg, len(q.args))
	for i, name := range q.args {
		args[i] = driver.Arg{Type: q.types[i], Text: of[name]}
	}
	return args
}

// row reads one. A row that does not fit the types of its columns is told as the database has it: whoever reads it as an item sees why
// it does not fit, and no other row waits for it.
func (x *watching) row(cells []driver.Cell) (row, error) {
	r := row{texts: map[string]string{}}
	names := map[string]bool{x.grows.Value: true, x.outbox.Value: true, x.key.Value: true}
	for _, name := range x.id {
		names[name.Value] = true
	}
	slots, fits := schema.Slots(x.item), true
	for i, f := range x.item.Fields {
		if names[f.Name] {
			if cells[i].Null || cells[i].Octets {
				return r, fmt.Errorf("the column %s %w", f.Name, errAnonymous)
			}
			r.texts[f.Name] = cells[i].Text
		}
		v, err := x.cells[i].read(cells[i])
		fits = fits && err == nil
		slots[i+1] = v
	}
	r.find = connectors.Find{ID: x.identity(r.texts), Key: r.texts[x.key.Value], Body: schema.Record(x.item, slots)}
	if !fits {
		r.find.Body = x.raw(cells)
	}
	return r, nil
}

// raw returns a row as the database has it.
func (x *watching) raw(cells []driver.Cell) schema.Value {
	m := &schema.Map{}
	for i, f := range x.item.Fields {
		v := schema.Null
		if !cells[i].Null && !cells[i].Octets {
			v = schema.Text(cells[i].Text)
		}
		m.Keys, m.Values = append(m.Keys, f.Name), append(m.Values, v)
	}
	return schema.MapOf(m)
}

// plainID is how long an id may be that is written as it is.
const plainID = 100

// identity returns the id of a row, by the columns that name it and the one that grows. One of several columns, and one that may be of
// a person, is a hash.
func (x *watching) identity(texts map[string]string) string {
	var parts []string
	hidden := false
	add := func(name string) {
		parts = append(parts, texts[name])
		hidden = hidden || x.item.Fields[x.item.Index(name)].Type.Personal
	}
	grows := x.grows.Value != ""
	for _, name := range x.id {
		add(name.Value)
		grows = grows && name.Value != x.grows.Value
	}
	if grows {
		add(x.grows.Value)
	}
	if len(parts) == 1 && !hidden && len(parts[0]) <= plainID {
		return parts[0]
	}
	b, err := json.Marshal(parts)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// at returns where a row stands: what rows are ordered by.
func (x *watching) at(r row) map[string]string {
	at := map[string]string{x.grows.Value: r.texts[x.grows.Value]}
	for _, name := range x.others() {
		at[name] = r.texts[name]
	}
	return at
}

// finds returns the items of rows.
func finds(rows []row) []connectors.Find {
	all := make([]connectors.Find, len(rows))
	for i, r := range rows {
		all[i] = r.find
	}
	return all
}
