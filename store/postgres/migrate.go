package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Migration says what Migrate brings to the present format, and for whom.
type Migration struct {
	Project string // the project's name; a schema of another project is refused
	Schema  string // "" for the one of the address
	Role    string // which the server has; it is given the rights that it needs. "" grants none, for a server with the owner's role

	TopicsMoved bool // the topics are no longer where they were, and the next process that starts says where they are
}

// Migrated is what Migrate did.
type Migrated struct {
	Schema   string
	From, To int // formats; 0 for a schema that was not there
}

// Migrate makes the schema of an address, or brings it to the present format, with an owner's role, which may create in the
// database. It does all or nothing; a process that runs with the format before goes on. A schema of a newer format that programs of
// this one can use is left as it is; any other newer one, one of another project, and one with tables of something else is refused, and
// left as it is too. It may be called again, and by several at the same time.
func Migrate(ctx context.Context, ownerAddress string, m Migration) (done Migrated, err error) {
	a, err := parse(ownerAddress, m.Project)
	if err != nil {
		return done, err
	}
	if a.pooled {
		return done, fmt.Errorf("state %s: migrate connects to the database itself: leave pooler=transaction out of the owner's address", a.place)
	}
	c := a.pool.ConnConfig
	if m.Schema != "" && m.Schema != a.schema {
		a.place = strings.TrimSuffix(a.place, a.schema) + m.Schema
		a.schema, c.RuntimeParams["search_path"] = m.Schema, pgx.Identifier{m.Schema}.Sanitize()
	}
	c.RuntimeParams["statement_timeout"], c.RuntimeParams["lock_timeout"] = "0", "60s"
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return done, fmt.Errorf("state %s: %w", a.place, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err = durable(ctx, conn); err == nil {
		done, err = migrate(ctx, conn, a.schema, m)
	}
	if err != nil {
		return Migrated{}, fmt.Errorf("state %s: %w; nothing was changed", a.place, err)
	}
	return done, nil
}

func migrate(ctx context.Context, conn *pgx.Conn, schema string, m Migration) (done Migrated, err error) {
	done = Migrated{Schema: schema, To: len(migrations)}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return done, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // after Commit it does nothing
	if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtextextended('fondaco '||$1, 0))", schema); err != nil {
		return done, err
	}
	is := statements{ctx, tx}
	f, err := look(is, schema)
	if err != nil {
		return done, err
	}
	if err := f.judge(schema, m.Project); err != nil {
		return done, err
	}
	done.From, done.To = f.format, max(f.format, len(migrations))
	name := pgx.Identifier{schema}.Sanitize()
	if !f.there {
		if _, err := tx.Exec(ctx, "create schema "+name); err != nil {
			return done, wanting(err)
		}
	}
	for i := f.format; i < len(migrations); i++ {
		if _, err := tx.Exec(ctx, migrations[i]); err != nil {
			return done, fmt.Errorf("bringing it to format %d: %w", i+1, wanting(err))
		}
	}
	if f.format == 0 {
		if _, err := is.exec("insert into meta (name, value) values ('project', ?)", m.Project); err != nil {
			return done, err
		}
	}
	if f.format <= len(migrations) {
		for name, value := range map[string]int{"format": len(migrations), "usable from": usableFrom} {
			if _, err := is.exec("insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value", name,
				strconv.Itoa(value)); err != nil {
				return done, err
			}
		}
	}
	if m.TopicsMoved {
		if _, err := is.exec("update meta set value = '' where name = 'topics'"); err != nil {
			return done, err
		}
	}
	if m.Role != "" {
		if err := grant(ctx, tx, name, m.Role); err != nil {
			return done, err
		}
	}
	return done, tx.Commit(ctx)
}

// wanting says which right a role lacks that is to make a schema.
func wanting(err error) error {
	if code(err) == noPrivilege {
		return fmt.Errorf("%w: migrate with a role that owns the schema, or one that may make it (grant create on database)", err)
	}
	return err
}

// grant grants the server's role what it needs, and no more.
func grant(ctx context.Context, tx pgx.Tx, schema, role string) error {
	role = pgx.Identifier{role}.Sanitize()
	for _, text := range append(grants(schema, role), "grant usage on schema "+schema+" to "+role, "grant usage on sequence "+schema+
		".take to "+role) {
		if _, err := tx.Exec(ctx, text); err != nil {
			return fmt.Errorf("giving the server's role its rights: %w", err)
		}
	}
	return nil
}

func grants(schema, role string) (list []string) {
	for _, r := range rights {
		list = append(list, "grant "+r.may+" on "+schema+"."+r.table+" to "+role)
	}
	return list
}

// found is what is in a schema.
type found struct {
	there, usable bool // the schema is there, and the role may look into it
	ours, others  bool // it has a table meta with a format; it has tables, and none such
	format        int
	usableFrom    int // the oldest format whose programs can use it; 0 if that is not said
	project       string
}

// look sees what is in a schema.
func look(is statements, schema string) (f found, err error) {
	var meta bool
	f.there, err = is.row("select has_schema_privilege(oid, 'usage') from pg_namespace where nspname = ?", []any{schema}, &f.usable)
	if err != nil || !f.there || !f.usable {
		return f, err
	}
	if _, err = is.row("select count(*) filter (where relname = 'meta') > 0, count(*) > 0 from pg_class where relnamespace = (select oid "+
		"from pg_namespace where nspname = ?) and relkind in ('r', 'p', 'v', 'm')",
		[]any{schema}, &meta, &f.others); err != nil || !meta {
		return f, err
	}
	var format, from string
	if f.ours, err = is.row("select f.value, p.value, coalesce((select value from meta where name = 'usable from'), '0') from meta f join "+
		"meta p on p.name = 'project' where f.name = 'format'",
		nil, &format, &f.project, &from); code(err) == "42703" || code(err) == "42P01" {
		return f, nil // another program's meta
	}
	if err == nil && f.ours {
		if f.format, err = strconv.Atoi(format); err == nil {
			f.usableFrom, err = strconv.Atoi(from)
		}
	}
	return f, err
}

// judge refuses what is not this project's, or of a newer format that programs of this one cannot use.
func (f found) judge(schema, project string) error {
	switch {
	case f.others && !f.ours:
		return unfit("the schema " + schema + " holds tables of something else; write another in the address, as ?schema=fondaco")
	case f.ours && f.project != project:
		return unfit(fmt.Sprintf("the schema %s is that of the project %q, and this is %q; write a schema of its own in the address, as "+
			"?schema=%s", schema, f.project, project, project))
	case f.format > len(migrations) && (f.usableFrom == 0 || f.usableFrom > len(migrations)):
		return unfit(fmt.Sprintf("the schema %s has format %d, of a newer version of Fondaco; this one knows formats up to %d: use the "+
			"newer version", schema, f.format, len(migrations)))
	}
	return nil
}
