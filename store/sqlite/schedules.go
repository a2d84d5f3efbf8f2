package sqlite

import (
	"context"
	"fmt"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

type schedules struct{ s *Store }

// hold is a row of schedule.
type hold struct {
	name, owner        string
	epoch, until, last int64
	place              string // of a poller, "" where nothing was kept
	sum                int64
}

const oneHold = "select name, owner, epoch, until, last, place, sum from schedule where name = ?"

func (h *hold) fields() []any {
	return []any{&h.name, &h.owner, &h.epoch, &h.until, &h.last, &h.place, &h.sum}
}

// seal leaves out a place that is not there: rows of a time before there were any keep their sums.
func (h *hold) seal() int64 {
	parts := []any{h.name, h.owner, h.epoch, h.until, h.last}
	if h.place != "" {
		parts = append(parts, h.place)
	}
	return record.Sum(parts...)
}

// load reads the row of a name; an empty one if there is none.
func (h *hold) load(row func(string, []any, ...any) (bool, error), name string) error {
	found, err := row(oneHold, []any{name}, h.fields()...)
	if err == nil && found && (h.sum != h.seal() || h.name != name) {
		err = refuse(fmt.Errorf("%w: schedule %q; restore the file from a backup, or remove that row", store.ErrDamaged, name))
	}
	h.name = name
	return err
}

func (h *hold) save(x *tx) error {
	_, err := x.exec("insert into schedule (name, owner, epoch, until, last, place, sum) values (?, ?, ?, ?, ?, ?, ?) on conflict do update set "+
		"owner = excluded.owner, epoch = excluded.epoch, until = excluded.until, last = excluded.last, place = excluded.place, "+
		"sum = excluded.sum",
		h.name, h.owner, h.epoch, h.until, h.last, h.place, h.seal())
	return err
}

func (c schedules) Acquire(ctx context.Context, name, owner string, now time.Time, ttl time.Duration) (int64, bool, error) {
	var epoch int64
	held := false
	err := c.s.write(ctx, len(name)+len(owner), func(x *tx) error {
		var h hold
		if err := h.load(x.row, name); err != nil {
			return err
		}
		switch {
		case record.Micro(now) >= h.until:
			h.epoch++
			h.owner = owner
		case h.owner != owner:
			return nil
		}
		h.until = record.Micro(now.Add(ttl))
		epoch, held = h.epoch, true
		return h.save(x)
	})
	if err != nil {
		return 0, false, err
	}
	return epoch, held, nil
}

func (c schedules) Release(ctx context.Context, name string, epoch int64) error {
	return c.s.write(ctx, len(name), func(x *tx) error {
		var h hold
		if err := h.load(x.row, name); err != nil || h.epoch != epoch || h.until == 0 {
			return err
		}
		h.until = 0
		return h.save(x)
	})
}

func (c schedules) LastRun(ctx context.Context, name string) (last time.Time, err error) {
	err = c.s.read(ctx, func(r *reader) error {
		var h hold
		err := h.load(r.row, name)
		last = record.Moment(h.last)
		return err
	})
	if err != nil {
		return time.Time{}, err
	}
	return last, nil
}

func (c schedules) SetLastRun(ctx context.Context, name string, epoch int64, run time.Time) error {
	return c.set(ctx, name, epoch, 0, func(h *hold) { h.last = record.Micro(run) })
}

func (c schedules) Place(ctx context.Context, name string) (place string, err error) {
	err = c.s.read(ctx, func(r *reader) error {
		var h hold
		err := h.load(r.row, name)
		place = h.place
		return err
	})
	if err != nil {
		return "", err
	}
	return place, nil
}

func (c schedules) SetPlace(ctx context.Context, name string, epoch int64, place string) error {
	return c.set(ctx, name, epoch, len(place), func(h *hold) { h.place = place })
}

// set changes the row of a name for the owner that holds it. size is that of what is set.
func (c schedules) set(ctx context.Context, name string, epoch int64, size int, change func(*hold)) error {
	return c.s.write(ctx, len(name)+size, func(x *tx) error {
		var h hold
		if err := h.load(x.row, name); err != nil {
			return err
		}
		if h.epoch != epoch || epoch == 0 {
			return refuse(fmt.Errorf("schedule %q: %w: its epoch is %d, not %d", name, store.ErrFenced, h.epoch, epoch))
		}
		change(&h)
		return h.save(x)
	})
}
