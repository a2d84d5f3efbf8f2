package postgres

import (
	"context"
	"fmt"
	"sync"

	"fondaco/store"
	"fondaco/store/record"
)

type intents struct{ s *Store }

// noted knows of which exchanges this process has begun or found calls, so that the others cost nothing when they end. What another
// process has begun, and this one has never asked for, is let go by Sweep. Safe for concurrent use.
type noted struct {
	mu   sync.Mutex
	with map[string]bool // by hash
}

func (e *noted) add(hash []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.with == nil {
		e.with = map[string]bool{}
	}
	e.with[string(hash)] = true
}

func (e *noted) remove(hashes [][]byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, h := range hashes {
		delete(e.with, string(h))
	}
}

// among returns the hashes of those exchanges that are noted.
func (e *noted) among(list []string) (hashes [][]byte) {
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

func exchangeHash(exchange string) []byte { return hashed(exchange)[:16] }

func intentHash(exchange, step string) []byte { return hashed(exchange, step)[:16] }

// Begin keeps the intent, and whose it is: of two processes that begin the same call one is refused.
func (n intents) Begin(ctx context.Context, i store.Intent) error {
	id, exchange, at := intentHash(i.Exchange, i.Step), exchangeHash(i.Exchange), record.Micro(i.At)
	seal := record.Sum(id, exchange, i.Operation, at)
	n.s.noted.add(exchange)
	return n.s.join(ctx, &work{row: "intent " + string(id), bytes: len(id) + len(exchange) + len(i.Operation), apply: func(g *group) error {
		g.write(func(rows int64) error {
			if rows == 0 {
				return fmt.Errorf("the call %s: %w: by another process", i.Operation, store.ErrBegun)
			}
			return nil
		}, "insert into intent (id, exchange, operation, at, process, sum) values (?, ?, ?, ?, ?, ?) on conflict (id) do update set process = "+
			"excluded.process where intent.process = excluded.process",
			id, exchange, i.Operation, at, n.s.owner, seal)
		return nil
	}})
}

func (n intents) Find(ctx context.Context, exchange, step string) (i store.Intent, err error) {
	id := intentHash(exchange, step)
	err = n.s.read(ctx, func(r *reader) error {
		one := store.Intent{Exchange: exchange, Step: step}
		var of []byte
		var at, seal int64
		found, err := r.together(ctx, "select exchange, operation, at, sum from intent where id = ?", []any{id}, func(to scanner) error {
			return to.Scan(&of, &one.Operation, &at, &seal)
		})
		switch {
		case err != nil:
			return err
		case !found:
			return refuse(store.ErrAbsent)
		}
		n.s.noted.add(exchangeHash(exchange))
		if seal != record.Sum(id, of, one.Operation, at) {
			return refuse(fmt.Errorf("%w: the intent of a call; the others are good; restore the database from a backup, or remove that row",
				store.ErrDamaged))
		}
		one.At = record.Moment(at)
		i = one
		return nil
	})
	if err != nil {
		return store.Intent{}, err
	}
	return i, nil
}

func (n intents) Any(ctx context.Context, exchange string) (found bool, err error) {
	hash := exchangeHash(exchange)
	err = n.s.read(ctx, func(r *reader) error {
		found, err = r.together(ctx, "select 1 from intent where exchange = ? limit 1", []any{hash}, there)
		return err
	})
	if found && err == nil {
		n.s.noted.add(hash)
	}
	return found && err == nil, err
}

func (n intents) Release(ctx context.Context, exchange, step string) error {
	id := intentHash(exchange, step)
	return n.s.join(ctx, &work{row: "intent " + string(id), bytes: len(id), apply: func(g *group) error {
		g.write(nil, "delete from intent where id = ?", id)
		return nil
	}})
}

// Forget forgets what any process has begun.
func (n intents) Forget(ctx context.Context, list ...string) error {
	hashes := make([][]byte, len(list))
	for i, x := range list {
		hashes[i] = exchangeHash(x)
	}
	return n.remove(ctx, hashes)
}

func (n intents) End(ctx context.Context, list ...string) error {
	return n.remove(ctx, n.s.noted.among(list))
}

func (n intents) remove(ctx context.Context, hashes [][]byte) error {
	if len(hashes) == 0 {
		return nil
	}
	err := n.s.join(ctx, &work{bytes: 16 * len(hashes), apply: func(g *group) error {
		g.write(nil, "delete from intent where exchange = any(?)", hashes)
		return nil
	}})
	if err == nil {
		n.s.noted.remove(hashes)
	}
	return err
}
