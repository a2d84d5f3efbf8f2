package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"fondaco/store"
)

func act(i int) store.AuditEntry {
	return store.AuditEntry{
		At: start.Add(time.Duration(i) * time.Second), Who: "anna", What: store.AuditReveal, On: fmt.Sprint("letter ", i),
		Why: "a citizen asks: è così?",
	}
}

// An entry is kept as it was given, bears the hash of the one before, and the list goes on after a restart.
func audit(b *bench) {
	head, err := store.VerifyAudit(b.Context(), b.s.Audit())
	b.must(err)
	equal(b, "the head of none", head, store.AuditHead{})
	var want []store.AuditEntry
	for i := range 7 {
		e := act(i)
		got, err := b.s.Audit().Append(b.Context(), e)
		b.must(err)
		e.Number = int64(i + 1)
		if i > 0 {
			e.Former = want[i-1].Hash
		}
		e.Hash = e.Seal()
		if !reflect.DeepEqual(got, e) {
			b.Errorf("appended\n%+v\nexpected\n%+v", got, e)
		}
		want = append(want, e)
		if i == 3 {
			b.reopen()
		}
	}
	b.reopen()
	got, err := b.s.Audit().List(b.Context(), 0, 100)
	b.must(err)
	if !reflect.DeepEqual(got, want) {
		b.Errorf("listed\n%+v\nexpected\n%+v", got, want)
	}
	if got, err = b.s.Audit().List(b.Context(), 2, 3); err != nil || !reflect.DeepEqual(got, want[2:5]) {
		b.Errorf("listed\n%+v, %v\nexpected\n%+v", got, err, want[2:5])
	}
	last := store.AuditHead{Number: 7, Hash: want[6].Hash}
	head, err = store.VerifyAudit(b.Context(), b.s.Audit(), store.AuditHead{Number: 3, Hash: want[2].Hash}, last)
	b.must(err)
	equal(b, "the head", head, last)
	for _, noted := range []store.AuditHead{{Number: 3, Hash: want[3].Hash}, {Number: 8, Hash: want[6].Hash}} {
		if _, err := store.VerifyAudit(b.Context(), b.s.Audit(), noted); !errors.Is(err, store.ErrAuditBroken) {
			b.Errorf("of another list %s was noted, and: %v", noted, err)
		}
	}
}

func auditByMany(b *bench) {
	const n = 60
	together(n, func(i int) {
		if _, err := b.s.Audit().Append(b.Context(), act(i)); err != nil {
			b.Error(err)
		}
	})
	head, err := store.VerifyAudit(b.Context(), b.s.Audit())
	b.must(err)
	equal(b, "entries", head.Number, n)
	list, err := b.s.Audit().List(b.Context(), 0, 2*n)
	b.must(err)
	seen := map[string]bool{}
	for _, e := range list {
		seen[e.On] = true
	}
	equal(b, "acts", len(seen), n)
}

// No limit lets go of an entry.
func auditStays(b *bench) {
	b.reopen(store.Limits{Inbox: time.Hour, Operations: time.Hour, Letters: time.Hour, LetterBytes: 1})
	_, err := b.s.Audit().Append(b.Context(), act(0))
	b.must(err)
	_, err = b.s.Sweep(b.Context(), start.AddDate(20, 0, 0))
	b.must(err)
	head, err := store.VerifyAudit(b.Context(), b.s.Audit())
	b.must(err)
	equal(b, "entries", head.Number, 1)
}
