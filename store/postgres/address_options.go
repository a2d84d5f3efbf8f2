package postgres

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"fondaco/config/diag"
)

// options are what may stand after the question mark of an address, beside settings of extensions, which have a dot in their name:
// Fondaco's own, those of a connection (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS) and the settings
// of a session that are of use here. PostgreSQL would refuse any other, once it is reached.
var options = []string{
	"schema", pooler, "pool_max_conns", "pool_min_conns", "pool_max_conn_lifetime", "pool_max_conn_idle_time", "pool_health_check_period",
	"application_name", "channel_binding", "connect_timeout", "krbspn", "krbsrvname", "passfile", "service", "servicefile", "sslcert",
	"sslkey",
	"sslmode", "sslnegotiation", "sslrootcert", "sslsni", "target_session_attrs", "idle_in_transaction_session_timeout",
	"lock_timeout", "statement_timeout", "tcp_keepalives_count", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_user_timeout",
}

// checkOptions refuses what is not an option.
func checkOptions(query url.Values) error {
	for name := range query {
		if slices.Contains(options, name) || strings.Contains(name, ".") {
			continue
		}
		if near := diag.Nearest(name, options); near != "" {
			return fmt.Errorf("the address of the state: %q is not an option of it; did you mean %q?", name, near)
		}
		return fmt.Errorf("the address of the state: %.70q is not an option of it, expected for example sslmode, sslrootcert, connect_timeout, "+
			"schema or pool_max_conns", name)
	}
	return nil
}

// with returns an address with other options.
func with(address string, options map[string]string) (string, error) {
	u, err := url.Parse(address)
	if err != nil { // which would say the password
		return "", errors.New("the address of the state cannot be read")
	}
	query := u.Query()
	for name, value := range options {
		query.Set(name, value)
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}
