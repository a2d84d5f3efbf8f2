package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fondaco/store/crypt"
	"fondaco/store/record"
)

// The table data_key keeps data keys, wrapped by keys of the configuration. There is one for each subject: the pseudonyms that a
// record bears, "" for records that bear none, and a word after # for what is the state's own. used counts the values that it may
// have encrypted. A key is durable before a row is written with it, in a transaction of its own; the rows' references keep it.
const (
	ofIndex  = "#index"  // of what is looked for: see crypt.DataKey.Blind
	ofSecret = "#secret" // of the project's secret
)

// vault knows the data keys of one state. Its methods may be called concurrently.
type vault struct {
	pool *pgxpool.Pool
	keys crypt.Keys

	making  sync.Mutex // one key is asked for at a time
	mu      sync.Mutex
	current map[string]*allowance // by subject
	opened  map[int64]*crypt.DataKey
}

// allowance is how many values a key may yet encrypt, of those that the table counts already.
type allowance struct {
	key  *crypt.DataKey
	left int64
	at   time.Time // when the key was surely there
}

// Bounds of a vault.
const (
	mostOpened = 10_000 // keys that are held in memory
	ofSubject  = 1 << 10
	ofNobody   = 1 << 16 // counted at a time, so that a key's row is not written with each value
	longest    = 200     // of subjects whose allowance is held: that of a letter of very many persons is written once or twice
	aRecord    = 8       // columns of one record that are encrypted, at most
)

func newVault(pool *pgxpool.Pool, keys crypt.Keys) *vault {
	return &vault{pool: pool, keys: keys, current: map[string]*allowance{}, opened: map[int64]*crypt.DataKey{}}
}

// On reports whether what is written is encrypted.
func (v *vault) On() bool { return v.keys.On() }

// allowed returns the key of a subject, if it may encrypt one record more and was there at a moment or later.
func (v *vault) allowed(subject string, since time.Time) *crypt.DataKey {
	v.mu.Lock()
	defer v.mu.Unlock()
	a := v.current[subject]
	if a == nil || a.left < aRecord || a.at.Before(since) {
		return nil
	}
	a.left -= aRecord
	return a.key
}

// For returns the data key for one record of a subject, nil if nothing is encrypted. It makes one if there is none, or the one
// that is there has encrypted all that it may.
func (v *vault) For(ctx context.Context, subject string) (*crypt.DataKey, error) {
	if !v.On() {
		return nil, nil
	}
	if strings.Trim(subject, "0123456789abcdef ") != "" && subject != ofIndex && subject != ofSecret {
		subject = "" // no pseudonym of ours: from elsewhere
	}
	return v.allot(ctx, subject, time.Time{}, 0)
}

// allot is For of any subject, with keys. At now the key was there at most so long ago; a row needs no such age, as none refers to a key
// that is gone.
func (v *vault) allot(ctx context.Context, subject string, now time.Time, age time.Duration) (*crypt.DataKey, error) {
	since := now.Add(-age)
	if key := v.allowed(subject, since); key != nil {
		return key, nil
	}
	v.making.Lock()
	defer v.making.Unlock()
	if key := v.allowed(subject, since); key != nil {
		return key, nil
	}
	count := int64(ofSubject)
	if subject == "" || strings.HasPrefix(subject, "#") && !strings.Contains(subject, " ") {
		count = ofNobody
	}
	is := statements{ctx, v.pool}
	id, err := is.insert("update data_key set used = used + ? where id = (select id from data_key where subject = ? and used <= ? order by "+
		"id desc limit 1) returning id",
		count, subject, int64(crypt.MostValues)-count)
	if err != nil {
		return nil, err
	}
	var key *crypt.DataKey
	if id > 0 {
		key, err = v.find(is, id)
	} else {
		key, err = v.make(is, subject, count)
	}
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.current) >= mostOpened {
		clear(v.current)
	}
	if len(subject) <= longest {
		v.current[subject] = &allowance{key, count - aRecord, now}
	}
	return key, nil
}

// make makes a key of a subject. Of several processes one makes that of the index.
func (v *vault) make(is statements, subject string, count int64) (*crypt.DataKey, error) {
	raw, sealed := v.keys.NewDataKey(subject)
	id, err := is.insert("insert into data_key (subject, master, wrapped, used) values (?, ?, ?, ?) on conflict do nothing returning id",
		subject, v.keys.First(), sealed, count)
	if err != nil {
		return nil, err
	}
	if id == 0 {
		return v.Known(is, subject)
	}
	return crypt.Use(id, raw), nil
}

// Same returns the key of a subject that is always the same, nil for none: what it makes is looked for.
func (v *vault) Same(ctx context.Context, subject string) (*crypt.DataKey, error) {
	if !v.On() {
		return nil, nil
	}
	key, err := v.Known(statements{ctx, v.pool}, subject)
	if key == nil && err == nil {
		return v.For(ctx, subject)
	}
	return key, err
}

// Known returns the key of a subject that Same returns, nil where nothing was made with it yet.
func (v *vault) Known(is statements, subject string) (*crypt.DataKey, error) {
	var id int64
	found, err := is.row("select id from data_key where subject = ? order by id limit 1", []any{subject}, &id)
	if err != nil || !found {
		return nil, err
	}
	return v.find(is, id)
}

// Forget has the vault look into the table again: keys may have gone.
func (v *vault) Forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.current)
	clear(v.opened)
}

// errNoDataKey reports that the data key of a row is gone: what it encrypted was erased.
var errNoDataKey = errors.New("the data key is gone, with which it was encrypted: it was erased")

// find returns a data key by its number.
func (v *vault) find(is statements, id int64) (*crypt.DataKey, error) {
	v.mu.Lock()
	key := v.opened[id]
	v.mu.Unlock()
	if key != nil {
		return key, nil
	}
	var subject, master string
	var sealed []byte
	found, err := is.row("select subject, master, wrapped from data_key where id = ?", []any{id}, &subject, &master, &sealed)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errNoDataKey
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
// or isLost reports that it is not.
func (v *vault) Open(is statements, id int64, at crypt.Place, sealed []byte) ([]byte, error) {
	if id == 0 || len(sealed) == 0 {
		return sealed, nil
	}
	key, err := v.find(is, id)
	if err != nil {
		return nil, err
	}
	return key.Open(at, sealed)
}

// isLost reports whether an error of Open says that the value cannot be had, whatever the database does.
func isLost(err error) bool {
	return errors.Is(err, errNoDataKey) || errors.Is(err, crypt.ErrAltered) || errors.Is(err, crypt.ErrKey)
}

// unused is the condition of a data key that nothing is encrypted with.
func unused() string {
	text := "subject not like '#%'"
	for _, table := range record.Tables {
		text += " and not exists (select 1 from " + table + " where " + table + ".dk = data_key.id)"
	}
	return text
}

// Shred destroys the data keys of subjects that hold a mark and with which nothing is encrypted any more: copies of what they
// encrypted can be read by nobody.
func (v *vault) Shred(x *tx, mark string) (n int64, err error) {
	return v.gone(x.exec("delete from data_key where subject <> '' and string_to_array(subject, ' ') @> string_to_array(?, ' ') and "+unused(),
		mark))
}

// Unused lists up to limit data keys of persons with which nothing is encrypted any more, for Remove.
func (v *vault) Unused(is statements, limit int) (ids []int64, err error) {
	err = is.rows("select id from data_key where subject <> '' and "+unused()+" limit ?", []any{limit}, func(r scanner) error {
		var id int64
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// Remove destroys those of some data keys with which nothing is encrypted.
func (v *vault) Remove(x *tx, ids []int64) (n int64, err error) {
	return v.gone(x.exec("delete from data_key where id = any(?) and "+unused(), ids))
}

func (v *vault) gone(n int64, err error) (int64, error) {
	if err == nil && n > 0 {
		v.Forget()
	}
	return n, err
}

// Rewrap wraps up to limit data keys by the first key that another one wrapped, and returns how many. There are keys.
func (v *vault) Rewrap(x *tx, limit int) (n int64, err error) {
	type one struct {
		id              int64
		subject, master string
		sealed          []byte
	}
	var list []one
	if err := x.rows("select id, subject, master, wrapped from data_key where master <> ? limit ? for update", []any{v.keys.First(), limit},
		func(r scanner) error {
			var k one
			err := r.Scan(&k.id, &k.subject, &k.master, &k.sealed)
			list = append(list, k)
			return err
		}); err != nil {
		return 0, err
	}
	for _, k := range list {
		raw, err := v.keys.Unwrap(k.master, k.subject, k.sealed)
		if err != nil {
			return 0, fmt.Errorf("data key %d: %w", k.id, err)
		}
		if _, err := x.exec("update data_key set master = ?, wrapped = ? where id = ?", v.keys.First(), v.keys.Wrap(k.subject, raw),
			k.id); err != nil {
			return 0, err
		}
	}
	return int64(len(list)), nil
}

// ErrMissingKey reports that a state is encrypted with a key that the configuration does not have.
var ErrMissingKey = errors.New("a key is missing")

// masters lists by which keys data keys are wrapped, by steps through an index: few, whatever the rows.
const masters = "with recursive m (master) as (select min(master) from data_key union all select (select min(master) from data_key " +
	"where master > m.master) from m where m.master is not null) "

// check reports that a state cannot be read with the keys of the configuration: which key is missing, and how many records need it.
func (v *vault) check(ctx context.Context) error {
	count := "0"
	for _, table := range record.Tables {
		count += " + (select count(*) from " + table + " where dk in (select id from data_key k where k.master = m.master))"
	}
	var missing []string
	err := statements{ctx, v.pool}.rows(masters+"select master, "+count+
		" from m where master is not null and not master = any(?) order by master", []any{v.keys.IDs()}, func(r scanner) error {
		var master string
		var records int64
		err := r.Scan(&master, &records)
		missing = append(missing, fmt.Sprintf("the key %s, which %d records and the state's own data need", master, records))
		return err
	})
	if err != nil || len(missing) == 0 {
		return err
	}
	what := "there are no keys: write it under storage.encryption.keys"
	if v.On() {
		what = "the keys are " + strings.Join(v.keys.IDs(), ", ") +
			": add it to storage.encryption.keys, behind the first, and say fondaco storage rewrap before it is removed"
	}
	return fmt.Errorf("%w: %s; %s; nothing was changed", ErrMissingKey, strings.Join(slices.Compact(missing), ", and "), what)
}
