package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"fondaco/connectors/database/driver"
	"fondaco/schema"

	"modernc.org/sqlite"
)

// Driver is SQLite. A file is never made: it is another program's.
var Driver = &driver.Driver{
	Name:    "SQLite",
	Schemes: []string{"sqlite"},
	Mark:    func(n int, _ *schema.Type) string { return "?" + strconv.Itoa(n) },
	Queue:   driver.Queue{Moment: "julianday"},
	Open:    open,
}

func open(o driver.Options) (driver.Pool, error) {
	if o.Database == "" {
		return nil, errors.New("found no file, expected for example sqlite:/var/lib/tributi.db")
	}
	path, err := filepath.Abs(o.Database)
	if err != nil {
		return nil, err
	}
	pragmas := url.Values{"_pragma": {fmt.Sprintf("busy_timeout(%d)", o.Lock.Milliseconds()), "foreign_keys(1)"}, "mode": {"rw"}}
	if o.ReadOnly {
		pragmas.Add("_pragma", "query_only(1)")
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: pragmas.Encode()}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(o.Most)
	db.SetMaxIdleConns(o.Most)
	db.SetConnMaxIdleTime(o.Idle)
	return &pool{driver.Standard{
		DB: db, Value: value, Cell: cell, Told: told,
	}, o.Statement}, nil
}

// pool bounds the time of statements itself, as SQLite has no setting for that.
type pool struct {
	driver.Standard
	most time.Duration
}

// Run runs a statement.
func (p *pool) Run(ctx context.Context, s *driver.Statement, args []driver.Arg, row func([]driver.Cell) error) (int64, error) {
	if p.most <= 0 {
		return p.Standard.Run(ctx, s, args, row)
	}
	own, cancel := context.WithTimeout(ctx, p.most)
	defer cancel()
	n, err := p.Standard.Run(own, s, args, row)
	var e *driver.Error
	if errors.As(err, &e) && own.Err() != nil && ctx.Err() == nil {
		return n, &driver.Error{Kind: driver.Late, Sent: true, Text: "statement_timeout"}
	}
	return n, err
}

// value returns an argument as the library takes it.
func value(a driver.Arg) any {
	switch a.Type.Kind {
	case schema.KindInt:
		if n, err := strconv.ParseInt(a.Text, 10, 64); err == nil {
			return n
		}
	case schema.KindBool:
		if a.Text == "true" {
			return int64(1)
		}
		return int64(0)
	case schema.KindBytes:
		return []byte(a.Text)
	}
	return a.Text
}

// cell reads what the library returns.
func cell(v any, of *sql.ColumnType) driver.Cell {
	switch v := v.(type) {
	case int64:
		return driver.Cell{Text: scaled(strconv.FormatInt(v, 10), of)}
	case float64:
		text := strconv.FormatFloat(v, 'f', -1, 64)
		if len(strings.Trim(strings.NewReplacer("-", "", ".", "").Replace(text), "0")) > exactDigits {
			return driver.Cell{Text: text, Octets: true} // it was rounded: it fits nothing
		}
		return driver.Cell{Text: scaled(text, of)}
	case string:
		return driver.Cell{Text: v}
	case []byte:
		return driver.Cell{Octets: true, Text: string(v)}
	case bool:
		return driver.Cell{Text: strconv.FormatBool(v)}
	case time.Time:
		if strings.EqualFold(of.DatabaseTypeName(), "DATE") {
			return driver.Cell{Text: v.Format(time.DateOnly)}
		}
		return driver.Cell{Text: v.Format(time.RFC3339Nano)}
	}
	return driver.Cell{Octets: true}
}

// scale finds the digits behind the point in the declared type of a column, as DECIMAL(12,2).
var scale = regexp.MustCompile(`(?i)^(?:dec|num)[a-z]*\s*\(\s*\d+\s*,\s*(\d+)\s*\)$`)

// scaled returns a number with the digits behind the point that its column declares, which SQLite does not keep.
func scaled(text string, of *sql.ColumnType) string {
	found := scale.FindStringSubmatch(of.DatabaseTypeName())
	if found == nil {
		return text
	}
	digits, _ := strconv.Atoi(found[1])
	whole, fraction, _ := strings.Cut(text, ".")
	if digits == 0 || digits > 30 || len(fraction) >= digits {
		return text
	}
	return whole + "." + fraction + strings.Repeat("0", digits-len(fraction))
}

// exactDigits is how many digits of a decimal a float holds exactly.
const exactDigits = 15

// told says what an error of the library was. A statement that fails in a file has changed nothing.
func told(ctx context.Context, err error, sent bool) *driver.Error {
	var said *sqlite.Error
	if ctx.Err() != nil || !errors.As(err, &said) {
		return driver.Broken(ctx, err, sent)
	}
	e := &driver.Error{Kind: kindOf(said.Code()), Code: strconv.Itoa(said.Code()), Text: said.Error(), Sent: true}
	switch e.Kind {
	case driver.Down:
		e.Sent, e.Err = false, errors.New("the file cannot be read")
	case driver.Unique, driver.Check, driver.NotNull:
		if found := constraint.FindStringSubmatch(e.Text); found != nil {
			e.Constraint = found[1]
		}
	}
	return e
}

// constraint finds what SQLite says of a constraint: its name, or its columns.
var constraint = regexp.MustCompile(`.*constraint failed: ([^(]*[^( ])`)

// kindOf classifies a result code (https://www.sqlite.org/rescode.html).
func kindOf(code int) driver.Kind {
	switch code {
	case 1555, 2067, 2579:
		return driver.Unique
	case 787:
		return driver.ForeignKey
	case 275:
		return driver.Check
	case 1299:
		return driver.NotNull
	case 1811:
		return driver.Raised
	case 3091:
		return driver.Data
	}
	switch code & 0xff {
	case 5, 6:
		return driver.Busy
	case 8, 3:
		return driver.Denied
	case 9:
		return driver.Late
	case 10, 11, 14, 26, 13:
		return driver.Down
	case 20, 18:
		return driver.Data
	case 1:
		return driver.Schema
	}
	return driver.Other
}
