package sqlitefile

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"fondaco/store/crypt"
)

// DataKeys is the table in which a file keeps its data keys, wrapped by keys of the configuration. There is one for each
// subject: the pseudonyms that a record bears, "" for records that bear none, and a word after # for what is the file's own.
// used counts the values that it may have encrypted. The numbers of keys are never given twice.
const DataKeys = `
create table if not exists data_key (
	id integer primary key autoincrement, subject text not null, master text not null, wrapped blob not null, used integer not null);
create index if not exists data_key_subject on data_key (subject, id);
`

// The file's own subjects, whose keys stay as long as the file.
const (
	OfIndex  = "#index"  // of what is looked for: see crypt.DataKey.Blind
	OfSecret = "#secret" // of the project's secret
)

// Querier is a connection, a transaction or several connections.
type Querier interface {
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row
}

// Vault knows the data keys of one file. Open and Known may be called concurrently; the other methods are of the one that writes.
type Vault struct {
	keys   crypt.Keys
	tables []string // whose column dk names data keys
	most   int64    // values a key; less in tests

	current map[string]*allowance // by subject

	mu     sync.Mutex
	opened map[int64]*crypt.DataKey
}

// allowance is how many values a key may yet encrypt, of those that the file counts already.
type allowance struct {
	key  *crypt.DataKey
	left int64
}

// Bounds of a vault.
const (
	mostOpened = 10_000 // keys that are held in memory
	ofSubject  = 1 << 10
	ofNobody   = 1 << 16 // counted at a time, so that a key's row is not written with each value
	longest    = 200     // of subjects whose allowance is held: that of a letter of very many persons is written once or twice
	aRecord    = 8       // columns of one record that are encrypted, at most
)

// NewVault returns the vault of a file. tables have a column dk, which names the data key of a row, 0 for none.
func NewVault(keys crypt.Keys, tables ...string) *Vault {
	return &Vault{keys: keys, tables: tables, most: crypt.MostValues, current: map[string]*allowance{}, opened: map[int64]*crypt.DataKey{}}
}

// On reports whether what is written is encrypted.
func (v *Vault) On() bool { return v.keys.On() }

// For returns the data key for one record of a subject, nil if nothing is encrypted. It makes one if there is none, or the one
// that is there has encrypted all that it may. It is called within the transaction that writes the record; see Forget.
func (v *Vault) For(ctx context.Context, q Querier, subject string) (*crypt.DataKey, error) {
	if !v.On() {
		return nil, nil
	}
	if strings.Trim(subject, "0123456789abcdef ") != "" && subject != OfIndex && subject != OfSecret {
		subject = "" // no pseudonym of ours: from elsewhere
	}
	if a := v.current[subject]; a != nil && a.left >= aRecord {
		a.left -= aRecord
		return a.key, nil
	}
	count := int64(ofSubject)
	if subject == "" || strings.HasPrefix(subject, "#") {
		count = ofNobody
	}
	count = min(count, v.most)
	var id int64
	err := q.QueryRowContext(ctx, "select id from data_key where subject = ? and used <= ? order by id desc limit 1", subject, v.most-count).
		Scan(&id)
	var key *crypt.DataKey
	switch {
	case errors.Is(err, sql.ErrNoRows):
		raw, sealed := v.keys.NewDataKey(subject)
		result, err := q.ExecContext(ctx, "insert into data_key (subject, master, wrapped, used) values (?, ?, ?, ?)", subject, v.keys.First(),
			sealed, count)
		if err != nil {
			return nil, err
		}
		if id, err = result.LastInsertId(); err != nil {
			return nil, err
		}
		key = crypt.Use(id, raw)
	case err != nil:
		return nil, err
	default:
		if key, err = v.find(ctx, q, id); err != nil {
			return nil, err
		}
		if _, err := q.ExecContext(ctx, "update data_key set used = used + ? where id = ?", count, id); err != nil {
			return nil, err
		}
	}
	if len(v.current) >= mostOpened {
		clear(v.current)
	}
	if len(subject) <= longest {
		v.current[subject] = &allowance{key, count - aRecord}
	}
	return key, nil
}

// Same returns the key of a subject that is always the same, "" for none: what it makes is looked for.
func (v *Vault) Same(ctx context.Context, q Querier, subject string) (*crypt.DataKey, error) {
	if !v.On() {
		return nil, nil
	}
	key, err := v.Known(ctx, q, subject)
	if key == nil && err == nil {
		return v.For(ctx, q, subject)
	}
	return key, err
}

// Known returns the key of a subject that Same returns, nil where nothing was made with it yet.
func (v *Vault) Known(ctx context.Context, q Querier, subject string) (*crypt.DataKey, error) {
	var id int64
	err := q.QueryRowContext(ctx, "select id from data_key where subject = ? order by id limit 1", subject).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return v.find(ctx, q, id)
}

// Forget has the vault look into the file again: after a transaction that was rolled back, and after Shred.
func (v *Vault) Forget() {
	clear(v.current)
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.opened)
}

// ErrNoDataKey reports that the data key of a row is not in the file: what it encrypted was erased.
var ErrNoDataKey = errors.New("the data key is gone, with which it was encrypted: it was erased")

// find returns a data key by its number.
func (v *Vault) find(ctx context.Context, q Querier, id int64) (*crypt.DataKey, error) {
	v.mu.Lock()
	key := v.opened[id]
	v.mu.Unlock()
	if key != nil {
		return key, nil
	}
	var subject, master string
	var sealed []byte
	err := q.QueryRowContext(ctx, "select subject, master, wrapped from data_key where id = ?", id).Scan(&subject, &master, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoDataKey
	}
	if err != nil {
		return nil, err
	}
	raw, err := v.keys.Unwrap(master, subject, sealed)
	if err != nil {
		return nil, err
	}
	key = crypt.Use(id, raw)
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.opened) >= mostOpened {
		clear(v.opened)
	}
	v.opened[id] = key
	return key, nil
}

// Open returns what a value was before the data key id encrypted it, for 0 the value itself. The error is one of the database,
// or IsLost reports that it is not.
func (v *Vault) Open(ctx context.Context, q Querier, id int64, at crypt.Place, sealed []byte) ([]byte, error) {
	if id == 0 || len(sealed) == 0 {
		return sealed, nil
	}
	key, err := v.find(ctx, q, id)
	if err != nil {
		return nil, err
	}
	return key.Open(at, sealed)
}

// IsLost reports whether an error of Open says that the value cannot be had, whatever the database does.
func IsLost(err error) bool {
	return errors.Is(err, ErrNoDataKey) || errors.Is(err, crypt.ErrAltered) || errors.Is(err, crypt.ErrKey)
}

// unused is the condition of a data key that nothing is encrypted with.
func (v *Vault) unused() string {
	text := "subject not like '#%'"
	for _, table := range v.tables {
		text += " and not exists (select 1 from " + table + " where " + table + ".dk > 0 and " + table + ".dk = data_key.id)"
	}
	return text
}

// Shred destroys the data keys of subjects that hold a mark and with which nothing is encrypted any more: copies of what they
// encrypted can be read by nobody. It is called within a transaction.
func (v *Vault) Shred(ctx context.Context, q Querier, mark string) (n int64, err error) {
	return v.remove(ctx, q, "delete from data_key where instr(subject, ?) > 0 and "+v.unused(), mark)
}

// Unused lists up to limit data keys of persons with which nothing is encrypted any more, for Remove. It may be called
// concurrently.
func (v *Vault) Unused(ctx context.Context, q Querier, limit int) (ids []int64, err error) {
	rows, err := q.QueryContext(ctx, "select id from data_key where subject <> '' and "+v.unused()+" limit ?", limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Remove destroys those of some data keys with which nothing is encrypted. It is called within a transaction.
func (v *Vault) Remove(ctx context.Context, q Querier, ids []int64) (n int64, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	text, err := json.Marshal(ids)
	if err != nil {
		return 0, err
	}
	return v.remove(ctx, q, "delete from data_key where id in (select value from json_each(?)) and "+v.unused(), string(text))
}

func (v *Vault) remove(ctx context.Context, q Querier, text string, arg any) (n int64, err error) {
	result, err := q.ExecContext(ctx, text, arg)
	if err != nil {
		return 0, err
	}
	if n, err = result.RowsAffected(); err == nil && n > 0 {
		v.Forget()
	}
	return n, err
}

// Rewrap wraps up to limit data keys by the first key that another one wrapped, and returns how many. There are keys.
func (v *Vault) Rewrap(ctx context.Context, q Querier, limit int) (n int64, err error) {
	rows, err := q.QueryContext(ctx, "select id, subject, master, wrapped from data_key where master <> ? limit ?", v.keys.First(), limit)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	type one struct {
		id              int64
		subject, master string
		sealed          []byte
	}
	var list []one
	for rows.Next() {
		var k one
		if err := rows.Scan(&k.id, &k.subject, &k.master, &k.sealed); err != nil {
			return 0, err
		}
		list = append(list, k)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return 0, err
	}
	for _, k := range list {
		raw, err := v.keys.Unwrap(k.master, k.subject, k.sealed)
		if err != nil {
			return 0, fmt.Errorf("data key %d: %w", k.id, err)
		}
		if _, err := q.ExecContext(ctx, "update data_key set master = ?, wrapped = ? where id = ?", v.keys.First(), v.keys.Wrap(k.subject, raw),
			k.id); err != nil {
			return 0, err
		}
	}
	return int64(len(list)), nil
}

// CheckKeys reports that a file cannot be read with the keys of the configuration: which key is missing, and how many records
// need it. It changes nothing.
func (v *Vault) CheckKeys(ctx context.Context, q Querier) error {
	var there bool
	if err := q.QueryRowContext(ctx, "select exists (select 1 from sqlite_master where name = 'data_key')").Scan(&there); err != nil ||
		!there {
		return err
	}
	count := "0"
	for _, table := range v.tables {
		count += " + (select count(*) from " + table + " where dk > 0 and dk in (select id from data_key k where k.master = data_key.master))"
	}
	rows, err := q.QueryContext(ctx, "select master, "+count+" from (select distinct master from data_key) as data_key order by master")
	if err != nil {
		return err
	}
	defer rows.Close()
	var missing []string
	for rows.Next() {
		var master string
		var records int64
		if err := rows.Scan(&master, &records); err != nil {
			return err
		}
		if !slices.Contains(v.keys.IDs(), master) {
			missing = append(missing, fmt.Sprintf("the key %s, which %d records and the file's own data need", master, records))
		}
	}
	if err := rows.Err(); err != nil || len(missing) == 0 {
		return err
	}
	what := "there are no keys: write it under storage.encryption.keys"
	if v.On() {
		what = "the keys are " + strings.Join(v.keys.IDs(), ", ") +
			": add it to storage.encryption.keys, behind the first, and say fondaco storage rewrap before it is removed"
	}
	return fmt.Errorf("%w: %s; %s; nothing was changed", ErrMissingKey, strings.Join(missing, ", and "), what)
}

// CheckKeysAt does so of the file at path, which others may have open.
func (v *Vault) CheckKeysAt(ctx context.Context, path string) error {
	how := "mode=ro&_pragma=busy_timeout(10000)"
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		how = "mode=ro&immutable=1" // nobody has it open: all that it holds is in the main file, and no file is made beside it
	}
	db, err := sql.Open("sqlite", Address(path, how))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return v.CheckKeys(ctx, db)
}

// ErrMissingKey reports that a file is encrypted with a key that the configuration does not have.
var ErrMissingKey = errors.New("a key is missing")
