package postgres

import (
	"context"
	"time"

	"fondaco/connectors/database/driver"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// endingTime is how long the end of a transaction may take whose caller has gone.
const endingTime = 5 * time.Second

// transaction is one under way on a connection of its own.
type transaction struct {
	*pool
	conn *pgxpool.Conn
}

// Begin begins a transaction.
func (p *pool) Begin(ctx context.Context) (driver.Tx, error) {
	conn, err := p.take(ctx)
	if err != nil {
		return nil, told(ctx, err, false)
	}
	if _, err := conn.Conn().PgConn().Exec(ctx, "begin").ReadAll(); err != nil {
		_ = conn.Conn().Close(ctx) // released, it is thrown away
		conn.Release()
		return nil, told(ctx, err, false)
	}
	return &transaction{p, conn}, nil
}

// Run runs a statement within the transaction.
func (x *transaction) Run(ctx context.Context, s *driver.Statement, args []driver.Arg, row func([]driver.Cell) error) (int64, error) {
	return x.run(ctx, x.conn, s, args, row)
}

// Commit ends the transaction and keeps what it did.
func (x *transaction) Commit(ctx context.Context) error {
	result, err := x.conn.Conn().PgConn().Exec(ctx, "commit").ReadAll()
	if err != nil {
		_ = x.conn.Conn().Close(ctx)
		x.conn.Release()
		return told(ctx, err, true)
	}
	x.conn.Release()
	if len(result) > 0 && result[0].CommandTag.String() == "ROLLBACK" { // of a transaction that failed before
		return &driver.Error{Kind: driver.Other, Sent: true, Text: "the transaction had failed and was rolled back"}
	}
	return nil
}

// Rollback ends the transaction and undoes what it did.
func (x *transaction) Rollback() {
	ctx, cancel := context.WithTimeout(context.Background(), endingTime)
	defer cancel()
	if _, err := x.conn.Conn().PgConn().Exec(ctx, "rollback").ReadAll(); err != nil {
		_ = x.conn.Conn().Close(ctx) // released, it is thrown away
	}
	x.conn.Release()
}

// listening is a connection that listens, beside those of the pool.
type listening struct{ conn *pgx.Conn }

// Listen waits on a connection of its own for what others say by NOTIFY.
func (p *pool) Listen(ctx context.Context, channel string) (driver.Listening, error) {
	config := p.Config().ConnConfig
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler { // there is nothing to be cancelled in the server
		return &pgconn.DeadlineContextWatcherHandler{Conn: conn.Conn()}
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, told(ctx, err, false)
	}
	if _, err := conn.PgConn().Exec(ctx, "listen "+pgx.Identifier{channel}.Sanitize()).ReadAll(); err != nil {
		_ = conn.Close(ctx)
		return nil, told(ctx, err, false)
	}
	return &listening{conn}, nil
}

// Wait returns once something was said.
func (l *listening) Wait(ctx context.Context) error {
	_, err := l.conn.WaitForNotification(ctx)
	return err
}

// Close ends the connection.
func (l *listening) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), endingTime)
	defer cancel()
	_ = l.conn.Close(ctx)
}
