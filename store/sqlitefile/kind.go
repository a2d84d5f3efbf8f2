package sqlitefile

import (
	"context"
	"database/sql"
	"fmt"
)

// Kind is a kind of file of ours: whose it is by its header, and how its messages speak of it. Each file has a table meta
// with the project it belongs to.
type Kind struct {
	Mark    uint32 // SQLite's application id
	Formats int    // the newest format that is known, SQLite's user version; the first is 1
	Name    string // "state": stands before the path
	Several string // "states": what a file of somebody else is none of
	Plural  bool   // whether Name is one thing or many
}

// Inspect judges what lies at path without touching it: the main file alone is read, and not the log beside it. Nothing
// there, an empty database and one of ours are good.
func (k Kind) Inspect(ctx context.Context, path, project string) error {
	err := k.look(ctx, path, project)
	if Code(err) != 0 && Torn(path, k.Mark) {
		return nil
	}
	return err
}

func (k Kind) look(ctx context.Context, path, project string) error {
	db, err := sql.Open("sqlite", Address(path, "mode=ro&immutable=1"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if err = db.PingContext(ctx); err != nil {
		if Code(err) == CannotOpen {
			return nil // there is none yet
		}
		return k.foreign(path, err)
	}
	var pages int
	if err := db.QueryRowContext(ctx, "pragma page_count").Scan(&pages); err != nil {
		return k.foreign(path, err)
	}
	if pages == 0 {
		return fmt.Errorf("%s %s: the file is empty, which one of ours never is; restore it from a backup, or remove it to begin anew; "+
			"nothing was changed", k.Name, path)
	}
	_, err = k.Judge(ctx, db, path, project)
	return err
}

// Judge returns the format of the database that is open at path, 0 if it is empty; an error if it is another's, another
// project's or of a newer version.
func (k Kind) Judge(ctx context.Context, db *sql.DB, path, project string) (format int, err error) {
	var id, tables int
	if err := db.QueryRowContext(ctx, "select (select application_id from pragma_application_id), (select user_version from "+
		"pragma_user_version), (select count(*) from sqlite_master)").Scan(&id, &format, &tables); err != nil {
		return 0, k.foreign(path, err)
	}
	if id == 0 && format == 0 && tables == 0 {
		return 0, nil
	}
	if id != int(k.Mark) || format < 1 {
		return 0, k.foreign(path, nil)
	}
	if format > k.Formats {
		return 0, fmt.Errorf("%s %s: written by a newer version of fondaco (format %d, this one knows %d); run that version, or give this one "+
			"a place of its own; nothing was changed", k.Name, path, format, k.Formats)
	}
	var owner string
	if err := db.QueryRowContext(ctx, "select value from meta where name = 'project'").Scan(&owner); err != nil {
		return 0, k.foreign(path, err)
	}
	if owner != project {
		return 0, fmt.Errorf("%s %s: %s to project %q and this is project %q; give each project a place of its own; nothing was changed", k.Name,
			path, k.number("it belongs", "they belong"), owner, project)
	}
	return format, nil
}

func (k Kind) foreign(path string, err error) error {
	if err == nil {
		return fmt.Errorf("%s %s: the file is none of fondaco's %s; name another place; nothing was changed", k.Name, path, k.Several)
	}
	return fmt.Errorf("%s %s: the file is none of fondaco's %s, or damaged; restore it from a backup or name another place; nothing was "+
		"changed: %w", k.Name, path, k.Several, err)
}

func (k Kind) number(one, many string) string {
	if k.Plural {
		return many
	}
	return one
}
