package postgres

// migrations are the steps from an empty schema to the present format; the row "format" of the table meta is the number of steps
// that a schema has had. Steps are added at the end and never changed, for schemas in the world have had them, and each leaves the
// schema one that the server of the format before can go on with: it adds, and a later one takes away.
//
// Texts are compared by their octets. What may be encrypted is octets. Of what comes from outside and may be of any length a hash
// is indexed. dk is the data key that encrypted a row, null for none: the reference keeps a key from going while another process
// writes with it.
var migrations = []string{
	`
create table meta (name text collate "C" primary key, value text collate "C" not null);
insert into meta (name, value) values ('probe', ''), ('audit head', '');
create table counter (name text collate "C" primary key, value bigint not null);
insert into counter (name, value) values ('letter bytes', 0);

create table data_key (
	id bigint generated always as identity primary key, subject text collate "C" not null, master text collate "C" not null,
	wrapped bytea not null, used bigint not null);
create index data_key_master on data_key (master);
create index data_key_subject on data_key (subject, id);
create index data_key_marks on data_key using gin (string_to_array(subject, ' ')) where subject <> '';
create unique index data_key_own on data_key (subject) where subject = '#index';

create table inbox (id bytea primary key, at bigint not null) with (autovacuum_vacuum_scale_factor = 0.05, fillfactor = 90);
create index inbox_at on inbox (at);

create table idempotency (
	token bigint generated always as identity primary key,
	id bytea not null unique, body bytea not null,
	since bigint not null, lease bigint not null, keep bigint not null, until bigint not null,
	status bigint not null, header bytea not null, answer bytea not null, sum bigint not null,
	dk bigint references data_key (id), marks text collate "C" not null) with (autovacuum_vacuum_scale_factor = 0.05);
create index idempotency_until on idempotency (until);
create index idempotency_dk on idempotency (dk) where dk is not null;
create index idempotency_marks on idempotency using gin (string_to_array(marks, ' ')) where marks <> '';

create table operation (
	seq bigint generated always as identity primary key,
	id text collate "C" not null unique, route text collate "C" not null, owner text collate "C" not null, state text collate "C" not null,
	created bigint not null, updated bigint not null, reply_to bytea not null,
	status bigint not null, body_sum bigint not null, ended bigint not null default 0, sum bigint not null,
	dk bigint references data_key (id), marks text collate "C" not null, header bytea not null, body bytea not null)
	with (autovacuum_vacuum_scale_factor = 0.05, fillfactor = 80);
create index operation_state on operation (state, updated, seq);
create index operation_ended on operation (route, updated) where state in ('done', 'failed', 'cancelled');
create index operation_results on operation (route, updated) where state in ('done', 'failed', 'cancelled') and status > 0;
create index operation_dk on operation (dk) where dk is not null;
create index operation_marks on operation using gin (string_to_array(marks, ' ')) where marks <> '';

create table letter (
	seq bigint generated always as identity primary key,
	id text collate "C" not null unique, topic text collate "C" not null, grp text collate "C" not null, route text collate "C" not null, key bytea not null,
	message text collate "C" not null, reason text collate "C" not null, detail bytea not null, trace text collate "C" not null, attempts bigint not null,
	first bigint not null, kept bigint not null,
	state text collate "C" not null, by text collate "C" not null, at bigint not null, replays bigint not null,
	size bigint not null, weight bigint not null, holding bigint not null, place text collate "C" not null, result text collate "C" not null,
	sum bigint not null, dk bigint references data_key (id), marks text collate "C" not null,
	record bytea not null unique, blind bytea not null);
create index letter_kept on letter (kept);
create index letter_state on letter (state, seq);
create index letter_route on letter (route, kept);
create index letter_group on letter (topic, grp, seq);
create index letter_reason on letter (reason, seq);
create index letter_blind on letter (blind) where blind <> '';
create index letter_dk on letter (dk) where dk is not null;
create index letter_marks on letter using gin (string_to_array(marks, ' ')) where marks <> '';
create table letter_body (seq bigint primary key, header bytea not null, body bytea not null);
create table letter_event (
	seq bigint generated always as identity primary key,
	letter bigint not null, at bigint not null, what text collate "C" not null, who text collate "C" not null, why bytea not null, detail bytea not null,
	sum bigint not null, dk bigint references data_key (id));
create index letter_event_letter on letter_event (letter, seq);
create index letter_event_dk on letter_event (dk) where dk is not null;
create table gone (topic text collate "C" not null, grp text collate "C" not null, letters bigint not null, replays bigint not null, sum bigint not null, primary key (topic, grp));
create table ended (topic text collate "C" not null, grp text collate "C" not null, word text collate "C" not null, n bigint not null, sum bigint not null, primary key (topic, grp, word));

create table schedule (name text collate "C" primary key, owner text collate "C" not null, epoch bigint not null, until bigint not null, last bigint not null, sum bigint not null);

create table collection (
	id bigint generated always as identity primary key,
	route text collate "C" not null, key bytea not null, count bigint not null, due bigint not null,
	token bigint not null, sum bigint not null, dk bigint references data_key (id), blind bytea not null);
create unique index collection_open on collection (route, blind) where token = 0;
create index collection_due on collection (due, id);
create unique index collection_token on collection (token) where token > 0;
create index collection_dk on collection (dk) where dk is not null;
create sequence take;
create table item (
	collection bigint not null, n bigint not null, mark bytea not null primary key, body bytea not null, sum bigint not null,
	dk bigint references data_key (id), marks text collate "C" not null);
create index item_collection on item (collection, n);
create index item_dk on item (dk) where dk is not null;
create index item_marks on item using gin (string_to_array(marks, ' ')) where marks <> '';

create table sequence (name text collate "C" primary key, last bigint not null, sum bigint not null);
create table drawn (name text collate "C" not null, mark bytea not null, number bigint not null, at bigint not null, sum bigint not null, primary key (name, mark));
create index drawn_at on drawn (at);

create table replay (id bytea primary key, until bigint not null) with (autovacuum_vacuum_scale_factor = 0.05);
create index replay_until on replay (until);

create table intent (id bytea primary key, exchange bytea not null, operation text collate "C" not null, at bigint not null, process text collate "C" not null, sum bigint not null)
	with (autovacuum_vacuum_scale_factor = 0.05);
create index intent_exchange on intent (exchange);
create index intent_at on intent (at);

create table audit (
	n bigint primary key, at bigint not null, who text collate "C" not null, what text collate "C" not null, subject text collate "C" not null, why text collate "C" not null,
	former bytea not null, hash bytea not null);
`,
	`
create table seen_group (topic text collate "C" not null, grp text collate "C" not null, primary key (topic, grp));
insert into meta (name, value) values ('topics', '');
`,
	// where pollers go on
	`alter table schedule add column place text collate "C" not null default '';`,
}

// usableFrom is the oldest format whose programs can go on with a schema of the present one: the row "usable from" of the table meta says
// so to them, as a program that is rolled back to the version before meets a schema that is newer than it knows. A step that takes
// away what such programs use raises it.
const usableFrom = 2

// rights are what the server's role may do with each table: it has no DDL, and the audit is only appended to.
var rights = []struct{ table, may string }{
	{"meta", "select, insert, update"},
	{"counter", "select, update"},
	{"data_key", allRights},
	{"inbox", allRights},
	{"idempotency", allRights},
	{"operation", allRights},
	{"letter", allRights},
	{"letter_body", allRights},
	{"letter_event", allRights},
	{"gone", allRights},
	{"ended", allRights},
	{"schedule", allRights},
	{"collection", allRights},
	{"item", allRights},
	{"sequence", allRights},
	{"drawn", allRights},
	{"replay", allRights},
	{"intent", allRights},
	{"audit", "select, insert"},
	{"seen_group", "select, insert, delete"},
}

const allRights = "select, insert, update, delete"
