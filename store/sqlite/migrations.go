package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"fondaco/store/sqlitefile"
)

// applicationID is SQLite's mark of whose file it is: "FNDS".
const applicationID = 0x464e4453

// migrations are the steps from an empty file to the present format; a file's user_version is the number of steps it has
// had. Steps are added at the end and never changed, for files in the world have had them.
//
// A row's sum covers everything that is served from it, and its key: SQLite itself does not find a bit that turned.
var migrations = []string{
	// 1: the first format. The table inbox is written no more, and goes empty with time.
	`
create table meta (name text primary key, value text not null) without rowid;
insert into meta (name, value) values ('probe', '');

create table inbox (grp text not null, id blob not null, at integer not null, primary key (grp, id)) without rowid;
create index inbox_at on inbox (at);

create table idempotency (
	token integer primary key autoincrement,
	id blob not null unique, body blob not null,
	since integer not null, lease integer not null, keep integer not null, until integer not null,
	status integer not null, header blob not null, answer blob not null, sum integer not null);
create index idempotency_until on idempotency (until);

create table operation (
	seq integer primary key autoincrement,
	id text not null unique, route text not null, owner text not null, state text not null,
	created integer not null, updated integer not null, reply_to text not null,
	status integer not null, body_sum integer not null, sum integer not null, header blob not null, body blob not null);
create index operation_state on operation (state, updated, seq);

create table letter (
	seq integer primary key autoincrement,
	id text not null unique, topic text not null, grp text not null, route text not null, key text not null,
	message text not null, reason text not null, detail text not null, trace text not null, attempts integer not null,
	first integer not null, kept integer not null,
	state text not null, by text not null, at integer not null, replays integer not null,
	size integer not null, weight integer not null, holding integer not null, sum integer not null,
	unique (topic, grp, message));
create index letter_kept on letter (kept);
create table letter_body (seq integer primary key, header blob not null, body blob not null);

create table schedule (name text primary key, owner text not null, epoch integer not null, until integer not null, last integer not null, sum integer not null) without rowid;

create table gone (topic text not null, grp text not null, letters integer not null, replays integer not null, sum integer not null, primary key (topic, grp)) without rowid;

create table collection (
	id integer primary key autoincrement,
	route text not null, key text not null, count integer not null, due integer not null,
	token integer not null, sum integer not null);
create unique index collection_open on collection (route, key) where token = 0;
create index collection_due on collection (due, id);
create unique index collection_token on collection (token) where token > 0;
create table counter (name text primary key, value integer not null) without rowid;
insert into counter (name, value) values ('take', 0);
create table item (collection integer not null, n integer not null, mark blob not null unique, body blob not null, sum integer not null, primary key (collection, n)) without rowid;
`,
	// 2: what is finished together is one row; see finished.go.
	`
create table inbox_log (seq integer primary key autoincrement, at integer not null, ids blob not null);
create table inbox_run (run integer primary key autoincrement, newest integer not null, count integer not null, filter blob not null);
create table inbox_page (id integer primary key, ids blob not null);
`,
	// 3: rising numbers, and for what each was drawn.
	`
create table sequence (name text primary key, last integer not null, sum integer not null) without rowid;
create table drawn (
	id integer primary key, name text not null, mark blob not null,
	number integer not null, at integer not null, sum integer not null, unique (name, mark));
create index drawn_at on drawn (at);
`,
	// 4: a letter is one record in its log, and has a history; an id in the inbox is one topic's. See letters_history.go.
	`
create table letter_of_place (
	seq integer primary key autoincrement,
	id text not null unique, topic text not null, grp text not null, route text not null, key text not null,
	message text not null, reason text not null, detail text not null, trace text not null, attempts integer not null,
	first integer not null, kept integer not null,
	state text not null, by text not null, at integer not null, replays integer not null,
	size integer not null, weight integer not null, holding integer not null, sum integer not null,
	place text not null default '', result text not null default '',
	unique (topic, grp, message, place));
insert into letter_of_place (seq, id, topic, grp, route, key, message, reason, detail, trace, attempts, first, kept, state, by, at, replays, size, weight, holding, sum)
	select seq, id, topic, grp, route, key, message, reason, detail, trace, attempts, first, kept, state, by, at, replays, size, weight, holding, sum from letter;
drop table letter;
alter table letter_of_place rename to letter;
create index letter_kept on letter (kept);
create index letter_replaying on letter (seq) where state = 'replaying';
create table letter_event (
	seq integer primary key autoincrement,
	letter integer not null, at integer not null, what text not null, who text not null, why text not null, detail text not null, sum integer not null);
alter table operation add column ended integer not null default 0;
create index letter_event_letter on letter_event (letter, seq);
insert into meta (name, value) select 'inbox without topics', max(at) from (
	select max(at) as at from inbox union all select max(at) from inbox_log union all select max(newest) from inbox_run) having max(at) is not null;
`,
	// 5: what may come once.
	`
create table replay (id blob primary key, until integer not null, sum integer not null) without rowid;
create index replay_until on replay (until);
`,
	// 6: the calls that were begun and may not be made again.
	`
create table intent (id blob primary key, exchange blob not null, operation text not null, at integer not null, sum integer not null) without rowid;
create index intent_exchange on intent (exchange);
create index intent_at on intent (at);
`,
	// 7: how many messages ended otherwise than done, where nothing else is kept that says so.
	`
create table ended (topic text not null, grp text not null, word text not null, n integer not null, sum integer not null, primary key (topic, grp, word)) without rowid;
`,
	// 8: what operators did; its rows are only ever added.
	`
create table audit (
	n integer primary key, at integer not null, who text not null, what text not null, subject text not null, why text not null,
	former blob not null, hash blob not null) strict;
`,
	// 9: what is let go by the routes that it is of. See retention.go.
	`
create index operation_ended on operation (route, status > 0, updated) where state in ('done', 'failed', 'cancelled');
create index letter_route on letter (route, kept);
`,
	// 10: of whom a record speaks. See subjects.go.
	`
alter table operation add column marks text not null default '';
alter table letter add column marks text not null default '';
alter table idempotency add column marks text not null default '';
`,
	// 11: what is encrypted, by the data key that the column dk names; blind is what an encrypted text is looked for by. See
	// sealed.go.
	sqlitefile.DataKeys + `
alter table operation add column dk integer not null default 0;
alter table letter add column dk integer not null default 0;
alter table letter add column blind blob not null default x'';
alter table letter_event add column dk integer not null default 0;
alter table idempotency add column dk integer not null default 0;
alter table collection add column dk integer not null default 0;
alter table collection add column blind blob not null default x'';
alter table item add column dk integer not null default 0;
alter table item add column marks text not null default '';
create index operation_dk on operation (dk) where dk > 0;
create index letter_dk on letter (dk) where dk > 0;
create index letter_event_dk on letter_event (dk) where dk > 0;
create index idempotency_dk on idempotency (dk) where dk > 0;
create index collection_dk on collection (dk) where dk > 0;
create index item_dk on item (dk) where dk > 0;
create index letter_blind on letter (blind) where blind <> x'';
create unique index collection_blind on collection (route, blind) where token = 0 and blind <> x'';
`,
	// 12: where pollers go on.
	"alter table schedule add column place text not null default '';",
	// 13: letters are counted by where and why they died, and for the accounts, without reading them. See letters.go and tally.go.
	"create index letter_counted on letter (topic, grp, route, reason, state, kept, replays);",
}

// migrate brings a file from a version to the present one: all of the steps or none. What is new is brought into the
// main file at once, where inspect looks.
func migrate(ctx context.Context, db *sql.DB, steps []string, version int, project string) error {
	if version == len(steps) {
		return nil
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing, before it the error is told already
	for i := version; i < len(steps); i++ {
		if _, err := tx.ExecContext(ctx, steps[i]); err != nil {
			return fmt.Errorf("bringing it to format %d: %w", i+1, err)
		}
	}
	if version == 0 {
		if _, err := tx.ExecContext(ctx, "insert into meta (name, value) values ('project', ?)", project); err != nil {
			return err
		}
		if err := sqlitefile.MarkScrubbed(ctx, tx); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("pragma application_id = %d; pragma user_version = %d", applicationID,
		len(steps))); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "pragma wal_checkpoint(truncate)")
	return err
}
