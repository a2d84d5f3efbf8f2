package database

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"fondaco/connectors"
	"fondaco/connectors/database/driver"
	"fondaco/connectors/database/postgres"
	"fondaco/schema"
)

// table is a simulated table that is watched: the rows of the samples of the watch's name. Whoever looks for the first time finds all of
// them at the second look, and later those that are there besides: nothing is written late.
type table struct {
	watch *connectors.Watch
	*watched

	mu    sync.Mutex
	count int64           // of transactions: each question about them is one later
	taken map[string]bool // rows of an outbox that are gone, by what names them
}

// asked is a question that a simulator knows.
type asked struct {
	*question
	of    *table
	form  form
	shape *postgres.Shape
	do    func(a *asked, rows []schema.Value, args map[string]schema.Value) *postgres.Answer
}

// watch has the simulator know the questions of a watch.
func (p *player) watch(of *connectors.Watch) {
	w, ok := of.Wire.(*watched)
	if !ok || w.row == nil || w.grows.Value == "" && w.outbox.Value == "" {
		return
	}
	t := &table{watch: of, watched: w, taken: map[string]bool{}}
	row := make([]driver.Column, len(w.row.Fields))
	for i, f := range w.row.Fields {
		row[i] = driver.Column{Name: f.Name, Kind: f.Type.Kind}
	}
	add := func(q *question, f form, columns []driver.Column, do func(*asked, []schema.Value, map[string]schema.Value) *postgres.Answer) {
		p.questions[q.Text] = &asked{q, t, f, &postgres.Shape{Args: len(q.args), Columns: columns}, do}
	}
	if w.outbox.Value != "" {
		for _, locked := range []bool{false, true} {
			add(w.waiting(postgres.Driver, of.Name, locked), form{}, row, (*asked).page)
		}
		add(w.taken(postgres.Driver, of.Name), form{}, nil, (*asked).take)
		return
	}
	numbers := []driver.Column{{Name: columnOldest, Kind: schema.KindInt}, {Name: columnNext, Kind: schema.KindInt}}
	grows := w.row.Fields[w.row.Index(w.grows.Value)].Type.Kind
	add(w.horizon(postgres.Driver, of.Name), form{}, append(numbers, driver.Column{Name: columnTop, Kind: grows}), (*asked).horizon)
	for _, f := range forms {
		add(w.look(postgres.Driver, of.Name, f), f, row, (*asked).page)
	}
}

// play answers a question.
func (a *asked) play(ctx context.Context, p *player, texts [][]byte) (*postgres.Answer, *driver.Error) {
	args := map[string]schema.Value{}
	for i, name := range a.args {
		v, err := parsed(texts[i], schema.Field{Name: name, Type: a.types[i], Required: true})
		if err != nil {
			return nil, &driver.Error{Kind: driver.Data, Column: name, Text: "invalid input syntax of the parameter " + name}
		}
		args[name] = v
	}
	var rows []schema.Value
	if c := p.simulation.Find(a.of.watch.Name, schema.RecordOf(schema.RecordType())); c != nil {
		if failed := await(ctx, c); failed != nil {
			return nil, failed
		}
		rows = c.Answer.Items()
	}
	a.of.mu.Lock()
	defer a.of.mu.Unlock()
	rows = slices.DeleteFunc(slices.Clone(rows), func(v schema.Value) bool { return a.of.taken[a.of.name(v.Get)] })
	return a.do(a, rows, args), nil
}

// name is what names a row.
func (t *table) name(of func(column string) schema.Value) string {
	var name string
	for _, id := range t.id {
		name += argument(of(id.Value), nil).Text + "\x00"
	}
	return name
}

// horizon answers which transactions are under way: none, and there is a new number each time.
func (a *asked) horizon(rows []schema.Value, _ map[string]schema.Value) *postgres.Answer {
	a.of.count++
	count := driver.Cell{Text: strconv.FormatInt(a.of.count, 10)}
	top := driver.Cell{Null: true}
	for _, r := range rows {
		if c := cellOf(r.Get(a.of.grows.Value)); top.Null || a.of.growing().less(top.Text, c.Text) {
			top = c
		}
	}
	return &postgres.Answer{Rows: [][]driver.Cell{{count, count, top}}}
}

func (t *table) growing() growing {
	return growing{t.row.Fields[t.row.Index(t.grows.Value)].Type.Kind, t.lag}
}

// page answers the rows that a look is for.
func (a *asked) page(rows []schema.Value, args map[string]schema.Value) *postgres.Answer {
	t := a.of
	order := []string{t.outbox.Value}
	if t.grows.Value != "" {
		order = append([]string{t.grows.Value}, t.others()...)
		if a.form.first { // they are of the transaction after
			rows = nil
		}
	} else {
		order = t.takenBy()
	}
	compare := func(v, w func(column string) schema.Value) int {
		for _, column := range order {
			x, y := argument(v(column), nil).Text, argument(w(column), nil).Text
			g := growing{kind: t.row.Fields[t.row.Index(column)].Type.Kind}
			switch {
			case g.less(x, y):
				return -1
			case g.less(y, x):
				return 1
			}
		}
		return 0
	}
	rows = slices.DeleteFunc(rows, func(v schema.Value) bool {
		low := a.form.low && !t.growing().less(argument(args[argLow], nil).Text, t.growing().before(argument(v.Get(t.grows.Value), nil).Text))
		return low || a.form.after && compare(v.Get, func(column string) schema.Value { return args[after+column] }) <= 0
	})
	slices.SortStableFunc(rows, func(v, w schema.Value) int { return compare(v.Get, w.Get) })
	answer := &postgres.Answer{}
	for _, v := range rows[:min(len(rows), t.batch)] {
		var cells []driver.Cell
		for _, f := range t.row.Fields {
			cells = append(cells, cellOf(v.Get(f.Name)))
		}
		answer.Rows = append(answer.Rows, cells)
	}
	return answer
}

// take removes a row from an outbox.
func (a *asked) take(_ []schema.Value, args map[string]schema.Value) *postgres.Answer {
	a.of.taken[a.of.name(func(column string) schema.Value { return args[column] })] = true
	return &postgres.Answer{Affected: 1}
}
