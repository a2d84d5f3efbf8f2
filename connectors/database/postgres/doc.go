// Package postgres speaks with PostgreSQL, and plays it for simulators, in the protocol of its version 3
// (https://www.postgresql.org/docs/current/protocol.html). It is the home of pgx among the connectors.
package postgres
