package database

import (
	"fmt"
	"hash/fnv"
	"strings"

	"fondaco/connectors/database/driver"
	"fondaco/schema"
)

// question is a statement of a watch, and what each of its marks stands for.
type question struct {
	*driver.Statement
	args  []string
	types []*schema.Type
}

// asking writes a question.
type asking struct {
	d     *driver.Driver
	text  strings.Builder
	args  []string
	types []*schema.Type
}

func ask(d *driver.Driver, watch, text string) *asking {
	a := &asking{d: d}
	a.add("/* fondaco: " + watch + " */ " + text)
	return a
}

func (a *asking) add(text string) *asking {
	a.text.WriteString(text)
	return a
}

// mark adds a mark for a value.
func (a *asking) mark(name string, t *schema.Type) *asking {
	a.args, a.types = append(a.args, name), append(a.types, t)
	return a.add(a.d.Mark(len(a.args), t))
}

func (a *asking) question(columns ...string) *question {
	h := fnv.New64a()
	_, _ = h.Write([]byte(a.text.String()))
	return &question{
		&driver.Statement{Name: fmt.Sprintf("fondaco_%x", h.Sum64()), Text: a.text.String(), Columns: columns}, a.args, a.types,
	}
}

// What the questions of a watch are asked with besides columns of the last row.
const (
	argLow   = "low"    // what grows, from where on
	argFrom  = "from"   // the transactions of a window: the lower 32 bits of the first
	argWidth = "width"  // how many there are
	argTo    = "to"     // the first after them
	after    = "after " // and a column: what the last row has there
)

// Columns of the answers that are no columns of the table.
const (
	columnOldest = "fondaco_oldest"
	columnNext   = "fondaco_next"
	columnTop    = "fondaco_top"
)

func (w *watched) matching() string {
	if w.condition == nil {
		return " where 1 = 1"
	}
	return " where (" + strings.Join(w.condition.texts, "") + "\n)" // it may end with a comment
}

// horizon asks which transactions are under way, where the database says so, and up to where the column has grown.
func (w *watched) horizon(d *driver.Driver, watch string) *question {
	text := "select "
	columns := []string{columnTop}
	if d.Queue.Oldest != "" {
		text += d.Queue.Oldest + " as " + columnOldest + ", " + d.Queue.Next + " as " + columnNext + ", "
		columns = []string{columnOldest, columnNext, columnTop}
	}
	text += "(select max(" + w.grows.Value + ") from " + w.table.Value + w.matching() + ") as " + columnTop
	return ask(d, watch, text).question(columns...)
}

// form is which rows a look is for.
type form struct {
	low   bool // from a value of the column on, otherwise from the first
	after bool // behind the last row of the page before
	first bool // of all transactions that have ended, otherwise of a window of them; where the database numbers transactions
}

// forms are all of them: a simulator knows each.
var forms = []form{
	{},
	{low: true},
	{after: true},
	{low: true, after: true},
	{first: true},
	{first: true, low: true},
	{first: true, after: true},
	{first: true, low: true, after: true},
}

// look asks for a page of rows, in the order in which the column grows.
func (w *watched) look(d *driver.Driver, watch string, f form) *question {
	columns := fieldNames(w.row)
	a := ask(d, watch, "select "+strings.Join(columns, ", ")+" from "+w.table.Value+w.matching())
	ordered := d.Queue.Ordered(w.row.Fields[w.row.Index(w.grows.Value)].Type)
	if f.low {
		a.add(" and " + ordered(w.grows.Value) + " >= ")
		w.value(a, w.grows.Value, argLow, ordered)
	}
	switch {
	case d.Queue.Wrote == "":
	case f.first: // whatever others write meanwhile is of transactions that had not ended
		a.add(" and mod(" + d.Queue.Wrote + " - ").number(argFrom).add(" + 8589934592, 4294967296) >= " + d.Queue.Next + " - ").number(argTo)
	default:
		a.add(" and mod(" + d.Queue.Wrote + " - ").number(argFrom).add(" + 8589934592, 4294967296) < ").number(argWidth)
	}
	order := append([]string{w.grows.Value}, w.others()...)
	if f.after {
		w.behind(a, order, ordered)
	}
	order[0] = ordered(order[0])
	return a.add(fmt.Sprintf(" order by %s limit %d", strings.Join(order, ", "), w.batch)).question(columns...)
}

// number adds a mark for a number of transactions.
func (a *asking) number(name string) *asking {
	return a.add("cast(").mark(name, schema.TypeInt).add(" as bigint)")
}

// value adds a mark for a value of a column, in the form in which the column is compared.
func (w *watched) value(a *asking, column, name string, ordered func(string) string) {
	before, behind, _ := strings.Cut(ordered("\x00"), "\x00")
	if column != w.grows.Value {
		before, behind = "", ""
	}
	a.add(before).mark(name, w.row.Fields[w.row.Index(column)].Type).add(behind)
}

// behind adds the condition of rows behind the last one that was read.
func (w *watched) behind(a *asking, order []string, ordered func(string) string) {
	names := append([]string{ordered(order[0])}, order[1:]...)
	a.add(" and (" + strings.Join(names, ", ") + ") > (")
	for i, column := range order {
		if i > 0 {
			a.add(", ")
		}
		w.value(a, column, after+column, ordered)
	}
	a.add(")")
}

// others lists the columns that name a row besides the one that grows.
func (w *watched) others() (names []string) {
	for _, name := range w.id {
		if name.Value != w.grows.Value {
			names = append(names, name.Value)
		}
	}
	return names
}

// waiting asks for the rows of an outbox; take has them locked, but for those that others hold.
func (w *watched) waiting(d *driver.Driver, watch string, take bool) *question {
	columns := fieldNames(w.row)
	text := "select " + strings.Join(columns, ", ") + " from " + w.table.Value + w.matching() +
		fmt.Sprintf(" order by %s limit %d", strings.Join(w.takenBy(), ", "), w.batch)
	if take {
		text += d.Queue.Skip
	}
	return ask(d, watch, text).question(columns...)
}

// takenBy lists the columns in whose order rows are taken.
func (w *watched) takenBy() []string {
	order := []string{w.outbox.Value}
	for _, name := range w.id {
		if name.Value != w.outbox.Value {
			order = append(order, name.Value)
		}
	}
	return order
}

// taken is what is run for a row of an outbox that was kept.
func (w *watched) taken(d *driver.Driver, watch string) *question {
	typeOf := func(name string) *schema.Type { return w.row.Fields[w.row.Index(name)].Type }
	if w.after != nil {
		text, args := w.after.render(d, watch, typeOf)
		a := &asking{d: d}
		a.add(text)
		for _, name := range args {
			a.args, a.types = append(a.args, name), append(a.types, typeOf(name))
		}
		return a.question()
	}
	a := ask(d, watch, "delete from "+w.table.Value)
	joint := " where "
	for _, name := range w.id {
		a.add(joint+name.Value+" = ").mark(name.Value, typeOf(name.Value))
		joint = " and "
	}
	return a.question()
}
