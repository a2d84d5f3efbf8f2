// Package database calls databases by SQL with named and typed parameters: PostgreSQL, MySQL and MariaDB, SQLite. What a statement
// takes and returns stands in the connector, so that routes are checked without the database.
package database

import (
	"slices"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/transform/typing"
)

// Protocol is SQL.
var Protocol = &connectors.Protocol{
	Name:          "database",
	Title:         "SQL on PostgreSQL, MySQL, MariaDB and SQLite",
	Spec:          connectorSpec,
	OperationSpec: operationSpec,
	WatchSpec:     watchSpec,
	Describe:      describe,
	Addresses:     addresses,
	Open:          open,
	Watch:         watch,
	Simulate:      simulated,
}

// wire is what a connector says under database:.
type wire struct {
	address, user, password, ca config.Ref
	tls                         string
	most                        int
	idle, statement, lock       time.Duration
	pooled                      bool
	maxAnswer                   int64
}

func addresses(c *connectors.Connector) []config.Ref {
	if w, ok := c.Wire.(*wire); ok {
		return []config.Ref{w.address}
	}
	return nil
}

func connectorSpec(o *spec.Object, c *connectors.Connector) {
	w, ok := c.Wire.(*wire)
	if !ok {
		w = &wire{most: 8, idle: 5 * time.Minute, statement: 30 * time.Second, lock: 5 * time.Second, maxAnswer: 10 << 20}
		c.Wire = w
	}
	o.Ref("address", &w.address, connectors.Spaces...).Required().
		Doc("Where the database is, without user and password: postgresql://HOST:PORT/DATABASE, mysql:// and mariadb:// likewise, " +
			"sqlite:PATH, relative to the project.").
		Example("${param.endpoint}")
	o.Ref("user", &w.user, connectors.Spaces...).Doc("The database's user. Give it the rights that the operations need, and no others.").
		Example("${param.user}")
	o.Ref("password", &w.password, connectors.Spaces...).Doc("The user's password.").Example("${param.password}")
	o.Enum("tls", &w.tls, "verify", "off").Doc("verify: the connection is encrypted, and the server's certificate is checked. off: neither.").
		Default("verify, and off of a database on this machine")
	o.Ref("ca", &w.ca, connectors.Spaces...).Doc("The authorities in PEM that are trusted instead of the machine's.")
	o.Int("pool", &w.most).Range(1, 1000).Doc("How many connections there are at once at most, of operations that read and of those that " +
		"write each.").Default("8")
	o.Duration("idle", &w.idle).Doc("How long a connection is kept that nobody uses.").Default("5m")
	o.Duration("statement_timeout", &w.statement).Doc("How long the database works on a statement, also when nobody waits any more.").
		Default("30s")
	o.Duration("lock_timeout", &w.lock).Doc("How long a statement waits for a lock.").Default("5s")
	o.Bool("pooled", &w.pooled).Doc("The address is a pooler of PostgreSQL that assigns connections to transactions, as PgBouncer may: " +
		"statements are prepared each time.")
	o.Size("max_answer", &w.maxAnswer).Doc("How large the rows of an answer may be together.").Default("10MiB")
}

// The results of an operation.
const (
	resultOne       = "one"
	resultList      = "list"
	resultAffected  = "affected"
	resultReturning = "returning"
)

// resultBroken stands for an unknown word: it is reported, and nothing follows from it.
const resultBroken = "?"

var results = []string{resultOne, resultList, resultAffected, resultReturning}

// resultWord reads the word of a result.
type resultWord struct{ op *op }

// Decode reads the word. It is spec.Value's.
func (w resultWord) Decode(n *config.Node, out *diag.List) {
	if w.op.result = n.Text.Value; !slices.Contains(results, n.Text.Value) {
		w.op.result = resultBroken
		n.Report(out, diag.BadValue, "result: found %s, expected one of %s", n.Found(), strings.Join(results, ", ")).
			WithNearest(n.Text.Value, results)
	}
}

// Schema describes the words to editors.
func (w resultWord) Schema() spec.Schema { return spec.Schema{"enum": results} }

// op is what an operation says for itself, and what describe makes of it.
type op struct {
	sql        config.Text
	parameters []entry
	columns    []entry
	result     string
	rows       int

	parsed *statement // nil if it cannot be run
}

// entry is a parameter or a column with its schema.
type entry struct {
	key   config.Text
	value *config.Node
}

func operationSpec(o *spec.Object, operation *connectors.Operation) {
	p, ok := operation.Wire.(*op)
	if !ok {
		p = &op{}
		operation.Wire = p
	}
	o.Text("sql", &p.sql).Doc("The statement, with a parameter :name wherever a value goes: values are bound, never put into the text. " +
		":name in strings, comments and quoted names is left alone, and so are ::type and dollar quotes.").
		Example("select anno, dovuto from posizioni where cf = :codice_fiscale order by anno")
	o.Entries("parameters", typing.Schema(), func(key config.Text, value *config.Node, _ *diag.List) {
		p.parameters = append(p.parameters, entry{key, value})
	}).AnyKeys().Doc("The parameters and their schemas: they are the operation's input. required: false for one that may be left out; it " +
		"is null then.")
	o.Alternative("result", spec.Own(resultWord{p})).Doc("What comes back. one: a row, and the fault not-found without one. list: rows, at " +
		"most max_rows. affected: the number of rows that were changed, as the field affected. returning: the row that a change returns, and " +
		"not-found if it changed none.")
	o.Int("max_rows", &p.rows).Range(1, 100_000).Doc("Of a list: how many rows there may be; one more is the fault invalid.")
	o.Entries("columns", typing.Schema(), func(key config.Text, value *config.Node, _ *diag.List) {
		p.columns = append(p.columns, entry{key, value})
	}).AnyKeys().Doc("The columns that come back, by their names in the statement, and their schemas: they are the operation's " +
		"output. nullable: true for one that may be null; with required: false null is a field that is absent. Arrays and objects are " +
		"columns of JSON.")
}
