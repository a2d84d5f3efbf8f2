package mysql

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"fondaco/connectors/database/driver"
	"fondaco/schema"

	"github.com/go-sql-driver/mysql"
)

// Driver is MySQL and MariaDB.
var Driver = &driver.Driver{
	Name:    "MySQL",
	Schemes: []string{"mysql", "mariadb"},
	Mark:    mark,
	Repeats: true,
	Queue:   driver.Queue{Skip: " for update skip locked"},
	Open:    open,
}

// mark has decimals compared as decimals: a text would be compared with them as a float.
func mark(_ int, of *schema.Type) string {
	if of.Kind == schema.KindDecimal {
		return "cast(? as decimal(65,30))"
	}
	return "?"
}

func open(o driver.Options) (driver.Pool, error) {
	c := mysql.NewConfig()
	c.User, c.Passwd, c.DBName = o.User, o.Password, o.Database
	c.Net, c.Addr, c.TLS = "tcp", o.Host, o.TLS
	c.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return o.Dial(ctx, o.Network, o.Host) }
	c.ClientFoundRows = true // a row that is written as it was counts too
	c.Logger = &mysql.NopLogger{}
	c.Params = map[string]string{
		"time_zone": "'+00:00'",
		"sql_mode":  "concat(@@sql_mode, ',STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO')",
	}
	if o.Lock > 0 {
		c.Params["innodb_lock_wait_timeout"] = strconv.Itoa(max(1, int(o.Lock/time.Second)))
	}
	if err := c.Apply(mysql.Charset("utf8mb4", "")); err != nil {
		return nil, err
	}
	inner, err := mysql.NewConnector(c)
	if err != nil {
		return nil, fmt.Errorf("the address of the database cannot be used")
	}
	db := sql.OpenDB(&connector{Connector: inner, readOnly: o.ReadOnly, statement: o.Statement})
	db.SetMaxOpenConns(o.Most)
	db.SetMaxIdleConns(o.Most)
	db.SetConnMaxIdleTime(o.Idle)
	return &driver.Standard{
		DB: db, Value: value, Cell: cell, Told: told,
	}, nil
}

// connector arranges the sessions of new connections.
type connector struct {
	sqldriver.Connector
	readOnly  bool
	statement time.Duration
}

// Connect makes a connection.
func (c *connector) Connect(ctx context.Context) (sqldriver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.arrange(ctx, conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

func (c *connector) arrange(ctx context.Context, conn sqldriver.Conn) error {
	do, ok := conn.(sqldriver.ExecerContext)
	if !ok {
		return errors.New("the library runs no statements")
	}
	if c.readOnly {
		if _, err := do.ExecContext(ctx, "set session transaction read only", nil); err != nil {
			return err
		}
	}
	if c.statement <= 0 {
		return nil
	}
	_, err := do.ExecContext(ctx, fmt.Sprintf("set session max_statement_time = %.3f", c.statement.Seconds()), nil)
	var said *mysql.MySQLError
	if errors.As(err, &said) && said.Number == unknownVariable { // MySQL has another name, for what reads alone
		_, err = do.ExecContext(ctx, fmt.Sprintf("set session max_execution_time = %d", max(1, c.statement.Milliseconds())), nil)
	}
	return err
}

const unknownVariable = 1193
