package postgres

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"fondaco/store"
	"fondaco/store/crypt"
)

// Data keys of what is kept elsewhere have subjects of their own: no row of the state refers to them, and nothing but Shred lets go
// of them. Of one that was destroyed the number stays, with other bytes: it is told from one that was never there.
const (
	ofElsewhere = "#elsewhere" // and the marks, with a space between
	ofErased    = "#erased"
)

// rememberedSeals is how long a process believes that a data key of a person, which it has opened or seals with, is there still.
const rememberedSeals = 5 * time.Second

// seals is the store.Seals of a state. Its fields but s are guarded by mu.
type seals struct {
	s *Store

	mu     sync.Mutex
	index  *crypt.DataKey
	opened map[string]openedSeal // by name
}

type openedSeal struct {
	key   *crypt.DataKey
	until time.Time
}

// Seals returns what encrypts what processes keep elsewhere. See store.Seals.
func (s *Store) Seals() store.Seals { return &s.seals }

var _ store.Sealer = (*Store)(nil)

// On reports whether the state is encrypted.
func (e *seals) On() bool { return e.s.vault.On() }

// placed is what binds a text to its place elsewhere.
func placed(at string) crypt.Place { return crypt.Place{Table: "elsewhere", Row: at} }

// Seal encrypts a text with the data key of the persons of marks.
func (e *seals) Seal(ctx context.Context, marks store.Marks, at string, text []byte) (sealed store.Sealed, err error) {
	if strings.Trim(string(marks), "0123456789abcdef ") != "" {
		marks = "" // no pseudonym of ours: from elsewhere
	}
	index, err := e.same(ctx)
	if err != nil {
		return sealed, err
	}
	subject := strings.TrimSpace(ofElsewhere + " " + string(marks))
	now, age := time.Now(), rememberedSeals // no other node says that it has destroyed a key
	if marks == "" {
		now, age = time.Time{}, 0
	}
	err = e.s.asked(ctx, func(ctx context.Context) error {
		k, err := e.s.vault.allot(ctx, subject, now, age)
		if err == nil {
			sealed = store.Sealed{Key: nameOf(index, k), Value: k.Seal(placed(at), text)}
		}
		return err
	})
	return sealed, err
}

// asked calls f with a bounded time for the database, and returns a failure of that as such.
func (s *Store) asked(ctx context.Context, f func(context.Context) error) error {
	return s.read(ctx, func(r *reader) error { return f(r.ctx) })
}

// same returns the key of what is compared, which all processes have.
func (e *seals) same(ctx context.Context) (*crypt.DataKey, error) {
	e.mu.Lock()
	index := e.index
	e.mu.Unlock()
	if index != nil {
		return index, nil
	}
	err := e.s.asked(ctx, func(ctx context.Context) (err error) {
		index, err = e.s.vault.Same(ctx, ofIndex)
		return err
	})
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.index = index
	return index, nil
}

// nameOf returns the name of a data key: its number, which state has it, and which of that number it is. A state that was restored
// from a backup draws numbers a second time.
func nameOf(index, k *crypt.DataKey) string {
	return strconv.FormatInt(k.ID(), 10) + "." + stateOf(index) + "." + hex.EncodeToString(k.Blind("name")[:8])
}

func stateOf(index *crypt.DataKey) string { return hex.EncodeToString(index.Blind("state")[:8]) }

// numbersOf returns the numbers of data keys by their names.
func numbersOf(names []string) (ids []int64, err error) {
	for _, name := range names {
		number, _, _ := strings.Cut(name, ".")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil || id <= 0 || strings.Count(name, ".") != 2 {
			return nil, fmt.Errorf("%w: found something else than the name of a data key", store.ErrDamaged)
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// Kept reports whether data keys are there still. Where they are not, none that is remembered is used any more.
func (e *seals) Kept(ctx context.Context, keys ...string) (bool, error) {
	ids, err := numbersOf(keys)
	if err != nil {
		return false, err
	}
	var n int
	if err := e.s.read(ctx, func(r *reader) error {
		_, err := r.row("select count(*) from data_key where id = any(?) and subject <> '"+ofErased+"'", []any{ids}, &n)
		return err
	}); err != nil {
		return false, err
	}
	if n < len(ids) {
		e.forget()
		return false, nil
	}
	return true, nil
}

func (e *seals) forget() {
	e.s.vault.Forget()
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.opened)
}

// Open decrypts what any process with this state has sealed.
func (e *seals) Open(ctx context.Context, at string, sealed store.Sealed) ([]byte, error) {
	k, err := e.find(ctx, sealed.Key)
	if err != nil {
		return nil, err
	}
	text, err := k.Open(placed(at), sealed.Value)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	return text, nil
}

// find returns a data key by its name.
func (e *seals) find(ctx context.Context, name string) (*crypt.DataKey, error) {
	e.mu.Lock()
	known := e.opened[name]
	e.mu.Unlock()
	if time.Now().Before(known.until) {
		return known.key, nil
	}
	ids, err := numbersOf([]string{name})
	if err != nil {
		return nil, err
	}
	index, err := e.same(ctx)
	if err != nil {
		return nil, err
	}
	if state := strings.Split(name, ".")[1]; state != stateOf(index) {
		return nil, fmt.Errorf("%w: it was sealed by the state %s, and this one is %s", store.ErrElsewhere, state, stateOf(index))
	}
	began := time.Now()
	var k *crypt.DataKey
	if err := e.s.read(ctx, func(r *reader) (err error) {
		k, err = e.s.vault.ofElsewhere(r.statements, ids[0])
		return err
	}); err != nil {
		return nil, err
	}
	if k == nil || nameOf(index, k) != name {
		return nil, fmt.Errorf("%w: its data key %s is not in the state, which was restored from a moment before", store.ErrDamaged, name)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.opened) >= mostOpened || e.opened == nil {
		e.opened = map[string]openedSeal{}
	}
	e.opened[name] = openedSeal{k, began.Add(rememberedSeals)}
	return k, nil
}

// ofElsewhere reads a data key of what is kept elsewhere from the table, nil if it is not there. The error is store.ErrErased if it
// was destroyed.
func (v *vault) ofElsewhere(is statements, id int64) (*crypt.DataKey, error) {
	var subject, master string
	var sealed []byte
	found, err := is.row("select subject, master, wrapped from data_key where id = ?", []any{id}, &subject, &master, &sealed)
	switch {
	case err != nil || !found:
		return nil, err
	case subject == ofErased:
		return nil, refuse(store.ErrErased)
	}
	raw, err := v.keys.Unwrap(master, subject, sealed)
	if err != nil {
		return nil, refuse(err)
	}
	return crypt.Use(id, raw), nil
}

// Blind returns what stands for a text, as hexadecimal digits.
func (e *seals) Blind(ctx context.Context, text string) (string, error) {
	index, err := e.same(ctx)
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(index.Blind("elsewhere", text)), nil
}

// Shred puts other bytes in the place of a person's data keys.
func (e *seals) Shred(ctx context.Context, mark store.Marks) (n int64, err error) {
	if mark == "" || !e.On() {
		return 0, errors.New("a mark, and keys, are wanted")
	}
	err = e.s.write(ctx, 0, func(x *tx) error {
		var ids []int64
		const list = "select id from data_key where subject <> '' and string_to_array(subject, ' ') @> string_to_array(?, ' ') and subject like '" + ofElsewhere + " %' for update"
		if err := x.rows(list, []any{string(mark)}, func(r scanner) error {
			var id int64
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		}); err != nil {
			return err
		}
		for _, id := range ids {
			_, other := e.s.vault.keys.NewDataKey(ofErased)
			if _, err := x.exec("update data_key set subject = '"+ofErased+"', master = ?, wrapped = ? where id = ?", e.s.vault.keys.First(), other,
				id); err != nil {
				return err
			}
		}
		n = int64(len(ids))
		return nil
	})
	e.forget()
	return n, err
}
