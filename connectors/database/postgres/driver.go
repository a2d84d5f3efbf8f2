package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"fondaco/connectors/database/driver"
	"fondaco/schema"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Driver is PostgreSQL.
var Driver = &driver.Driver{
	Name:    "PostgreSQL",
	Schemes: []string{"postgresql", "postgres"},
	Mark:    func(n int, _ *schema.Type) string { return "$" + strconv.Itoa(n) },
	Queue: driver.Queue{
		Oldest: "pg_snapshot_xmin(pg_current_snapshot())::text::bigint", Next: "pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
		Wrote: "xmin::text::bigint", Skip: " for update skip locked",
	},
	Open: open,
}

// grace is how long a call waits for the server to give a statement up, after its context has ended.
const grace = 2 * time.Second

type pool struct {
	*pgxpool.Pool
	unprepared bool
}

func open(o driver.Options) (driver.Pool, error) {
	host, port, err := net.SplitHostPort(o.Host)
	if err != nil {
		return nil, fmt.Errorf("found no host and port: %w", err)
	}
	quote := func(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'" }
	config, err := pgxpool.ParseConfig(fmt.Sprintf("host=%s port=%s user=%s password=%s dbname=%s sslmode=disable",
		quote(host), quote(port), quote(o.User), quote(o.Password), quote(o.Database)))
	if err != nil {
		return nil, fmt.Errorf("the address of the database cannot be used")
	}
	config.MaxConns, config.MaxConnIdleTime = int32(min(o.Most, 10_000)), o.Idle
	c := &config.ConnConfig.Config
	c.TLSConfig, c.Fallbacks = o.TLS, nil
	c.Password = o.Password // not that of a file
	c.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	c.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return o.Dial(ctx, o.Network, o.Host) }
	c.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: grace}
	}
	c.RuntimeParams = map[string]string{
		"application_name": "fondaco", "client_encoding": "UTF8", "datestyle": "ISO, YMD", "intervalstyle": "iso_8601",
		"timezone": "UTC", "bytea_output": "hex", "extra_float_digits": "1",
	}
	if o.ReadOnly {
		c.RuntimeParams["default_transaction_read_only"] = "on"
	}
	if o.Statement > 0 {
		c.RuntimeParams["statement_timeout"] = strconv.FormatInt(max(1, o.Statement.Milliseconds()), 10)
	}
	if o.Lock > 0 {
		c.RuntimeParams["lock_timeout"] = strconv.FormatInt(max(1, o.Lock.Milliseconds()), 10)
	}
	p, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, fmt.Errorf("the address of the database cannot be used")
	}
	return &pool{p, o.WithoutPreparation}, nil
}

// Run runs a statement.
func (p *pool) Run(ctx context.Context, s *driver.Statement, args []driver.Arg, row func([]driver.Cell) error) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, driver.Broken(ctx, err, false)
	}
	conn, err := p.take(ctx)
	if err != nil {
		return 0, told(ctx, err, false)
	}
	defer conn.Release()
	return p.run(ctx, conn, s, args, row)
}

func (p *pool) run(ctx context.Context, conn *pgxpool.Conn, s *driver.Statement, args []driver.Arg,
	row func([]driver.Cell) error,
) (int64, error) {
	values := make([][]byte, len(args))
	for i, a := range args {
		values[i] = written(a)
	}
	if p.unprepared {
		return p.rows(ctx, s, func(ctx context.Context) *pgconn.ResultReader {
			return conn.Conn().PgConn().ExecParams(ctx, s.Text, values, nil, nil, nil)
		}, row)
	}
	for again := true; ; again = false {
		if _, err := conn.Conn().Prepare(ctx, s.Name, s.Text); err != nil {
			return 0, told(ctx, err, false)
		}
		n, err := p.rows(ctx, s, func(ctx context.Context) *pgconn.ResultReader {
			return conn.Conn().PgConn().ExecPrepared(ctx, s.Name, values, nil, nil)
		}, row)
		var e *driver.Error
		if errors.As(err, &e) && again && (e.Code == "0A000" || e.Code == "26000") && e.Kind == driver.Schema {
			// its plan is of tables that have changed since, or it is gone: nothing was done
			if conn.Conn().Deallocate(ctx, s.Name) == nil {
				continue
			}
		}
		return n, err
	}
}

// take returns a connection that was not ended by the server meanwhile, as after its restart.
func (p *pool) take(ctx context.Context) (*pgxpool.Conn, error) {
	for {
		conn, err := p.Acquire(ctx)
		if err != nil || alive(conn.Conn().PgConn().Conn()) {
			return conn, err
		}
		_ = conn.Conn().Close(ctx) // released, it is thrown away
		conn.Release()
	}
}

// rows runs what do begins and reads its rows.
func (p *pool) rows(ctx context.Context, s *driver.Statement, do func(context.Context) *pgconn.ResultReader,
	row func([]driver.Cell) error,
) (int64, error) {
	own, cancel := context.WithCancel(ctx)
	defer cancel()
	result := do(own)
	var places []int
	var failed error
	cells := make([]driver.Cell, len(s.Columns))
	for failed == nil && result.NextRow() {
		fields := result.FieldDescriptions()
		if places == nil {
			if places, failed = placed(s, fields); failed != nil {
				break
			}
		}
		values := result.Values()
		for i, at := range places {
			cells[i] = cell(values[at], fields[at].DataTypeOID)
		}
		failed = row(cells)
	}
	if failed != nil {
		cancel() // the server need not make the rest
		_, _ = result.Close()
		return 0, failed
	}
	tag, err := result.Close()
	if err != nil {
		return 0, told(ctx, err, !pgconn.SafeToRetry(err))
	}
	if places == nil && len(s.Columns) > 0 { // without a row they are looked at all the same
		if _, err := placed(s, result.FieldDescriptions()); err != nil {
			return 0, err
		}
	}
	return tag.RowsAffected(), nil
}

func placed(s *driver.Statement, fields []pgconn.FieldDescription) ([]int, error) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return driver.Places(s.Columns, names)
}
