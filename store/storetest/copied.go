package storetest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

// CopyPlace is a place of a state that is copied, or that another is copied into.
type CopyPlace struct {
	Open func() (store.Store, error)
	Copy func() (Copying, error)
}

// Copying is a state that is opened for a copy.
type Copying interface {
	record.Copyable
	Close() error
}

// Copied tries that a state which is copied from one place into another, and from there into a third, is the same everywhere: whatever
// is kept by a method of store.Store. A method that nothing is tried of fails it.
func Copied(t *testing.T, from, to, back CopyPlace, encrypted bool) {
	names := reflect.TypeFor[store.Store]()
	for i := range names.NumMethod() {
		name := names.Method(i).Name
		if _, tried := copies[name]; !tried && !strings.Contains(" Close Health Rewrap Sweep Subjects ", " "+name+" ") {
			t.Errorf("store.Store has a method %s, and nothing tries that what it keeps is copied: add it to record.Kinds, and to copies here", name)
		}
	}
	kept := map[string]any{}
	within(t, from, func(b *bench) {
		for name, of := range copies {
			if of.fill != nil {
				kept[name] = of.fill(b)
			}
		}
	})
	for _, one := range [][2]CopyPlace{{from, to}, {to, back}} {
		rows := copied(t, one[0], one[1], func(c Copying) {
			text, _ := json.Marshal(store.Restored{ID: "r", Held: true, Moment: start, At: start})
			if err := c.Put(t.Context(), settingsKind(t), []record.Row{{record.RestoredKey, string(text)}}); err != nil && one[0].Copy != nil {
				t.Error(err)
			}
		}, kept["restored"] == nil)
		kept["restored"] = true
		for _, k := range record.Kinds {
			if rows[k.Name] == 0 && (encrypted || k.Table != "data_key") {
				t.Errorf("no %s were copied, so that nothing is tried of them", k.Name)
			}
		}
	}
	within(t, back, func(b *bench) {
		for name, of := range copies {
			of.check(b, kept[name])
		}
	})
	within(t, to, func(b *bench) {
		for name, of := range copies {
			of.check(b, kept[name])
		}
	})
}

func settingsKind(t *testing.T) *record.Kind {
	for _, k := range record.Kinds {
		if k.Name == record.SettingsKind {
			return k
		}
	}
	t.Fatal("there is no kind of settings")
	return nil
}

// copied copies one place into another, after before if it is the first time, and returns how many rows there were of each kind.
func copied(t *testing.T, from, to CopyPlace, before func(Copying), first bool) map[string]int64 {
	t.Helper()
	a, err := from.Copy()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	b, err := to.Copy()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	if first {
		before(a)
	}
	rows := map[string]int64{}
	if err := record.Copy(t.Context(), a, b, func(k *record.Kind, sum record.KindSum, _ int64) { rows[k.Name] = sum.Rows }); err != nil {
		t.Fatal(err)
	}
	return rows
}

func within(t *testing.T, p CopyPlace, f func(*bench)) {
	t.Helper()
	s, err := p.Open()
	if err != nil {
		t.Fatal(err)
	}
	f(&bench{T: t, s: s})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// copies say of each method of store.Store how what it keeps is made, and how it is tried in a copy, given what fill returned.
var copies = map[string]struct {
	fill  func(*bench) any
	check func(*bench, any)
}{
	"Inbox": {fillInbox, func(b *bench, _ any) {
		for i := range 3000 {
			seen, err := b.s.Inbox().Seen(b.Context(), "t", "g", fmt.Sprint("m", i))
			b.must(err)
			equal(b, "a finished message is known", seen, true)
		}
		seen, err := b.s.Inbox().Seen(b.Context(), "t", "g", "another")
		b.must(err)
		equal(b, "another is known", seen, false)
	}},
	"Idempotency": {fillKeys, func(b *bench, _ any) {
		r, err := b.s.Idempotency().Reserve(b.Context(), copiedClaim, time.Now())
		b.must(err)
		equal(b, "a key", fmt.Sprint(r.State, r.Answer.Status, r.Answer.Header, string(r.Answer.Body)),
			"answered201 [[Location /7]]{\"a\":1}")
	}},
	"Operations": {fillOperations, func(b *bench, _ any) {
		for i := range 120 {
			o, err := b.s.Operations().Get(b.Context(), fmt.Sprint("o", i))
			b.must(err)
			equal(b, "an operation", fmt.Sprint(o.Route, o.State, o.ReplyTo, o.Answer.Status, string(o.Answer.Body), o.End),
				fmt.Sprint("pay", store.Done, "https://caller.example", 200, fmt.Sprint("body ", i), 1))
		}
	}},
	"DeadLetters": {fillLetters, func(b *bench, kept any) {
		list, err := b.s.DeadLetters().List(b.Context(), store.LetterFilter{}, 100, "")
		b.must(err)
		equal(b, "letters", lettersText(b, list), kept.(string))
		n, err := b.s.DeadLetters().Count(b.Context(), store.LetterFilter{Key: "key 1"})
		b.must(err)
		equal(b, "letters of a key", n, 1)
	}},
	"Schedules": {fillSchedules, func(b *bench, epoch any) {
		last, err := b.s.Schedules().LastRun(b.Context(), "nightly")
		b.must(err)
		equal(b, "the last run", last, start)
		place, err := b.s.Schedules().Place(b.Context(), "nightly")
		b.must(err)
		equal(b, "the place of a poller", place, "row 17")
		b.gives(b.s.Schedules().SetLastRun(b.Context(), "nightly", epoch.(int64)-1, start), store.ErrFenced)
	}},
	"Collections": {fillCollections, func(b *bench, _ any) {
		for i := range 60 {
			has, err := b.s.Collections().Has(b.Context(), "notify", fmt.Sprint("k", i%3), fmt.Sprint("m", i))
			b.must(err)
			equal(b, "a collected message", has, true)
		}
		c, err := b.s.Collections().Add(b.Context(), "notify", "k0", "one more", "", []byte("x"), start, start)
		b.must(err)
		equal(b, "messages of a collection", c.Count > 20, true)
	}},
	"Sequences": {fillSequences, func(b *bench, _ any) {
		n, err := b.s.Sequences().Draw(b.Context(), store.Draw{Name: "protocol", Start: 1, For: "exchange 2"}, start)
		b.must(err)
		equal(b, "the number of a purpose", n, 3)
		n, err = b.s.Sequences().Draw(b.Context(), store.Draw{Name: "protocol", Start: 1}, start)
		b.must(err)
		equal(b, "the next number rises", n > 5, true)
	}},
	"Replays": {func(b *bench) any {
		_, err := b.s.Replays().Take(b.Context(), "tokens", "jti", time.Now().Add(time.Hour), time.Now())
		b.must(err)
		return nil
	}, func(b *bench, _ any) {
		first, err := b.s.Replays().Take(b.Context(), "tokens", "jti", time.Now().Add(time.Hour), time.Now())
		b.must(err)
		equal(b, "what came once is the first", first, false)
	}},
	"Intents": {func(b *bench) any {
		b.must(b.s.Intents().Begin(b.Context(), store.Intent{Exchange: "e", Step: "1", Operation: "registry.register", At: start}))
		return nil
	}, func(b *bench, _ any) {
		i, err := b.s.Intents().Find(b.Context(), "e", "1")
		b.must(err)
		equal(b, "an intent", i.Operation, "registry.register")
		any, err := b.s.Intents().Any(b.Context(), "e")
		b.must(err)
		equal(b, "intents of the exchange", any, true)
	}},
	"Audit": {func(b *bench) any {
		for i := range 5 {
			_, err := b.s.Audit().Append(b.Context(), store.AuditEntry{At: start, Who: "anna", What: store.AuditReplay, Why: fmt.Sprint(i)})
			b.must(err)
		}
		head, err := b.s.Audit().Head(b.Context())
		b.must(err)
		return head
	}, func(b *bench, kept any) {
		head, err := store.VerifyAudit(b.Context(), b.s.Audit(), kept.(store.AuditHead))
		b.must(err)
		equal(b, "the head of the audit", head, kept.(store.AuditHead))
	}},
	"Restores": {nil, func(b *bench, _ any) {
		at, err := b.s.Restores().Latest(b.Context())
		b.must(err)
		equal(b, "the restore is held", at.ID+fmt.Sprint(at.Held), "rtrue")
	}},
	"Secret": {func(b *bench) any {
		secret, err := b.s.Secret(b.Context())
		b.must(err)
		return string(secret)
	}, func(b *bench, kept any) {
		secret, err := b.s.Secret(b.Context())
		b.must(err)
		equal(b, "the secret", string(secret), kept.(string))
	}},
}

func fillInbox(b *bench) any {
	for i := 0; i < 3000; i += 100 {
		var ids []string
		for n := range 100 {
			ids = append(ids, fmt.Sprint("m", i+n))
		}
		b.must(b.s.Inbox().Done(b.Context(), "t", "g", time.Now(), ids...))
	}
	b.must(b.s.Inbox().Unhandled(b.Context(), "t", "g", time.Now(), "cancelled", store.EndCancelled))
	return nil
}

var copiedClaim = store.Claim{Scope: "s", Key: "k", Lease: time.Minute, Keep: 24 * time.Hour, Marks: "0a"}

func fillKeys(b *bench) any {
	r, err := b.s.Idempotency().Reserve(b.Context(), copiedClaim, time.Now())
	b.must(err)
	b.must(b.s.Idempotency().Record(b.Context(), r.Token, store.Answer{
		Status: 201, Header: [][2]string{{"Location", "/7"}},
		Body: []byte(`{"a":1}`),
	}, time.Now()))
	return nil
}

func fillOperations(b *bench) any {
	for i := range 120 {
		id := fmt.Sprint("o", i)
		b.must(b.s.Operations().Create(b.Context(), store.Operation{
			ID: id, Route: "pay", State: store.Accepted, Created: start,
			Updated: start, ReplyTo: "https://caller.example", Marks: store.Marks(fmt.Sprintf("%02x", i%7)),
		}))
		b.must(b.s.Operations().Set(b.Context(), id, store.Done, 1, store.Answer{Status: 200, Body: []byte(fmt.Sprint("body ", i))}, start))
	}
	return nil
}

func fillLetters(b *bench) any {
	d := b.s.DeadLetters()
	for i := range 6 {
		_, err := d.Keep(b.Context(), store.DeadLetter{
			ID: fmt.Sprint("l", i), Topic: "t", Group: "g", Route: "pay", Key: fmt.Sprint("key ", i), MessageID: fmt.Sprint("m", i),
			Place: fmt.Sprint("p", i), Reason: "refused", Detail: "found è\x00, expected", First: start, Kept: time.Now(),
			Headers: [][2]string{{"a", "b"}}, Body: []byte(fmt.Sprint("body ", i)), Marks: "0b",
		})
		b.must(err)
	}
	_, _, err := d.Claim(b.Context(), []string{"l2"}, store.Act{Who: "anna", Why: "again", At: start})
	b.must(err)
	_, _, err = d.Discard(b.Context(), store.LetterFilter{IDs: []string{"l3"}}, store.Act{Who: "anna", Why: "wrong", At: start})
	b.must(err)
	// One that is let go leaves its count.
	_, err = d.Keep(b.Context(), store.DeadLetter{ID: "old", Topic: "t", Group: "g", MessageID: "old", Kept: start.AddDate(-2, 0, 0)})
	b.must(err)
	_, err = b.s.Sweep(b.Context(), start)
	b.must(err)
	list, err := d.List(b.Context(), store.LetterFilter{}, 100, "")
	b.must(err)
	return lettersText(b, list)
}

func lettersText(b *bench, list []store.DeadLetter) (text string) {
	for _, l := range list {
		whole, err := b.s.DeadLetters().Get(b.Context(), l.ID)
		b.must(err)
		out, err := json.Marshal(whole)
		b.must(err)
		text += string(out) + "\n"
	}
	return text
}

func fillSchedules(b *bench) any {
	epoch, held, err := b.s.Schedules().Acquire(b.Context(), "nightly", "node", start, time.Minute)
	b.must(err)
	equal(b, "held", held, true)
	b.must(b.s.Schedules().SetLastRun(b.Context(), "nightly", epoch, start))
	b.must(b.s.Schedules().SetPlace(b.Context(), "nightly", epoch, "row 17"))
	b.must(b.s.Schedules().Release(b.Context(), "nightly", epoch))
	return epoch
}

func fillCollections(b *bench) any {
	var taken int64
	for i := range 60 {
		c, err := b.s.Collections().Add(b.Context(), "notify", fmt.Sprint("k", i%3), fmt.Sprint("m", i), "0c", []byte("body"), start, start)
		b.must(err)
		if i%3 == 1 {
			taken = c.ID
		}
	}
	// One is taken and finished, another is taken.
	got, err := b.s.Collections().Take(b.Context(), taken, time.Now(), time.Minute)
	b.must(err)
	b.must(b.s.Collections().Finish(b.Context(), got.Token, time.Now()))
	return nil
}

func fillSequences(b *bench) any {
	for i := range 5 {
		_, err := b.s.Sequences().Draw(b.Context(), store.Draw{Name: "protocol", Start: 1, For: fmt.Sprint("exchange ", i)}, start)
		b.must(err)
	}
	return nil
}
