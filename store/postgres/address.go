package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// connections are how many a process holds at most, unless the address says pool_max_conns.
const connections = 10

// longestName is how long PostgreSQL lets names be.
const longestName = 63

// address is where a state is.
type address struct {
	pool   *pgxpool.Config
	schema string
	place  string // for messages, without a password
	pooled bool   // a pooler in transaction mode stands between: see pooler.go
}

// parse reads an address. Its error names no password.
func parse(text, project string) (a address, err error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return a, errors.New("the address of the state is not a postgres://role@host:port/database?schema=name")
	}
	query := u.Query()
	a.schema = query.Get("schema")
	if a.schema == "" {
		a.schema = project
	}
	if a.schema == "" || len(a.schema) > longestName || strings.ContainsRune(a.schema, 0) || strings.HasPrefix(a.schema, "pg_") ||
		a.schema == "public" {
		return a, fmt.Errorf("the schema %.70q cannot be Fondaco's: write another in the address, as ?schema=fondaco", a.schema)
	}
	if err := checkOptions(query); err != nil {
		return a, err
	}
	if a.pooled, err = checkPooler(query); err != nil {
		return a, err
	}
	sized, targeted := query.Has("pool_max_conns"), query.Has("target_session_attrs")
	query.Del("schema")
	query.Del(pooler)
	u.RawQuery = query.Encode()
	if a.pool, err = pgxpool.ParseConfig(u.String()); err != nil {
		return a, fmt.Errorf("the address of the state: %w", err) // pgx leaves the password out
	}
	if !sized {
		a.pool.MaxConns = connections
	}
	c := a.pool.ConnConfig
	if !targeted { // a standby that answers first is passed over
		c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 2 * time.Second
	}
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "fondaco " + project
	}
	for _, s := range sessionSettings {
		if c.RuntimeParams[s.name] == "" {
			c.RuntimeParams[s.name] = s.value
		}
	}
	c.RuntimeParams["search_path"] = pgx.Identifier{a.schema}.Sanitize()
	if a.pooled {
		behindPooler(c)
	}
	c.RuntimeParams["client_encoding"] = "UTF8"
	a.place = net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))) + "/" + c.Database + ", schema " + a.schema
	return a, nil
}

// CheckAddress reports why no state of a project can be at an address. It connects to nothing, and its error names no password.
func CheckAddress(text, project string) error {
	_, err := parse(text, project)
	return err
}

// Names returns the role and the schema of a state's address.
func Names(text, project string) (role, schema string, err error) {
	a, err := parse(text, project)
	if err != nil {
		return "", "", err
	}
	return a.pool.ConnConfig.User, a.schema, nil
}

// InSchemaOf returns an address with the schema of another, that of a project's state.
func InSchemaOf(text, state, project string) (string, error) {
	_, schema, err := Names(state, project)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", errors.New("not a valid address, expected postgres://role@host:port/database")
	}
	query := u.Query()
	query.Set("schema", schema)
	u.RawQuery = query.Encode()
	return u.String(), nil
}

func newOwner() string { return rand.Text() }

// fit refuses a connection on which the promises of a state do not hold.
func (a address) fit(ctx context.Context, c *pgx.Conn) error {
	if a.pooled {
		if err := a.settled(ctx, c); err != nil {
			return err
		}
	}
	return durable(ctx, c)
}

// durable refuses a connection on which what is committed may be lost: of a server or a role that is so set.
func durable(ctx context.Context, c *pgx.Conn) error {
	var fsync, pages, commits, encoding string
	if err := c.QueryRow(ctx, "select current_setting('fsync'), current_setting('full_page_writes'), "+
		"current_setting('synchronous_commit'), current_setting('server_encoding')").
		Scan(&fsync, &pages, &commits, &encoding); err != nil {
		return err
	}
	switch {
	case fsync == "off":
		return unfit("fsync = off: a power loss destroys the database; set fsync = on in postgresql.conf")
	case pages == "off":
		return unfit("full_page_writes = off: a power loss damages pages; set full_page_writes = on in postgresql.conf")
	case commits == "off":
		return unfit(fmt.Sprintf("synchronous_commit = off for the role %s: what it was told is kept may be lost; say alter role %s set "+
			"synchronous_commit = on",
			c.Config().User, pgx.Identifier{c.Config().User}.Sanitize()))
	case encoding != "UTF8":
		return unfit("the database has the encoding " + encoding +
			", expected UTF8: make another with create database ... encoding 'UTF8' template template0")
	}
	return nil
}

// unfit is why a state is refused, though the database can be reached.
type unfit string

func (u unfit) Error() string { return string(u) }

// classifyOpening returns the word for why a state could not be opened; none where it is refused for what it is.
func classifyOpening(err error) error {
	err = poolerRefused(err)
	var refused unfit
	if errors.As(err, &refused) || errors.Is(err, ErrMissingKey) {
		return err
	}
	if code(err) != "" && strings.HasPrefix(code(err), "28") || code(err) == "3D000" { // the role, its password, the database
		return err
	}
	return classify(err)
}
