package driver

import (
	"context"
	"database/sql"
)

// Standard is a pool over database/sql.
type Standard struct {
	DB *sql.DB
	// Value returns an argument as the library takes it.
	Value func(a Arg) any
	// Cell reads what the library returns of a column.
	Cell func(value any, of *sql.ColumnType) Cell
	// Told says what an error of the library was; sent reports whether a statement may have reached the database.
	Told func(ctx context.Context, err error, sent bool) *Error
}

// Run runs a statement. A statement that was not prepared has not been sent.
func (p *Standard) Run(ctx context.Context, s *Statement, args []Arg, row func([]Cell) error) (int64, error) {
	conn, err := p.DB.Conn(ctx)
	if err != nil {
		return 0, p.Told(ctx, err, false)
	}
	defer func() { _ = conn.Close() }()
	return p.run(ctx, conn, s, args, row)
}

// preparer is a connection, or a transaction on one.
type preparer interface {
	PrepareContext(ctx context.Context, text string) (*sql.Stmt, error)
}

func (p *Standard) run(ctx context.Context, conn preparer, s *Statement, args []Arg, row func([]Cell) error) (int64, error) {
	statement, err := conn.PrepareContext(ctx, s.Text)
	if err != nil {
		return 0, p.Told(ctx, err, false)
	}
	defer func() { _ = statement.Close() }()
	values := make([]any, len(args))
	for i, a := range args {
		if !a.Null {
			values[i] = p.Value(a)
		}
	}
	if len(s.Columns) == 0 {
		result, err := statement.ExecContext(ctx, values...)
		if err != nil {
			return 0, p.Told(ctx, err, true)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return 0, p.Told(ctx, err, true)
		}
		return n, nil
	}
	rows, err := statement.QueryContext(ctx, values...)
	if err != nil {
		return 0, p.Told(ctx, err, true)
	}
	n, err := p.rows(ctx, s, rows, row)
	if closed := rows.Close(); err == nil && closed != nil {
		return 0, p.Told(ctx, closed, true)
	}
	return n, err
}

func (p *Standard) rows(ctx context.Context, s *Statement, rows *sql.Rows, row func([]Cell) error) (n int64, err error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return 0, p.Told(ctx, err, true)
	}
	names := make([]string, len(types))
	values, places := make([]any, len(types)), make([]any, len(types))
	for i, t := range types {
		names[i], places[i] = t.Name(), &values[i]
	}
	at, err := Places(s.Columns, names)
	if err != nil {
		return 0, err
	}
	cells := make([]Cell, len(at))
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return n, p.Told(ctx, err, true)
		}
		for i, j := range at {
			cells[i] = Cell{Null: true}
			if values[j] != nil {
				cells[i] = p.Cell(values[j], types[j])
			}
		}
		n++
		if err := row(cells); err != nil {
			return n, err
		}
	}
	if err := rows.Err(); err != nil {
		return n, p.Told(ctx, err, true)
	}
	return n, nil
}

// Close ends the connections.
func (p *Standard) Close() { _ = p.DB.Close() }
