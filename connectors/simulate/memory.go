package simulate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"fondaco/schema"
	"fondaco/transform/expr"
)

// Bounds of what a simulator remembers. Beyond them the oldest goes.
const (
	maxKept  = 10_000    // items of a list
	versions = 16        // items of one id that wait to be seen
	budget   = 1_000_000 // steps that the expressions of one sample may take
)

// memory is what a simulator has kept. Safe for concurrent use.
type memory struct {
	mu    sync.Mutex
	lists map[string]map[string][]keptItem // of each id what is seen, and what will be
	count int
	times map[string]int64 // how often an operation was called
}

type keptItem struct {
	seen  time.Time
	order int
	value schema.Value
}

func newer(a, b keptItem) int { return cmp.Or(b.seen.Compare(a.seen), cmp.Compare(b.order, a.order)) }

// called counts a call of an operation, and returns how many there were.
func (m *memory) called(operation string) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.times == nil {
		m.times = map[string]int64{}
	}
	m.times[operation]++
	return m.times[operation]
}

// errProblem is the failure of a sample that could not be compiled.
var errProblem = errors.New("the samples have a problem, which fondaco check lists")

// fits reports whether the case's own condition holds, over the input and what is kept at a moment.
func (m *memory) fits(d *dynamic, in schema.Value, times int64, now time.Time) (bool, error) {
	if d.holds.Value == "" {
		return true, nil
	}
	if d.cond == nil {
		return false, errProblem
	}
	frame := m.frame(d, in, times, now)
	v, err := d.cond(&frame)
	return err == nil && v.Kind() == schema.KindBool && v.Bool(), err
}

// frame returns what the expressions of a case's answer read.
func (m *memory) frame(d *dynamic, in schema.Value, times int64, now time.Time) expr.Frame {
	frame := expr.Frame{Budget: budget, Now: func() time.Time { return now }, Slots: make([]schema.Value, d.size)}
	frame.Slots[keptInputSlot], frame.Slots[d.timesSlot] = in, schema.Int(times)
	if d.list != nil {
		frame.Slots[keptSlot] = schema.List(m.kept(d.list, now))
	}
	return frame
}

// play keeps what the case says and returns its answer; times is how often the operation was called.
func (m *memory) play(d *dynamic, in schema.Value, times int64, now time.Time) (schema.Value, error) {
	frame := expr.Frame{Budget: budget, Now: func() time.Time { return now }}
	if !d.gives.IsZero() && d.eval == nil || len(d.keeps) > 0 && d.keeps[0].evalItem == nil {
		return schema.Value{}, errProblem
	}
	for _, k := range d.keeps {
		frame.Slots = make([]schema.Value, k.size)
		frame.Slots[keptInputSlot], frame.Slots[k.timesSlot] = in, schema.Int(times)
		id, err := k.evalID(&frame)
		if err != nil {
			return id, fmt.Errorf("keep: id: %w", err)
		}
		item, err := k.evalItem(&frame)
		if err != nil {
			return item, fmt.Errorf("keep: item: %w", err)
		}
		m.keep(k.in.Value, id.Str(), item, now, now.Add(k.after))
	}
	if d.eval == nil {
		return schema.Value{}, nil
	}
	frame = m.frame(d, in, times, now)
	return d.eval(&frame)
}

func (m *memory) keep(list, id string, item schema.Value, now, seen time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lists == nil {
		m.lists = map[string]map[string][]keptItem{}
	}
	l := m.lists[list]
	if l == nil {
		l = map[string][]keptItem{}
		m.lists[list] = l
	}
	m.count++
	all := append(l[id], keptItem{seen, m.count, item})
	slices.SortFunc(all, newer)
	if i := slices.IndexFunc(all, func(i keptItem) bool { return !i.seen.After(now) }); i >= 0 {
		all = all[:i+1] // what was seen before is replaced
	}
	l[id] = all[max(0, len(all)-versions):]
	if len(l) > maxKept {
		oldest, least := "", m.count
		for id, i := range l {
			if i[0].order < least {
				oldest, least = id, i[0].order
			}
		}
		delete(l, oldest)
	}
}

// kept returns what is seen of a list, the latest first; what it held in the beginning comes last, unless its id is kept.
func (m *memory) kept(l *keptList, now time.Time) []schema.Value {
	m.mu.Lock()
	defer m.mu.Unlock()
	var items []keptItem
	known := map[string]bool{}
	for id, all := range m.lists[l.name] {
		if i := slices.IndexFunc(all, func(i keptItem) bool { return !i.seen.After(now) }); i >= 0 {
			items = append(items, all[i])
			known[id] = true
		}
	}
	slices.SortFunc(items, newer)
	values := make([]schema.Value, 0, len(items)+len(l.start))
	for _, i := range items {
		values = append(values, i.value)
	}
	for _, v := range l.start {
		if id := v.Get("id"); id.Kind() != schema.KindText || !known[id.Str()] {
			values = append(values, v)
		}
	}
	return values
}
