package driver

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"fondaco/schema"
)

// Driver speaks with one kind of database.
type Driver struct {
	Name    string   // as people know it
	Schemes []string // of the addresses that it takes
	// Mark returns what stands for the parameter number n, counted from 1, in a statement.
	Mark func(n int, of *schema.Type) string
	// Repeats says that each mark is a parameter of its own; otherwise a parameter has one number wherever it stands.
	Repeats bool
	// Queue is how rows are read in the order of their commits.
	Queue Queue
	// Open makes a pool of connections. It connects to nothing yet.
	Open func(o Options) (Pool, error)
}

// Options say how a database is reached.
type Options struct {
	Network, Host      string // what Dial takes: tcp and host:port
	Database           string // its name, or of SQLite its file
	User, Password     string
	TLS                *tls.Config // nil for none
	Dial               func(ctx context.Context, network, address string) (net.Conn, error)
	ReadOnly           bool // nothing may be changed by the connections of the pool
	Most               int  // connections at once
	Idle               time.Duration
	Statement, Lock    time.Duration // how long a statement, and waiting for a lock, may take in the database; 0 for no bound
	WithoutPreparation bool          // behind a pooler of transactions: a statement is prepared by no name
}

// Statement is a statement ready to be run, with the marks of its driver.
type Statement struct {
	Name    string   // unique in the pool
	Text    string   // it begins with a comment that names the operation
	Columns []string // whose cells are wanted, in this order
}

// Arg is the value of a mark.
type Arg struct {
	Null bool
	Type *schema.Type // of the parameter
	Text string       // as JSON writes it, without quotes; of bytes the octets
}

// Cell is what stands in a column of a row.
type Cell struct {
	Null   bool
	Octets bool   // Text is octets and no text
	Text   string // as the database writes it, dates as ISO 8601 has them
}

// Pool is the connections to one database. Safe for concurrent use.
type Pool interface {
	// Run runs a statement and passes each row to row, whose cells are good until it returns; an error of row ends the statement
	// and is returned. affected is how many rows were changed. It honours ctx; its own errors are *Error.
	Run(ctx context.Context, s *Statement, args []Arg, row func([]Cell) error) (affected int64, err error)
	// Begin begins a transaction. Whoever asked for it ends it.
	Begin(ctx context.Context) (Tx, error)
	// Close ends the connections; no statement and no transaction may be under way.
	Close()
}

// Column is a column that a simulated database has.
type Column struct {
	Name string
	Kind schema.Kind
}
