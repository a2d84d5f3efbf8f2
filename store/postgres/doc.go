// Package postgres keeps the state of a project in a schema of PostgreSQL 15 or later, which several processes share: each of them
// answers any operation, key and letter. Its schema is made by Migrate with an owner's role; the role of the server may read
// and write its tables and no more.
//
// Reads by a key that many do at the same time (is a message finished, how does an operation stand) go in one round trip as well; see
// together.go. What one process changes and others wait for is told by NOTIFY; see news.go.
//
// Writes that many do at the same time (the inbox, idempotency keys, operations, intents, what may come once) go in groups, in a
// transaction of one or two round trips; see writer.go. The others have transactions of their own; see alone.go. All are at the
// level read committed, and lock the rows on which they decide.
//
// What processes decide by time (leases of schedules, of collections and of idempotency keys) goes by the time of the database,
// whatever their own clocks say. Times that only say when something was, and those by which Sweep lets go, are the callers'.
//
// Each table is one, and none is partitioned by time: ids are unique over all of it, and what is kept long enough is removed in batches
// (docs/decisions/011-no-partitions.md).
//
// A row's sum covers what is served from it, as in the state on SQLite; ids alone (of the inbox, and of what may come once) have none.
package postgres
