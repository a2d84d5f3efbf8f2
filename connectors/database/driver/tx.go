package driver

import (
	"context"
	"database/sql"

	"fondaco/schema"
)

// Tx is a transaction under way on a connection of its own. It is used by one goroutine at a time, and ended once.
type Tx interface {
	// Run is Pool's within the transaction. After an error nothing but Rollback is of use.
	Run(ctx context.Context, s *Statement, args []Arg, row func([]Cell) error) (affected int64, err error)
	// Commit ends the transaction and keeps what it did. After an error that was Sent nobody knows whether it was kept.
	Commit(ctx context.Context) error
	// Rollback ends the transaction and undoes what it did; it returns nothing, as a connection that breaks undoes it too.
	Rollback()
}

// Queue is how a database shows what others have written, for those who read rows in the order in which they were committed.
type Queue struct {
	// Oldest and Next are the number of the oldest transaction under way, below which all have ended, and of the next that will begin, each as
	// an expression of a whole number. "" of both if the database does not say.
	Oldest, Next string
	// Wrote is the lower 32 bits of the number of the transaction that wrote a row, as an expression over the row.
	Wrote string
	// Skip follows a select and locks its rows, but for those that others hold, which it leaves out. "" if the database has no such thing.
	Skip string
	// Moment is a function by which times are compared, where texts in several forms stand for them; "" if columns are compared as they are.
	Moment string
}

// Ordered returns how a column of a type is written where it is compared or sorted by.
func (q *Queue) Ordered(t *schema.Type) func(column string) string {
	if q.Moment == "" || t.Kind != schema.KindDateTime && t.Kind != schema.KindDateTimeLocal {
		return func(column string) string { return column }
	}
	return func(column string) string { return q.Moment + "(" + column + ")" }
}

// Listener is a Pool of a database that wakes those who wait for something new.
type Listener interface {
	// Listen waits on a connection of its own for others to say something on a channel. It honours ctx.
	Listen(ctx context.Context, channel string) (Listening, error)
}

// Listening is a connection that listens. It is used by one goroutine at a time.
type Listening interface {
	// Wait returns nil once something was said since it was called last, and the error of ctx or of a connection that broke otherwise.
	Wait(ctx context.Context) error
	Close()
}

// Begin begins a transaction.
func (p *Standard) Begin(ctx context.Context) (Tx, error) {
	conn, err := p.DB.Conn(ctx)
	if err != nil {
		return nil, p.Told(ctx, err, false)
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		_ = conn.Close()
		return nil, p.Told(ctx, err, false)
	}
	return &standardTx{p, conn, tx}, nil
}

type standardTx struct {
	*Standard
	conn *sql.Conn
	tx   *sql.Tx
}

// Run runs a statement within the transaction.
func (x *standardTx) Run(ctx context.Context, s *Statement, args []Arg, row func([]Cell) error) (int64, error) {
	return x.run(ctx, x.tx, s, args, row)
}

// Commit ends the transaction and keeps what it did.
func (x *standardTx) Commit(ctx context.Context) error {
	defer func() { _ = x.conn.Close() }()
	if err := x.tx.Commit(); err != nil {
		return x.Told(ctx, err, true)
	}
	return nil
}

// Rollback ends the transaction and undoes what it did.
func (x *standardTx) Rollback() {
	_ = x.tx.Rollback()
	_ = x.conn.Close()
}
