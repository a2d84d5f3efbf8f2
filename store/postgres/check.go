package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// check refuses a schema that is not this project's and of the present format, and a role that lacks a right. It writes nothing.
func check(ctx context.Context, pool *pgxpool.Pool, a address, project string) error {
	is := statements{ctx, pool}
	role := pgx.Identifier{a.pool.ConnConfig.User}.Sanitize()
	schema := pgx.Identifier{a.schema}.Sanitize()
	f, err := look(is, a.schema)
	switch {
	case code(err) == noPrivilege:
		return unfit("the role lacks a right: grant select, insert, update on " + schema + ".meta to " + role)
	case err != nil:
		return err
	case f.there && !f.usable:
		return unfit("the role lacks a right: grant usage on schema " + schema + " to " + role)
	}
	if err := f.judge(a.schema, project); err != nil {
		return err
	}
	switch {
	case !f.there || f.format == 0:
		return unfit(fmt.Sprintf("the schema %s is not there yet: make it with an owner's role, with fondaco migrate", a.schema))
	case f.format < len(migrations):
		return unfit(fmt.Sprintf("the schema %s has format %d, and this version wants %d: bring it there with an owner's role, with "+
			"fondaco migrate", a.schema, f.format, len(migrations)))
	}
	return missing(is, schema, role)
}

// missing refuses a role that lacks a right, and says which.
func missing(is statements, schema, role string) error {
	var lacks []string
	for _, r := range rights {
		var lack []string
		for may := range strings.SplitSeq(r.may, ", ") {
			var has bool
			if _, err := is.row("select has_table_privilege(?, ?)", []any{schema + "." + r.table, may}, &has); err != nil {
				return err
			}
			if !has {
				lack = append(lack, may)
			}
		}
		if len(lack) > 0 {
			lacks = append(lacks, "grant "+strings.Join(lack, ", ")+" on "+schema+"."+r.table+" to "+role)
		}
	}
	var draws bool
	if _, err := is.row("select has_sequence_privilege(?, 'usage')", []any{schema + ".take"}, &draws); err != nil {
		return err
	}
	if !draws {
		lacks = append(lacks, "grant usage on sequence "+schema+".take to "+role)
	}
	if len(lacks) > 0 {
		return unfit("the role lacks rights: " + strings.Join(lacks, "; "))
	}
	return nil
}
