package postgres

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// pooler is the option of an address that says what stands between. A pooler in transaction mode assigns each transaction another
// connection of the server: what a session keeps is lost, and what is asked for at its begin is refused. Then no statement is prepared,
// nothing is listened for, and the settings of a session are those of the role.
const pooler = "pooler"

// checkPooler reads that option.
func checkPooler(query url.Values) (pooled bool, err error) {
	if !query.Has(pooler) {
		return false, nil
	}
	if mode := query.Get(pooler); mode != "transaction" {
		return false, fmt.Errorf("the address of the state: pooler=%.70q, expected pooler=transaction, or nothing where nodes connect to the "+
			"database itself", mode)
	}
	return true, nil
}

// sessionSettings are what a connection asks for at its begin, and what a role is given behind a pooler.
var sessionSettings = []struct{ name, value string }{
	{"lock_timeout", "4s"}, {"statement_timeout", "4500ms"}, {"idle_in_transaction_session_timeout", "30s"},
}

// behindPooler has connections ask for nothing that a pooler refuses or forgets.
func behindPooler(c *pgx.ConnConfig) {
	c.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	for _, s := range sessionSettings {
		delete(c.RuntimeParams, s.name)
	}
	delete(c.RuntimeParams, "search_path")
}

// settled refuses a connection on which the role's settings are not those that the state needs.
func (a address) settled(ctx context.Context, c *pgx.Conn) error {
	role := pgx.Identifier{a.pool.ConnConfig.User}.Sanitize()
	say := func(name, value string) error {
		return unfit(fmt.Sprintf("behind a pooler the settings of a session are those of the role, and %s is not as the state needs it: say "+
			"alter role %s in database %s set %s = %s, and have the pooler connect anew", name, role, pgx.Identifier{c.Config().Database}.Sanitize(), name,
			value))
	}
	var path string
	if err := c.QueryRow(ctx, "select current_setting('search_path')").Scan(&path); err != nil {
		return err
	}
	schema := pgx.Identifier{a.schema}.Sanitize()
	if path != a.schema && path != schema {
		return say("search_path", schema)
	}
	for _, s := range sessionSettings {
		var off bool
		if err := c.QueryRow(ctx, "select current_setting($1) = '0'", s.name).Scan(&off); err != nil {
			return err
		}
		if off {
			return say(s.name, "'"+s.value+"'")
		}
	}
	return nil
}

// poolerRefused says what to do where a pooler refused what a connection asks for at its begin; any other error stays.
func poolerRefused(err error) error {
	if code(err) == "08P01" && strings.Contains(err.Error(), "startup parameter") {
		return unfit(fmt.Sprintf("a pooler refuses the settings of a session (%v): say pooler=transaction in the address", oneLine{err}))
	}
	return err
}
