package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"fondaco/store/postgres/postgrestest"
)

// newDatabase starts a server of PostgreSQL for one measurement, with a role that may make a schema and one of a Fondaco. The caller
// removes it. The error is postgrestest.ErrAbsent where PostgreSQL is absent.
func newDatabase() (*postgrestest.Server, error) {
	d, err := postgrestest.Start()
	if err != nil {
		return nil, err
	}
	if err := d.Say("create role fondaco login", "create role owner login", "grant create on database postgres to owner",
		"grant create on schema public to owner"); err != nil {
		d.Remove()
		return nil, err
	}
	return d, nil
}

// migrated has a program make the schema of its state, and returns the state's address.
func migrated(ctx context.Context, d *postgrestest.Server, program build, project string, env ...string) (string, error) {
	state := d.Address("fondaco", "postgres")
	m := exec.CommandContext(ctx, program.path, "migrate", project, "--owner", d.Address("owner", "postgres"))
	m.Env = append(append(os.Environ(), env...), "STATE="+state, "ORIGIN_URL=http://127.0.0.1:1")
	if out, err := m.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("migrate: %s", out), err)
	}
	return state, nil
}
