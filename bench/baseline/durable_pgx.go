package main

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// openDatabase keeps the queue on PostgreSQL: each group is one pipeline, which is one transaction.
func openDatabase(ctx context.Context, address string) (*queue, error) {
	pool, err := pgxpool.New(ctx, address)
	if err != nil {
		return nil, err
	}
	for _, text := range []string{
		"drop table if exists job, event", "create table job (id text primary key, state text not null, body bytea not null, answer bytea)",
		"create table event (n bigint generated always as identity primary key, key text not null, body bytea not null)",
	} {
		if _, err := pool.Exec(ctx, text); err != nil {
			return nil, err
		}
	}
	return newQueue(statements{
		accept: "insert into job (id, state, body) values ($1, 'accepted', $2)", publish: "insert into event (key, body) values ($1, $2)",
		done: "update job set state = 'done', answer = $1 where id = $2",
	}, 1, func(group []write) error {
		var b pgx.Batch
		for _, w := range group {
			b.Queue(w.sql, w.args...)
		}
		return pool.SendBatch(ctx, &b).Close()
	}), nil
}
