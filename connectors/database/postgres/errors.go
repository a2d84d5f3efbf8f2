package postgres

import (
	"context"
	"errors"
	"fmt"

	"fondaco/connectors/database/driver"

	"github.com/jackc/pgx/v5/pgconn"
)

// told says what an error of pgx was; sent reports whether a statement may have reached the server.
func told(ctx context.Context, err error, sent bool) *driver.Error {
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		return driver.Broken(ctx, plain(err), sent)
	}
	e := &driver.Error{
		Kind: kindOf(said.Code), Code: said.Code, Text: said.Message, Sent: true,
		Constraint: said.ConstraintName, Table: said.TableName, Column: said.ColumnName,
	}
	switch {
	case e.Kind == driver.Late && ctx.Err() != nil: // it was us who cancelled it
		return driver.Broken(ctx, ctx.Err(), sent)
	case e.Kind == driver.Down:
		e.Sent, e.Err = sent, fmt.Errorf("%s", said.Message)
	case e.Kind == driver.Schema && said.Hint != "":
		e.Text += " (" + said.Hint + ")"
	}
	return e
}

// plain returns the cause of an error of connecting, whose own text holds the address and the user.
func plain(err error) error {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) && connect.Unwrap() != nil {
		return connect.Unwrap()
	}
	return err
}

// kindOf classifies a SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html).
func kindOf(code string) driver.Kind {
	switch code {
	case "23505", "23P01":
		return driver.Unique
	case "23503":
		return driver.ForeignKey
	case "23514":
		return driver.Check
	case "23502":
		return driver.NotNull
	case "40001", "40P01", "55P03":
		return driver.Busy
	case "57014":
		return driver.Late
	case "42501", "25006":
		return driver.Denied
	case "0A000", "26000":
		return driver.Schema
	case "P0001":
		return driver.Raised
	}
	if len(code) < 2 {
		return driver.Other
	}
	switch code[:2] {
	case "22":
		return driver.Data
	case "42":
		return driver.Schema
	case "08", "28", "3D", "53", "57":
		return driver.Down
	}
	return driver.Other
}

// codes are what the simulated server says of each kind.
var codes = map[driver.Kind]string{
	driver.Down: "57P03", driver.Late: "57014", driver.Busy: "40001", driver.Unique: "23505", driver.ForeignKey: "23503",
	driver.Check:   "23514",
	driver.NotNull: "23502", driver.Data: "22000", driver.Raised: "P0001", driver.Denied: "42501", driver.Schema: "42703",
	driver.Other: "XX000",
}
