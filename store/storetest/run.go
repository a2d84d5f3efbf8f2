// Package storetest is the contract that every store passes.
package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"fondaco/store"
)

// Place is where one test's state lives.
type Place struct {
	// Open opens the state; after its Close it opens the same again.
	Open func(store.Limits) store.Store
}

// Run tries the whole contract. It asks for a new place for each part of it.
func Run(t *testing.T, newPlace func(t *testing.T) Place) {
	run(t, newPlace, append([]part{
		{"inbox", inbox},
		{"inbox forgets", inboxForgets},
		{"operations", operations},
		{"operations cancelled", operationsCancelled},
		{"operations handled", operationsHandled},
		{"operations listed", operationsListed},
		{"secret", secret},
		{"operations forgotten", operationsForgotten},
		{"dead letters", letters},
		{"dead letters listed", lettersListed},
		{"dead letters by cause", lettersByCause},
		{"dead letters settled", lettersSettled},
		{"dead letters by size", lettersBySize},
		{"dead letters by age", lettersByAge},
		{"schedules", schedules},
		{"places of pollers", places},
		{"one of many acquires", oneAcquires},
		{"who slept past its lease", sleptPastItsLease},
		{"letters tallied", lettersTallied},
		{"letters by place", lettersByPlace},
		{"letters of groups and topics", lettersApart},
		{"one of many claims a letter", oneClaims},
		{"a replay and its ends", replays},
		{"a letter that dies before its replay is noted", diesEarly},
		{"a replay is remembered", replayRemembered},
		{"history", history},
		{"inbox of topics", inboxOfTopics},
		{"collections", collections},
		{"collections by many", collectionsByMany},
		{"collections taken again", collectionsAgain},
		{"sequences", sequences},
		{"sequences by many", sequencesByMany},
		{"sequences swept", sequencesSwept},
		{"what may come once, swept", takesEnd},
		{"intents", intents},
		{"intents swept", intentsSwept},
		{"intents by many", intentsByMany},
		{"what is kept of a person", subjectFound},
		{"a person is erased", subjectErased},
		{"a letter of several persons", subjectDivided},
		{"a person's collected messages", subjectCollected},
		{"retention", retention},
		{"retention of what replays need", retentionOfReplays},
		{"audit", audit},
		{"audit by many", auditByMany},
		{"audit is not swept", auditStays},
		{"too large", tooLarge},
		{"ended context", endedContext},
		{"closed", closed},
	}, append(keys, once...)...))
}

// Main tries what a request and its message need of a store, and little more: for another way to a store that passes the whole contract.
func Main(t *testing.T, newPlace func(t *testing.T) Place) {
	run(t, newPlace, []part{
		{"inbox", inbox},
		{"operations", operations},
		{"operations listed", operationsListed},
		{"dead letters", letters},
		{"schedules", schedules},
		{"one of many acquires", oneAcquires},
		{"collections", collections},
		{"sequences", sequences},
		{"intents by many", intentsByMany},
		{"idempotency", idempotency},
		{"one of many reserves", oneReserves},
		{"what may come once", takes},
		{"retention", retention},
		{"audit", audit},
	})
}

// Idempotency tries the part of the contract that is about idempotency keys, for what stands before a store.
func Idempotency(t *testing.T, newPlace func(t *testing.T) Place) { run(t, newPlace, keys) }

// Replays tries the part of the contract that is about what may come once, for what stands before a store or in its place.
func Replays(t *testing.T, newPlace func(t *testing.T) Place) { run(t, newPlace, once) }

type part struct {
	name string
	test func(*bench)
}

var keys = []part{
	{"idempotency", idempotency},
	{"one of many reserves", oneReserves},
	{"unknown outcome", unknownOutcome},
	{"keys end", keysEnd},
}

var once = []part{
	{"what may come once", takes},
	{"one of many takes", oneTakes},
	{"what may come once, of an ended context", takesEnded},
}

func run(t *testing.T, newPlace func(t *testing.T) Place, parts []part) {
	for _, part := range parts {
		t.Run(part.name, func(t *testing.T) {
			b := &bench{T: t, place: newPlace(t)}
			b.open(store.Limits{})
			defer func() {
				if err := b.s.Close(); err != nil {
					t.Error(err)
				}
			}()
			part.test(b)
		})
	}
}

// bench is one test's store.
type bench struct {
	*testing.T
	place Place
	s     store.Store
}

func (b *bench) open(l store.Limits) { b.s = b.place.Open(l) }

// reopen closes the store and opens it again, with other limits if they are given.
func (b *bench) reopen(l ...store.Limits) {
	b.Helper()
	if err := b.s.Close(); err != nil {
		b.Fatal(err)
	}
	if len(l) == 0 {
		l = []store.Limits{{}}
	}
	b.open(l[0])
}

// must ends the test on an error.
func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// gives fails the test if err is not that word.
func (b *bench) gives(err, word error) {
	b.Helper()
	if !errors.Is(err, word) {
		b.Errorf("the error is %v, expected %v", err, word)
	}
}

// equal fails the test if the two differ.
func equal[V comparable](b *bench, what string, got, want V) {
	b.Helper()
	if got != want {
		b.Errorf("%s: %v, expected %v", what, got, want)
	}
}

// together calls f at the same time n times.
func together(n int, f func(i int)) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-begin
			f(i)
		})
	}
	close(begin)
	all.Wait()
}

// start is when tests begin: a second has parts down to the microsecond.
var start = time.Date(2026, 3, 29, 1, 59, 59, 123456000, time.UTC)

func tooLarge(b *bench) {
	b.reopen(store.Limits{BodyBytes: 1000})
	body := make([]byte, 1001)
	_, err := b.s.Collections().Add(b.Context(), "r", "k", "m", "", body, start, start)
	b.gives(err, store.ErrTooLarge)
	_, err = b.s.DeadLetters().Keep(b.Context(), store.DeadLetter{ID: "1", Body: body})
	b.gives(err, store.ErrTooLarge)
	b.gives(b.s.Operations().Create(b.Context(), store.Operation{ID: "1", State: store.Done, Answer: store.Answer{Status: 200, Body: body}}),
		store.ErrTooLarge)
	_, err = b.s.Operations().Get(b.Context(), "1")
	b.gives(err, store.ErrAbsent)
	b.must(b.s.Health())
}

// A write of a caller who is gone is not done, when nobody had begun it.
func endedContext(b *bench) {
	ctx, end := context.WithCancel(b.Context())
	end()
	b.gives(b.s.Inbox().Done(ctx, "t", "g", start, "id"), context.Canceled)
	_, err := b.s.Inbox().Seen(ctx, "t", "g", "id")
	b.gives(err, context.Canceled)
	seen, err := b.s.Inbox().Seen(b.Context(), "t", "g", "id")
	b.must(err)
	equal(b, "seen", seen, false)
	b.must(b.s.Health())
}

func closed(b *bench) {
	s := b.s
	writes := make(chan error, 50)
	together(51, func(i int) {
		if i == 50 {
			b.must(s.Close())
			return
		}
		writes <- s.Inbox().Done(b.Context(), "t", "g", start, string(rune('a'+i)))
	})
	b.gives(s.Inbox().Done(b.Context(), "t", "g", start, "late"), store.ErrClosed)
	_, err := s.Inbox().Seen(b.Context(), "t", "g", "late")
	b.gives(err, store.ErrClosed)
	b.must(s.Close())
	b.open(store.Limits{})
	kept, good := 0, 0
	for i := range 50 {
		if err := <-writes; err == nil {
			good++
		} else {
			b.gives(err, store.ErrClosed)
		}
		if seen, err := b.s.Inbox().Seen(b.Context(), "t", "g", string(rune('a'+i))); err != nil {
			b.Error(err)
		} else if seen {
			kept++
		}
	}
	equal(b, "writes kept through a close", kept, good)
}
