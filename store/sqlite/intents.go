package sqlite

import (
	"context"
	"fmt"
	"sync"

	"fondaco/store"
	"fondaco/store/record"
)

type intents struct{ s *Store }

// exchanges knows which exchanges have intents, so that the others cost nothing when they end. Safe for concurrent use.
type exchanges struct {
	mu   sync.Mutex
	with map[string]bool // by hash
}

func (e *exchanges) add(hash []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.with == nil {
		e.with = map[string]bool{}
	}
	e.with[string(hash)] = true
}

func (e *exchanges) remove(hashes [][]byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, h := range hashes {
		delete(e.with, string(h))
	}
}

// among returns the hashes of those exchanges that have intents.
func (e *exchanges) among(list []string) (hashes [][]byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.with) == 0 {
		return nil
	}
	for _, x := range list {
		if h := exchangeHash(x); e.with[string(h)] {
			hashes = append(hashes, h)
		}
	}
	return hashes
}

// load reads them from a file that was just opened.
func (e *exchanges) load(ctx context.Context, f *file) error {
	st, err := f.reading(ctx, "select distinct exchange from intent")
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(ctx)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var h []byte
		if err := rows.Scan(&h); err != nil {
			return err
		}
		e.add(h)
	}
	return rows.Err()
}

func exchangeHash(exchange string) []byte { return hashed(exchange)[:16] }

func intentHash(exchange, step string) []byte { return hashed(exchange, step)[:16] }

func (n intents) Begin(ctx context.Context, i store.Intent) error {
	id, exchange, at := intentHash(i.Exchange, i.Step), exchangeHash(i.Exchange), record.Micro(i.At)
	seal := record.Sum(id, exchange, i.Operation, at)
	n.s.exchanges.add(exchange)
	return n.s.write(ctx, len(id)+len(exchange)+len(i.Operation), func(x *tx) error {
		_, err := x.exec("insert into intent (id, exchange, operation, at, sum) values (?, ?, ?, ?, ?) on conflict do nothing", id, exchange,
			i.Operation, at, seal)
		return err
	})
}

func (n intents) Find(ctx context.Context, exchange, step string) (i store.Intent, err error) {
	id := intentHash(exchange, step)
	i = store.Intent{Exchange: exchange, Step: step}
	err = n.s.read(ctx, func(r *reader) error {
		var of []byte
		var at, seal int64
		found, err := r.row("select exchange, operation, at, sum from intent where id = ?", []any{id}, &of, &i.Operation, &at, &seal)
		switch {
		case err != nil:
			return err
		case !found:
			return refuse(store.ErrAbsent)
		case seal != record.Sum(id, of, i.Operation, at):
			return refuse(fmt.Errorf("%w: the intent of a call; the others are good; restore the file from a backup, or remove that row",
				store.ErrDamaged))
		}
		i.At = record.Moment(at)
		return nil
	})
	if err != nil {
		return store.Intent{}, err
	}
	return i, nil
}

func (n intents) Any(ctx context.Context, exchange string) (found bool, err error) {
	hashes := n.s.exchanges.among([]string{exchange})
	if len(hashes) == 0 {
		return false, n.s.here(ctx)
	}
	err = n.s.read(ctx, func(r *reader) error {
		var one int
		found, err = r.row("select 1 from intent where exchange = ? limit 1", []any{hashes[0]}, &one)
		return err
	})
	return found && err == nil, err
}

func (n intents) Release(ctx context.Context, exchange, step string) error {
	id := intentHash(exchange, step)
	return n.s.write(ctx, len(id), func(x *tx) error {
		_, err := x.exec("delete from intent where id = ?", id)
		return err
	})
}

func (n intents) Forget(ctx context.Context, list ...string) error { return n.End(ctx, list...) }

func (n intents) End(ctx context.Context, list ...string) error {
	hashes := n.s.exchanges.among(list)
	if len(hashes) == 0 {
		return nil
	}
	err := n.s.write(ctx, 16*len(hashes), func(x *tx) error {
		for _, h := range hashes {
			if _, err := x.exec("delete from intent where exchange = ?", h); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		n.s.exchanges.remove(hashes)
	}
	return err
}
