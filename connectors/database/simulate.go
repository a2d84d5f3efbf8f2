package database

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/database/driver"
	"fondaco/connectors/database/postgres"
	"fondaco/schema"
)

// simulator plays a database as a server of PostgreSQL, whatever the real one is: it knows the statements of the connector's
// operations, and answers them from samples.
type simulator struct{ *postgres.Server }

// simulated makes the simulator of a connector.
func simulated(c *connectors.Connector, s connectors.Simulation) (connectors.Simulator, error) {
	w, ok := c.Wire.(*wire)
	if !ok {
		return nil, errors.New("the connector says nothing under database")
	}
	p := &player{simulation: s, statements: map[string]*played{}, questions: map[string]*asked{}}
	if system := s.System(); system != nil {
		var err error
		if p.user, _, err = system.Resolve(w.user); err != nil {
			return nil, err
		}
		if p.password, _, err = system.Resolve(w.password); err != nil {
			return nil, err
		}
	}
	for _, operation := range c.Operations {
		o, ok := operation.Wire.(*op)
		if !ok || o.parsed == nil {
			continue
		}
		text, args := o.render(postgres.Driver, operation)
		one := &played{operation: operation, op: o, args: args, shape: &postgres.Shape{Args: len(args)}}
		if row := one.row(); row != nil {
			for _, f := range row.Fields {
				one.shape.Columns = append(one.shape.Columns, driver.Column{Name: f.Name, Kind: f.Type.Kind})
			}
		}
		p.statements[text] = one
	}
	for _, w := range c.Watches {
		p.watch(w)
	}
	return &simulator{postgres.NewServer(p)}, nil
}

// simulatedName is the database that a simulator has.
const simulatedName = "simulated"

// Start listens on TCP.
func (s *simulator) Start(at connectors.Place) (connectors.Place, error) {
	if at.Address == "" {
		at = connectors.Place{Network: "tcp", Address: "127.0.0.1:0"}
	}
	listening, err := s.Server.Start(at.Network, at.Address)
	if err == nil {
		at.Address, at.Scheme, at.Path = listening, "postgresql", "/"+simulatedName
	}
	return at, err
}

// Follow answers as next from here on.
func (s *simulator) Follow(next connectors.Simulator) bool {
	other, ok := next.(*simulator)
	if ok {
		s.Play(other.Player())
	}
	return ok
}

// player answers statements from samples. It is a postgres.Player.
type player struct {
	simulation     connectors.Simulation
	user, password string
	statements     map[string]*played // by their texts
	questions      map[string]*asked  // of watches, likewise
}

// played is one operation of a simulator.
type played struct {
	operation *connectors.Operation
	op        *op
	args      []string // what each mark stands for
	shape     *postgres.Shape
}

// row returns the type of a row, nil if the operation has none.
func (o *played) row() *schema.Type {
	switch o.op.result {
	case resultAffected:
		return nil
	case resultList:
		return o.operation.Answered().Elem
	}
	return o.operation.Answered()
}

// Login reports whether somebody may come in.
func (p *player) Login(user, password string) bool {
	equal := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	return p.user == "" && p.password == "" || equal(user, p.user) && equal(password, p.password)
}

var errUnknown = &driver.Error{Kind: driver.Schema, Text: "this is not a statement of the simulated connector"}

// Shape returns what a statement takes and returns.
func (p *player) Shape(text string) (*postgres.Shape, *driver.Error) {
	if one := p.statements[text]; one != nil {
		return one.shape, nil
	}
	if one := p.questions[text]; one != nil {
		return one.shape, nil
	}
	return nil, errUnknown
}

// Play answers a statement.
func (p *player) Play(ctx context.Context, text string, args [][]byte) (*postgres.Answer, *driver.Error) {
	one := p.statements[text]
	if one == nil {
		if asked := p.questions[text]; asked != nil {
			return asked.play(ctx, p, args)
		}
		return nil, errUnknown
	}
	in, err := one.input(args)
	if err != nil {
		return nil, err
	}
	c := p.simulation.Find(one.operation.Name, in)
	if c == nil {
		return nil, &driver.Error{Kind: driver.Other, Text: "no sample of " + one.operation.Name + " fits this input"}
	}
	if failed := await(ctx, c); failed != nil {
		return nil, failed
	}
	return one.answer(c.Answer)
}

// await waits as long as a sample says, and returns the error that it is.
func await(ctx context.Context, c *connectors.Sample) *driver.Error {
	if c.Delay > 0 {
		timer := time.NewTimer(c.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return &driver.Error{Kind: driver.Late}
		}
	}
	switch {
	case c.Fault != nil:
		return failed(c.Fault)
	case c.Raw != "" || c.Status >= 300:
		return &driver.Error{Kind: driver.Other, Text: "a sample of a database has answer or fault, no status and no raw"}
	}
	return nil
}

// input reads the arguments of a statement as the operation's input.
func (o *played) input(args [][]byte) (schema.Value, *driver.Error) {
	t := o.operation.Wired()
	slots := schema.Slots(t)
	if len(args) != len(o.args) {
		return schema.Value{}, &driver.Error{Kind: driver.Schema, Code: "08P01", Text: "another number of parameters was bound"}
	}
	for i, name := range o.args {
		at := t.Index(name)
		arg := args[i]
		if t.Fields[at].Type.Kind == schema.KindBytes && len(arg) > 2 {
			raw, err := hex.DecodeString(string(arg[2:]))
			if err != nil {
				return schema.Value{}, &driver.Error{Kind: driver.Data, Column: name, Text: "invalid octets"}
			}
			arg = raw
		}
		v, err := parsed(arg, t.Fields[at])
		if err != nil {
			return v, &driver.Error{Kind: driver.Data, Column: name, Text: "invalid input syntax of the parameter " + name}
		}
		slots[at+1] = v
	}
	return schema.Record(t, slots), nil
}

// answer writes the answer of a sample as rows.
func (o *played) answer(v schema.Value) (*postgres.Answer, *driver.Error) {
	a := &postgres.Answer{}
	row := o.row()
	switch {
	case row == nil:
		a.Affected = v.Get("affected").Int()
		return a, nil
	case v.IsNil():
		return a, nil // no row
	case o.op.result != resultList:
		v = schema.List([]schema.Value{v})
	}
	for _, item := range v.Items() {
		var cells []driver.Cell
		for _, f := range row.Fields {
			cells = append(cells, cellOf(item.Get(f.Name)))
		}
		a.Rows = append(a.Rows, cells)
	}
	return a, nil
}

// failed makes a database's error of a sample's fault: its code is a word of rules, as unique, or the database's own.
func failed(f *connectors.SampleFault) *driver.Error {
	e := &driver.Error{Kind: driver.KindOf(f.Code), Text: f.Text}
	if e.Kind == 0 {
		e.Kind, e.Code = driver.Other, f.Code
	}
	text := func(name string) string { return f.Detail.Get(name).Str() }
	e.Constraint, e.Table, e.Column = text("constraint"), text("table"), text("column")
	return e
}
