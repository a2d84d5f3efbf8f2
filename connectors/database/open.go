package database

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"

	"fondaco/connectors"
	"fondaco/connectors/database/driver"
	"fondaco/schema"
)

// caller is an open system.
type caller struct {
	system       *connectors.System
	driver       *driver.Driver
	host         string // "" of a file
	read, change driver.Pool
	maxAnswer    int64
}

// open resolves the connector's references in the system. It connects to nothing.
func open(_ context.Context, s *connectors.System, _ connectors.Deps) (connectors.Caller, error) {
	w, ok := s.Connector.Wire.(*wire)
	if !ok {
		return nil, errors.New("the connector says nothing under database")
	}
	d, o, err := w.reached(s)
	if err != nil {
		return nil, err
	}
	c := &caller{system: s, driver: d, host: o.Host, maxAnswer: w.maxAnswer}
	if c.change, err = d.Open(o); err != nil {
		return nil, fmt.Errorf("system %s: %w", s.Name, err)
	}
	o.ReadOnly = true
	if c.read, err = d.Open(o); err != nil {
		c.change.Close()
		return nil, fmt.Errorf("system %s: %w", s.Name, err)
	}
	return c, nil
}

// Close ends the connections.
func (c *caller) Close() error {
	c.read.Close()
	c.change.Close()
	return nil
}

// prepared is one operation ready to be called.
type prepared struct {
	*caller
	operation *connectors.Operation
	op        *op
	pool      driver.Pool
	statement *driver.Statement
	args      []int // fields of the input, one for each mark
	input     *schema.Type
	want      *schema.Type // of the answer
	row       *schema.Type // of a row of it, nil without rows
	cells     []reader     // of the row's fields
	fails     func(context.Context, schema.Value, int) *connectors.Fault
	rules     func(schema.Value, int) *connectors.Fault
	faultType *schema.Type
}

// Call prepares the calls of one operation.
func (c *caller) Call(operation *connectors.Operation, want *schema.Type) (connectors.Call, error) {
	p, ok := operation.Wire.(*op)
	if !ok || p.parsed == nil {
		return nil, fmt.Errorf("%s is not an operation of a database", operation.Name)
	}
	params, err := c.system.RuleParams(operation)
	if err != nil {
		return nil, err
	}
	x := &prepared{
		caller: c, operation: operation, op: p, pool: c.change, input: operation.Wired(), want: want,
		fails: operation.FailRules(want, params), rules: operation.FaultRules(params), faultType: operation.FaultType(),
	}
	if operation.Effect == connectors.Read {
		x.pool = c.read
	}
	text, names := p.render(c.driver, operation)
	for _, name := range names {
		x.args = append(x.args, x.input.Index(name))
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	x.statement = &driver.Statement{Name: fmt.Sprintf("fondaco_%x", h.Sum64()), Text: text}
	x.rows()
	return x.watched(x.call), nil
}

// render writes the statement for a database.
func (p *op) render(d *driver.Driver, operation *connectors.Operation) (text string, args []string) {
	input := operation.Wired()
	return p.parsed.render(d, operation.Name, func(name string) *schema.Type { return input.Fields[input.Index(name)].Type })
}

// rows says what is read of a row: the columns that are wanted, or one of them, as rows are counted.
func (x *prepared) rows() {
	if x.op.result == resultAffected {
		return
	}
	x.row = x.want
	if x.op.result == resultList && x.want.Kind == schema.KindList {
		x.row = x.want.Elem
	}
	if x.row == nil || x.row.Kind != schema.KindRecord {
		x.row = schema.RecordType()
	}
	for _, f := range x.row.Fields {
		x.statement.Columns = append(x.statement.Columns, f.Name)
		x.cells = append(x.cells, newReader(f))
	}
	if len(x.cells) == 0 {
		x.statement.Columns = []string{x.op.columns[0].key.Value}
	}
}

// errRows are the reasons for which an answer does not fit that is not a value's.
var (
	errNone    = errors.New("the statement returned no row")
	errSeveral = errors.New("the statement returned several rows, expected one: a condition is missing, or result: list")
	errLarge   = errors.New("the rows are larger than max_answer")
)

// call runs the statement.
func (x *prepared) call(ctx context.Context, in schema.Value) (schema.Value, error) {
	if err := ctx.Err(); err != nil {
		return schema.Value{}, x.fault(ctx, driver.Broken(ctx, err, false))
	}
	args := make([]driver.Arg, len(x.args))
	for i, at := range x.args {
		args[i] = argument(in.Get(x.input.Fields[at].Name), x.input.Fields[at].Type)
	}
	var rows []schema.Value
	size := int64(0)
	affected, err := x.pool.Run(ctx, x.statement, args, func(cells []driver.Cell) error {
		if x.op.result == resultList && len(rows) == x.op.rows {
			return x.invalid("", fmt.Errorf("the statement returned more than max_rows, which is %d: narrow it, or raise max_rows", x.op.rows))
		}
		if x.op.result != resultList && len(rows) == 1 {
			return x.invalid("", errSeveral)
		}
		slots := schema.Slots(x.row)
		for i := range x.cells {
			if size += int64(len(cells[i].Text)) + 16; size > x.maxAnswer {
				return x.invalid("", errLarge)
			}
			v, err := x.cells[i].read(cells[i])
			if err != nil {
				return x.invalid("/"+x.row.Fields[i].Name, err)
			}
			slots[i+1] = v
		}
		rows = append(rows, schema.Record(x.row, slots))
		return nil
	})
	if err != nil {
		return schema.Value{}, x.fault(ctx, err)
	}
	v, f := x.answer(rows, affected)
	if f == nil && x.fails != nil {
		f = x.fails(ctx, v, 0)
	}
	if f != nil {
		f.System, f.Operation = x.system.Name, x.operation.Name
		return schema.Value{}, f
	}
	return v, nil
}

// answer returns what came as a value of what is wanted.
func (x *prepared) answer(rows []schema.Value, affected int64) (schema.Value, *connectors.Fault) {
	switch {
	case x.op.result == resultAffected:
		slots := schema.Slots(x.want)
		if i := x.want.Index("affected"); i >= 0 {
			slots[i+1] = schema.Int(affected)
		}
		return schema.Record(x.want, slots), nil
	case x.op.result == resultList:
		return schema.List(rows), nil
	case len(rows) == 0:
		return schema.Value{}, &connectors.Fault{Kind: connectors.NotFound, Sent: true, Err: errNone}
	}
	return rows[0], nil
}
