package database

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/typing"
)

// watched is what a watch says for itself, and what describe makes of it.
type watched struct {
	table, where config.Text
	columns      []entry
	id           []config.Text // the columns that name a row
	key          config.Text   // the column whose rows keep their order; "" for none
	grows        config.Text   // the column that grows
	outbox       config.Text   // or the column in whose order rows are taken from an outbox
	done         config.Text   // what is run for each row of an outbox that is kept; "" removes it
	overlap      config.Text
	from         string
	batch        int
	wake         config.Text // a channel of NOTIFY

	row       *schema.Type
	lag       lag
	condition *statement // where, nil without one
	after     *statement // done, nil without one
}

// defaultBatch is how many rows a poll takes.
const defaultBatch = 100

func watchSpec(o *spec.Object, watch *connectors.Watch) {
	w, ok := watch.Wire.(*watched)
	if !ok {
		w = &watched{batch: defaultBatch}
		watch.Wire = w
	}
	o.Text("table", &w.table).Doc("The table, or a view whose rows are those of one table.").Example("tributi.posizioni")
	o.Text("where", &w.where).Doc("Which of its rows: a condition without parameters.").Example("stato = 'aperta'")
	o.Entries("columns", typing.Schema(), func(key config.Text, value *config.Node, _ *diag.List) {
		w.columns = append(w.columns, entry{key, value})
	}).AnyKeys().Doc("The columns that are read, and their schemas, as of an operation.")
	o.Texts("id", &w.id).Doc("The columns that name a row among all that the table ever has: what they say becomes the id of its " +
		"message, by which it is known as handled.").Default("the column of grows or outbox")
	o.Text("key", &w.key).Doc("The column whose equal values are worked on one after the other, in the order of the rows.").Example("cod_fisc")
	o.Text("grows", &w.grows).Doc("A column that grows with each new row, as a number from a sequence or the time of the change: rows " +
		"beyond those that were read are new. PostgreSQL says which transactions are still under way, and rows are read once all before " +
		"them have ended; elsewhere see overlap.").Example("id")
	o.Text("overlap", &w.overlap).Doc("Of grows: how far before the last row that was read the next look begins, as numbers of the column " +
		"or as a duration, for rows whose transactions end later than others that began after them. What was read already is known by " +
		"id. Without the help of PostgreSQL it must be longer than any transaction that writes rows takes, and at most the last 5000 rows are " +
		"known.").
		Default("1000, or 10m of a column of time").Example("5m")
	o.Enum("from", &w.from, "now", "beginning").Default("now").
		Doc("Of grows: with which rows a route begins that reads them for the first time.")
	o.Text("outbox", &w.outbox).Doc("In place of grows, for a table from which rows are taken: the column in whose order they are. Rows are " +
		"locked, kept as messages, and removed in the same transaction; those that somebody else has locked are left for the next look, and so " +
		"are the later ones of their key.").Example("id")
	o.Text("done", &w.done).Doc("Of outbox: what is run for each row in place of removing it, with its columns as parameters. where: then " +
		"has to leave out such rows.").Example("update eventi set preso = now() where id = :id")
	o.Int("batch", &w.batch).Range(1, 1000).Default("100").
		Doc("How many rows one look takes; where there were so many the next look comes at once.")
	o.Text("wake", &w.wake).Doc("A channel of PostgreSQL's NOTIFY: what is said there has the next look come at once. What is not heard is " +
		"found by the next look all the same.").Example("posizioni_nuove")
}

// lag is how far before the last row a look begins: numbers or time, by the type of the column.
type lag struct {
	numbers int64
	time    time.Duration
}

const (
	defaultNumbers = 1000
	defaultTime    = 10 * time.Minute
	mostNumbers    = 1_000_000
	mostTime       = 24 * time.Hour
)

// plainName is a name of a table or column that is written as it is.
var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$]*$`)

// describeWatch sets the type of a watch's rows, and reports what cannot be watched.
func (w *watched) describe(watch *connectors.Watch, types *typing.Reader, out *diag.List) {
	w.row = record(types, w.columns)
	watch.Item = w.row
	miss := func(message, hint string) { reportWatch(watch, out, message).WithHint("%s", hint) }
	if w.table.Value == "" {
		miss("the watch says no table", "write table:")
	}
	for _, part := range strings.Split(w.table.Value, ".") {
		if w.table.Value != "" && !plainName.MatchString(part) {
			w.table.Report(out, diag.BadConnector, "%s: table: found %q, expected a name, as posizioni or tributi.posizioni", watch.Name,
				w.table.Value)
			break
		}
	}
	if len(w.columns) == 0 {
		miss("the watch says no columns", "write them under columns:, as id: { type: integer }")
		return
	}
	for _, c := range w.columns {
		if !plainName.MatchString(c.key.Value) {
			c.key.Report(out, diag.BadConnector, "%s: found the column %q, expected a name of letters, digits and _", watch.Name, c.key.Value).
				WithHint("let a view give it such a name")
		}
	}
	w.describeWay(watch, out)
	w.describeStatements(watch, out)
	w.tell(watch)
}

// describeWay checks by which column rows are found to be new, and which ones name and order them.
func (w *watched) describeWay(watch *connectors.Watch, out *diag.List) {
	way := w.grows
	switch {
	case w.grows.Value == "" && w.outbox.Value == "":
		reportWatch(watch, out, "the watch does not say which rows are new").
			WithHint("write grows: with a column that grows, or outbox: with a column in whose order rows are taken")
		return
	case w.grows.Value != "" && w.outbox.Value != "":
		w.outbox.Report(out, diag.BadConnector, "%s: found grows and outbox, expected one of them: rows are read, or taken", watch.Name)
		return
	case w.outbox.Value != "":
		way = w.outbox
		for key, given := range map[string]bool{"overlap": w.overlap.Value != "", "from": w.from != ""} {
			if given {
				reportWatch(watch, out, key+" belongs to grows: an outbox has the rows that were not taken yet").WithHint("leave out %s", key)
			}
		}
	case w.done.Value != "":
		w.done.Report(out, diag.BadConnector, "%s: done belongs to outbox: rows that are read by a column that grows stay as they are",
			watch.Name)
	}
	if len(w.id) == 0 {
		w.id = []config.Text{way}
	}
	w.column(watch, way, "by which rows are found to be new", out)
	for _, name := range w.id {
		if name.Value != way.Value {
			w.column(watch, name, "which names the row", out)
		}
	}
	if w.key.Value != "" {
		w.column(watch, w.key, "which is the key", out)
	}
	if f := w.field(w.grows.Value); f != nil {
		w.describeOverlap(watch, f, out)
	}
}

// column reports a name that is no column, or one of a column that may be null or that is no text.
func (w *watched) column(watch *connectors.Watch, name config.Text, what string, out *diag.List) {
	f := w.field(name.Value)
	switch {
	case f == nil:
		var known []string
		for _, c := range w.columns {
			known = append(known, c.key.Value)
		}
		name.Report(out, diag.BadConnector, "%s: there is no column %q under columns", watch.Name, name.Value).WithNearest(name.Value, known)
	case f.Type.Nullable || !f.Required:
		name.Report(out, diag.BadConnector, "%s: the column %s, %s, may be null", watch.Name, name.Value, what).
			WithHint("name one that is never null, or leave out nullable: true and required: false if it is none")
	case f.Type.Kind != schema.KindUnknown && f.Type.Kind != schema.KindInt && !f.Type.Kind.Textual():
		name.Report(out, diag.BadConnector, "%s: the column %s, %s, is %s, expected a text, a number without decimals or a time", watch.Name,
			name.Value, what, f.Type)
	}
}

func (w *watched) field(name string) *schema.Field {
	if i := w.row.Index(name); i >= 0 {
		return &w.row.Fields[i]
	}
	return nil
}

func (w *watched) describeOverlap(watch *connectors.Watch, f *schema.Field, out *diag.List) {
	text := w.overlap.Value
	switch f.Type.Kind {
	case schema.KindUnknown:
	case schema.KindInt:
		if w.lag.numbers = defaultNumbers; text == "" {
			return
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || n > mostNumbers {
			w.overlap.Report(out, diag.BadValue, "overlap: found %q, expected a number of 0 to %d, as the column %s is a number", text,
				mostNumbers, f.Name)
		}
		w.lag.numbers = n
	case schema.KindDateTime, schema.KindDateTimeLocal:
		if w.lag.time = defaultTime; text == "" {
			return
		}
		d, ok := spec.ParseDuration(text)
		if !ok || d < 0 || d > mostTime {
			w.overlap.Report(out, diag.BadValue, "overlap: found %q, expected a duration of at most 24h, as the column %s is a time", text, f.Name)
		}
		w.lag.time = d
	case schema.KindText, schema.KindDate, schema.KindTime, schema.KindTimeLocal, schema.KindDuration: // others are reported by column
		w.grows.Report(out, diag.BadConnector, "%s: the column %s is %s, expected one that grows: a number without decimals, or a date with time",
			watch.Name, f.Name, f.Type)
	}
}

// describeStatements takes the parts of SQL apart that the watch has.
func (w *watched) describeStatements(watch *connectors.Watch, out *diag.List) {
	read := func(t config.Text) *statement {
		if t.Value == "" {
			return nil
		}
		s, bad := parse(t.Value)
		if bad != nil {
			problem := t.Slice(bad.from, bad.to).Report(out, diag.BadConnector, "%s: %s", watch.Name, bad.message)
			if bad.hint != "" {
				problem.WithHint("%s", bad.hint)
			}
		}
		return s
	}
	if w.condition = read(w.where); w.condition != nil && len(w.condition.names) > 0 {
		h := w.condition.names[0]
		w.where.Slice(h.at, h.at+1+len(h.name)).Report(out, diag.BadConnector, "%s: where has the parameter :%s, and nothing sets its value",
			watch.Name, h.name)
	}
	if w.after = read(w.done); w.after == nil {
		return
	}
	for _, h := range w.after.names {
		if w.field(h.name) == nil {
			w.done.Slice(h.at, h.at+1+len(h.name)).Report(out, diag.BadConnector, "%s: done: there is no column %q", watch.Name, h.name).
				WithNearest(h.name, fieldNames(w.row))
		}
	}
	for _, name := range w.id {
		if w.field(name.Value) != nil && !slices.ContainsFunc(w.after.names, func(h hole) bool { return h.name == name.Value }) {
			w.done.Report(out, diag.BadConnector, "%s: done does not name the row: it has no :%s", watch.Name, name.Value).
				WithHint("write for example where %s = :%s", name.Value, name.Value)
		}
	}
}

func fieldNames(t *schema.Type) (names []string) {
	for _, f := range t.Fields {
		names = append(names, f.Name)
	}
	return names
}

// tell says for people how the table is watched.
func (w *watched) tell(watch *connectors.Watch) {
	watch.Keyed = w.key.Value
	how := "read by the column " + w.grows.Value + ", which grows"
	if w.outbox.Value != "" {
		how = "taken from an outbox in the order of " + w.outbox.Value
	}
	line := "rows of " + w.table.Value + " are " + how + ": " + strconv.Itoa(w.batch) + " a look, a look every " + spec.Short(watch.Every)
	if w.wake.Value != "" {
		line += " and when " + w.wake.Value + " is notified"
	}
	var ids []string
	for _, name := range w.id {
		ids = append(ids, name.Value)
	}
	watch.Ways = []string{line, "each row once, by " + strings.Join(ids, " and ")}
}

func reportWatch(watch *connectors.Watch, out *diag.List, message string) *diag.Problem {
	return out.Report(diag.BadConnector, watch.Pos, "%s: %s", watch.Name, message).WithLen(len(watch.Name))
}
