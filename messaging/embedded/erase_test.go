package embedded

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/store/crypt"
	"fondaco/store/storetest"
)

// erasing is a broker whose messages are erased.
type erasing struct {
	*testing.T
	b  *Broker
	in <-chan *messaging.Envelope
}

// publish publishes a message of a person under a key, whose body is its name.
func (x *erasing) publish(mark, key string, names ...string) {
	x.Helper()
	var list []messaging.Message
	for _, name := range names {
		m := small(key, 0)
		m.ID, m.Body = name, []byte(name)
		if mark != "" {
			m.Extensions = append(m.Extensions, messaging.Attribute{Name: messaging.ExtensionMarks, Value: mark})
		}
		list = append(list, m)
	}
	if err := messaging.Publish(x.Context(), x.b, "t", list...); err != nil {
		x.Fatal(err)
	}
}

func (x *erasing) next(want string) *messaging.Envelope {
	x.Helper()
	e, m := received(x.T, x.in)
	if string(m.Body) != want {
		x.Fatalf("%s came, expected %s", m.Body, want)
	}
	return e
}

// bearing lists what bears a mark, by body.
func (x *erasing) bearing(mark string) map[string]int64 {
	x.Helper()
	all := map[string]int64{}
	damaged, err := x.b.Bearing(x.Context(), mark, func(m messaging.Borne) error {
		if m.Topic != "t" {
			x.Errorf("%s is on the topic %q", m.Message.Body, m.Topic)
		}
		all[string(m.Message.Body)] = m.Seq
		return nil
	})
	if err != nil || damaged != 0 {
		x.Fatal(damaged, err)
	}
	return all
}

// erase erases what bears a mark and returns what was, by body.
func (x *erasing) erase(mark string) (done map[string]messaging.Erased) {
	x.Helper()
	var list []messaging.Erasure
	name := map[int64]string{}
	for body, seq := range x.bearing(mark) {
		list, name[seq] = append(list, messaging.Erasure{Seq: seq}), body
	}
	got, err := x.b.Erase(x.Context(), mark, list)
	if err != nil {
		x.Fatal(err)
	}
	done = map[string]messaging.Erased{}
	for _, e := range got {
		done[name[e.Seq]] = e
	}
	return done
}

// until waits for a condition of the queue of the group g.
func (x *erasing) until(what string, is func(q *queue) bool) {
	x.Helper()
	for end := time.Now().Add(time.Minute); ; <-time.After(5 * time.Millisecond) {
		for q := range x.b.fed() {
			if q.group != "g" {
				continue
			}
			q.mu.Lock()
			now := is(q)
			q.mu.Unlock()
			if now {
				return
			}
		}
		if time.Now().After(end) {
			x.Fatal("it did not come to be: " + what)
		}
	}
}

// TestErase: of a person's messages those that nobody has in hand go, in whatever state they wait; what waited behind them comes, the
// others come each once, and the accounts hold. What is put in the place of a message comes in its place.
func TestErase(t *testing.T) {
	for name, keys := range map[string]crypt.Keys{"as it is": {}, "encrypted": storetest.Keys(t, 1)} {
		for _, direct := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", direct ", direct), func(t *testing.T) { testErase(t, keys, direct) })
		}
	}
}

func testErase(t *testing.T, keys crypt.Keys, direct bool) {
	path := filepath.Join(t.TempDir(), "topics.db")
	b, err := Open(t.Context(), path, Options{Project: "venezia", Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	x := &erasing{T: t, b: b}
	defer func() { _ = x.b.Close() }()
	x.publish(rosa, "hand", "in hand")
	x.publish(rosa, "later", "later")
	x.publish(rosa, "parked", "parked")
	x.publish(rosa, "hand", "behind 1", "behind 2")
	x.publish(bice, "hand", "after the one in hand")
	x.publish(bice, "later", "after later")
	x.publish(bice, "parked", "after parked")
	const many = ahead + 200
	var hers, others []string
	for i := range many {
		hers, others = append(hers, fmt.Sprint("hers ", i)), append(others, fmt.Sprint("other ", i))
	}
	x.publish(rosa, "", hers...) // more than are read ahead
	x.publish(bice, "", others...)
	s, err := b.Subscriber("g", messaging.Options{InFlight: 2, Direct: direct})
	if err != nil {
		t.Fatal(err)
	}
	if x.in, err = s.Subscribe(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	hand := x.next("in hand")
	later := x.next("later")
	messaging.Defer(later, time.Now().Add(time.Hour), true)
	messaging.Nack(later)
	parked := x.next("parked")
	messaging.Park(parked, messaging.Parking{On: "crm", Until: time.Now().Add(time.Hour)})
	messaging.Defer(parked, time.Now().Add(time.Hour), false)
	messaging.Nack(parked)
	x.until("two wait, and one is held out", func(q *queue) bool {
		return q.later.len() == 1 && q.lot.Len() == 1 && q.offered.Load() == 1 && q.ready.len() > 0
	})
	done := x.erase(rosa)
	if len(done) != many+4 || done["in hand"].Seq != 0 {
		t.Errorf("%d were erased, expected %d and not the one in hand", len(done), many+4)
	}
	if left := x.bearing(rosa); len(left) != 1 || left["in hand"] == 0 {
		t.Errorf("left are %d, %v", len(left), left["in hand"])
	}
	account(t, b, "t", "g", 2*many+8, many+4)
	var came []string
	for range many + 2 {
		e, m := received(t, x.in)
		came = append(came, string(m.Body))
		messaging.Ack(e)
	}
	want := append([]string{"after later", "after parked"}, others...)
	slices.Sort(came)
	if slices.Sort(want); !slices.Equal(came, want) {
		t.Fatalf("%d came, of them %q; expected the %d others", len(came), came[:min(5, len(came))], len(want))
	}
	messaging.Ack(hand)
	messaging.Ack(x.next("after the one in hand"))
	x.until("all is over", func(q *queue) bool {
		return len(q.lanes) == 0 && q.held == 0 && q.later.len() == 0 && q.lot.Len() == 0 && q.ready.len() == 0 && len(q.cache) == 0
	})
	account(t, b, "t", "g", 2*many+8, 2*many+8)

	x.publish(rosa+" "+bice, "k", "both", "both too")
	x.publish(bice, "k", "the last")
	x.until("one is held out", func(q *queue) bool { return q.offered.Load() == 1 && len(q.cache) == 2 })
	var list []messaging.Erasure
	for body, seq := range x.bearing(rosa) {
		m := small("k", 0)
		m.ID, m.Body = body, []byte("left of "+body)
		m.Extensions = append(m.Extensions, messaging.Attribute{Name: messaging.ExtensionMarks, Value: bice})
		list = append(list, messaging.Erasure{Seq: seq, Instead: &m})
	}
	if got, err := b.Erase(t.Context(), rosa, list); err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if hers, others := x.bearing(rosa), x.bearing(bice); len(hers) != 0 || len(others) != 3 || others["left of both too"] == 0 {
		t.Errorf("hers are %v, the others' %v", hers, others)
	}
	var left int
	if err := b.file.Load().read.QueryRowContext(t.Context(), "select count(*) from data_key where subject = ?", rosa+" "+bice).
		Scan(&left); err != nil || left != 0 {
		t.Errorf("%d data keys of both are left, %v", left, err)
	}
	for _, want := range []string{"left of both", "left of both too", "the last"} {
		messaging.Ack(x.next(want))
	}

	x.until("all is over again", func(q *queue) bool { return len(q.lanes) == 0 })
	other, err := b.Subscriber("h", messaging.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Subscribe(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	x.publish(rosa, "k", "of two groups")
	messaging.Ack(x.next("of two groups"))
	x.until("the first has finished it", func(q *queue) bool { return len(q.lanes) == 0 })
	if done := x.erase(rosa); len(done) != 1 || !slices.Equal(done["of two groups"].Groups, []string{"h"}) {
		t.Errorf("erased %+v", done)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if x.b, err = Open(t.Context(), path, Options{Project: "venezia", Keys: keys}); err != nil {
		t.Fatal(err)
	}
	for mark := range map[string]bool{rosa: true, bice: true} {
		if left := x.bearing(mark); len(left) != 0 {
			t.Errorf("left are %v", left)
		}
	}
	for table, want := range map[string]int{"message": 0, "again": 0, "finished": 0} {
		var n int
		if err := x.b.file.Load().read.QueryRowContext(t.Context(), "select count(*) from "+table).Scan(&n); err != nil || n != want {
			t.Errorf("%d rows of %s, %v", n, table, err)
		}
	}
	counts, err := x.b.Counts(t.Context())
	for _, c := range counts {
		if err != nil || c.Waiting != 0 || c.Accepted != c.Finished {
			t.Errorf("%+v, %v", c, err)
		}
	}
}
