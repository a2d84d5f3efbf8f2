package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"fondaco/messaging/kafka/kafkatest"
)

// The two projects on one cluster, and the topic of neither that both read and write.
const (
	north, south = "north", "south"
	townNews     = "town.news"
)

// neighbourLegs are what comes of an order, which is for one of two projects, and of a record of a program that knows
// neither: both projects hear of all that can be read, and keep a letter of each record that cannot.
var neighbourLegs = []leg{
	{name: north + "-take", of: func(r *request) bool { return ordered(r) && projectOf(r.Key) == north }},
	{name: south + "-take", of: func(r *request) bool { return ordered(r) && projectOf(r.Key) == south }},
	{name: north + "-loose", unordered: true, of: keyless},
	{name: south + "-loose", unordered: true, of: keyless},
	{name: north + "-letter", unordered: true, of: unreadable},
	{name: south + "-letter", unordered: true, of: unreadable},
	{name: south + "-hear", of: keyed},
	{name: north + "-hear", of: keyed},
}

// neighbourInHand is what a kill may double: of what is accepted the orders of eight workers, and of the news what a
// subscription gives out.
var neighbourInHand = map[string]int{
	north + "-take": 8, south + "-take": 8, north + "-hear": 64, south + "-hear": 64, north + "-loose": 64, south + "-loose": 64,
}

// The kinds of requests, by their keys: orders of the clients, and records of the town with a key and without one, and such
// as cannot be read.
func ordered(r *request) bool    { return strings.HasPrefix(r.Key, "k") }
func keyless(r *request) bool    { return strings.HasPrefix(r.Key, "g") }
func unreadable(r *request) bool { return strings.HasPrefix(r.Key, "u") }
func keyed(r *request) bool      { return !keyless(r) && !unreadable(r) }

// projectOf is the project that a client's key sends its orders to; see round.load.
func projectOf(key string) string {
	if n := 0; len(key) > 1 {
		_, _ = fmt.Sscan(strings.TrimLeft(key[1:], "0"), &n)
		if n%2 == 1 {
			return south
		}
	}
	return north
}

// neighbours has two projects with routes of the same names on one cluster, and a program that is neither's write to a topic
// that both read, while they are killed in turns. No order of one is done by the other; each record is heard once by each of
// them, those of one key in their order, or kept by each as a letter of its own, with its bytes.
func neighbours(ctx context.Context, r *round, times int) error {
	r.apart, r.rows = true, r.neighbourRows
	if err := r.begin(ctx); err != nil {
		return err
	}
	t := newTown(r)
	defer func() { _ = t.end() }() // what it says is said below
	for n := range times {
		i := n % 2
		if err := r.flows(ctx, 100+r.random.IntN(300)); err != nil {
			return err
		}
		r.killed(r.engines[i])
		if n%3 == 2 { // both are away
			r.killed(r.engines[1-i])
			if err := r.engines[1-i].start(); err != nil {
				return err
			}
		}
		if err := r.engines[i].start(); err != nil {
			return err
		}
		for i, e := range r.engines {
			if err := r.livesBut(ctx, e, r.othersOf(i)...); err != nil {
				return err
			}
		}
	}
	if err := t.end(); err != nil {
		return err
	}
	r.clients.finish()
	return r.keptLetters(ctx)
}

// othersOf are the legs that an engine does not make: the other project's, and letters.
func (r *round) othersOf(engine int) (names []string) {
	mine := []string{north, south}[engine]
	for _, l := range neighbourLegs {
		if !strings.HasPrefix(l.name, mine) || strings.HasSuffix(l.name, "-letter") {
			names = append(names, l.name)
		}
	}
	return names
}

// town writes records to the topic until it is ended.
type town struct {
	r    *round
	halt chan struct{}
	stop sync.Once
	done sync.WaitGroup
	err  error
}

// newTown begins to write. The caller ends it.
func newTown(r *round) *town {
	t := &town{r: r, halt: make(chan struct{})}
	t.done.Go(func() { t.err = t.write() })
	return t
}

func (t *town) end() error {
	t.stop.Do(func() { close(t.halt) })
	t.done.Wait()
	return t.err
}

// write sends, some dozens of times a second, a record of each of two keys, one without a key, and now and then one that
// nobody can read: damaged, of another shape, or a tombstone, with a key and without.
func (t *town) write() error {
	p, err := t.r.broker.node.Producer()
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	l, counts := t.r.ledger, map[string]int{}
	for n := 0; ; n++ {
		select {
		case <-t.halt:
			return nil
		case <-time.After(30 * time.Millisecond):
		}
		var records []kafkatest.Record
		var ids []string
		add := func(key string, record func(id string, number int) kafkatest.Record) {
			counts[key]++
			id := fmt.Sprintf("%s-%06d", key, counts[key])
			ids, records = append(ids, id), append(records, record(id, counts[key]))
			l.sent(request{ID: id, Key: key, Number: counts[key], Foreign: true})
		}
		for i := range 2 {
			key := fmt.Sprintf("f%03d", (2*n+i)%16)
			add(key, func(id string, number int) kafkatest.Record {
				return kafkatest.Record{Key: key, Value: news(id, key, number)}
			})
		}
		add("g000", func(id string, number int) kafkatest.Record { return kafkatest.Record{Value: news(id, "g000", number)} })
		if n%6 == 0 {
			add("u000", func(id string, number int) kafkatest.Record { return spoiled(id, number) })
		}
		places, err := p.Send(townNews, records...)
		if err != nil {
			return fmt.Errorf("the town's records: %w", err)
		}
		for i, id := range ids {
			l.told(id, placeText(places[i]))
		}
	}
}

func news(id, key string, number int) string {
	return fmt.Sprintf(`{"id":%q,"key":%q,"number":%d}`, id, key, number)
}

// spoiled is a record that no project can read.
func spoiled(id string, number int) kafkatest.Record {
	x := kafkatest.Record{}
	if number%2 == 0 {
		x.Key = "f000"
	}
	switch number % 3 {
	case 0:
		x.Value = id + " is no JSON, nor text: \xff\xfe\x00"
	case 1:
		x.Value = fmt.Sprintf(`{"id":%q,"number":"many"}`, id)
	default:
		x.Null = true
	}
	return x
}

// placeText is the end of a letter's message where the record has no id.
func placeText(p kafkatest.Place) string { return fmt.Sprintf("/%d/%d", p.Partition, p.Offset) }

// keptLetters waits until each project has a letter of each record that cannot be read, and writes down those whose bytes
// are the record's: the oracle judges what lacks, and what is too many.
func (r *round) keptLetters(ctx context.Context) error {
	wanted := r.ledger.spoiled()
	for i, e := range r.engines {
		o := &operator{r: r, e: e}
		project := []string{north, south}[i]
		var kept letters
		late := r.eventually(ctx, r.w.patience, func() (said string) {
			var err error
			if kept, err = o.list(ctx, "waiting"); err != nil {
				return err.Error()
			}
			if kept.Total < len(wanted) {
				return fmt.Sprintf("lost: %s has %d letters, expected %d", project, kept.Total, len(wanted))
			}
			return ""
		})
		if late != nil {
			r.check("%v", late)
		}
		for _, l := range kept.Letters {
			if err := r.keptLetter(ctx, o, project, l.ID, l.Message, wanted); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *round) keptLetter(ctx context.Context, o *operator, project, letter, of string, wanted map[string]request) error {
	_, place, _ := strings.Cut(of[strings.LastIndexByte(of, ' ')+1:], "/") // before that stands which topic it is
	sent, found := wanted["/"+place]
	if !found {
		r.check("%s has a letter of %s, which is no record that cannot be read", project, of)
		return nil
	}
	out, err := o.command(ctx, "show", letter, "--reveal", "--reason", "torture", "--format", "json")
	if err != nil {
		return err
	}
	var shown struct{ Body []byte }
	if err := json.Unmarshal(out, &shown); err != nil {
		return err
	}
	if want := spoiled(sent.ID, sent.Number).Value; string(shown.Body) != want {
		r.check("lost: the letter of %s in %s holds %q, expected %q", sent.ID, project, shown.Body, want)
		return nil
	}
	r.ledger.took(effect{Leg: project + "-letter", ID: sent.ID, Key: sent.Key, Number: sent.Number, Run: o.e.run()})
	return nil
}

// spoiled returns the records that were written and cannot be read, by their place.
func (l *ledger) spoiled() map[string]request {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := map[string]request{}
	for _, r := range l.requests {
		if r.Told && unreadable(r) {
			list[r.Location] = *r
		}
	}
	return list
}

// neighbourRows reports what is wrong with a project's account: all was done, but for the records that cannot be read.
func (r *round) neighbourRows(_ int, rows []account) error {
	letters := int64(len(r.ledger.spoiled()))
	var wrong []error
	var seen []string
	for _, a := range rows {
		if a.Route == "" {
			continue
		}
		seen = append(seen, a.Route)
		undone := int64(0)
		if a.Route == "hear" {
			undone = letters
		}
		adds := a.Accepted > 0 && a.Accepted == a.Done+a.undone() && a.InFlight == 0
		if !adds || a.undone() != undone || a.Dead != undone || a.State != "working" {
			wrong = append(wrong, fmt.Errorf("fondaco topics says %+v, of %d records that cannot be read", a, undone))
		}
	}
	if slices.Sort(seen); !slices.Equal(seen, []string{"hear", "take"}) {
		wrong = append(wrong, fmt.Errorf("fondaco topics lists %q", seen))
	}
	return errors.Join(wrong...)
}
