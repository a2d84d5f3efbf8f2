package storetest

import (
	"reflect"
	"sync/atomic"
	"time"

	"fondaco/store"
)

var (
	claim = store.Claim{Scope: "tenant route caller", Key: "a1b2", Body: [32]byte{1, 2, 3}, Lease: time.Minute, Keep: 24 * time.Hour}
	reply = store.Answer{
		Status: 201, Header: [][2]string{{"Set-Cookie", "a"}, {"Set-Cookie", "b"}, {"", ""}, {"X", "\xff\x00è"}},
		Body: []byte("{\"n\": 1.10}\x00\xff"),
	}
)

func (b *bench) reserve(c store.Claim, after time.Duration) store.Reservation {
	b.Helper()
	r, err := b.s.Idempotency().Reserve(b.Context(), c, start.Add(after))
	b.must(err)
	return r
}

func idempotency(b *bench) {
	i := b.s.Idempotency()
	first := b.reserve(claim, 0)
	equal(b, "a new key", first.State, store.Reserved)
	equal(b, "since", first.Since, start)
	other := claim
	other.Body[31] = 9
	elsewhere := claim
	elsewhere.Scope, elsewhere.Key = claim.Scope+claim.Key[:1], claim.Key[1:] // the same letters, parted elsewhere
	equal(b, "the same letters in another scope", b.reserve(elsewhere, 0).State, store.Reserved)
	equal(b, "the key again", b.reserve(claim, time.Second).State, store.Running)
	equal(b, "the key with another body", b.reserve(other, time.Second).State, store.Mismatch)
	b.must(i.Record(b.Context(), first.Token, reply, start.Add(2*time.Second)))
	b.gives(i.Record(b.Context(), first.Token, store.Answer{Status: 500}, start), store.ErrFenced)
	b.gives(i.Release(b.Context(), first.Token), store.ErrFenced)
	b.gives(i.Release(b.Context(), 1<<40), store.ErrFenced)
	for range 2 {
		got := b.reserve(claim, 24*time.Hour)
		if got.State != store.Answered || !reflect.DeepEqual(got.Answer, reply) {
			b.Errorf("the answer came back as %+v", got)
		}
		equal(b, "an answered key with another body", b.reserve(other, time.Hour).State, store.Mismatch)
		b.reopen()
	}
	free := claim
	free.Key = "free"
	r := b.reserve(free, 0)
	b.must(b.s.Idempotency().Release(b.Context(), r.Token))
	again := b.reserve(altered(free), time.Second)
	equal(b, "a released key, with another body", again.State, store.Reserved)
	b.gives(b.s.Idempotency().Record(b.Context(), r.Token, reply, start), store.ErrFenced)
	b.must(b.s.Idempotency().Record(b.Context(), again.Token, store.Answer{Status: 204}, start))
	got := b.reserve(altered(free), 2*time.Second)
	equal(b, "an answer without header and body", got.State, store.Answered)
	equal(b, "its status", got.Answer.Status, 204)
	equal(b, "its length", len(got.Answer.Body)+len(got.Answer.Header), 0)
	if err := b.s.Idempotency().Record(b.Context(), b.reserve(store.Claim{Key: "x", Lease: 1, Keep: 1}, 0).Token, store.Answer{},
		start); err == nil {
		b.Error("an answer without a status was recorded")
	}
}

func altered(c store.Claim) store.Claim {
	c.Body[0]++
	return c
}

// Of 200 callers at the same time, one does the work.
func oneReserves(b *bench) {
	for round := range 5 {
		c := claim
		c.Key = string(rune('a' + round))
		var won, running atomic.Int64
		var token atomic.Int64
		together(200, func(int) {
			switch r, err := b.s.Idempotency().Reserve(b.Context(), c, start); {
			case err != nil:
				b.Error(err)
			case r.State == store.Reserved:
				won.Add(1)
				token.Store(r.Token)
			case r.State == store.Running:
				running.Add(1)
			}
		})
		equal(b, "reserved", won.Load(), 1)
		equal(b, "running", running.Load(), 199)
		var recorded, fenced atomic.Int64
		together(50, func(i int) {
			if err := b.s.Idempotency().Record(b.Context(), token.Load(), store.Answer{Status: 200 + i}, start); err == nil {
				recorded.Add(1)
			} else {
				b.gives(err, store.ErrFenced)
				fenced.Add(1)
			}
		})
		equal(b, "recorded", recorded.Load(), 1)
		equal(b, "fenced", fenced.Load(), 49)
	}
}

// Work that was begun and never ended is running until its lease ends and unknown afterwards, also over a restart; who
// inquires settles it, and the one who slept meanwhile is refused.
func unknownOutcome(b *bench) {
	lost := b.reserve(claim, 0)
	b.reopen()
	equal(b, "within the lease", b.reserve(claim, time.Minute-time.Microsecond).State, store.Running)
	for range 2 { // asking does not settle it
		got := b.reserve(claim, time.Minute)
		equal(b, "after the lease", got.State, store.Unknown)
		equal(b, "its token", got.Token, lost.Token)
	}
	equal(b, "with another body", b.reserve(altered(claim), time.Hour).State, store.Mismatch)
	if swept, err := b.s.Sweep(b.Context(), start.Add(time.Hour)); err != nil || swept.Keys != 0 {
		b.Errorf("swept %+v, %v: an unknown outcome is kept", swept, err)
	}
	b.must(b.s.Idempotency().Release(b.Context(), lost.Token)) // it was found to have had no effect
	second := b.reserve(claim, 2*time.Minute)
	equal(b, "after that", second.State, store.Reserved)
	b.gives(b.s.Idempotency().Record(b.Context(), lost.Token, reply, start), store.ErrFenced)
	b.gives(b.s.Idempotency().Release(b.Context(), lost.Token), store.ErrFenced)
	b.must(b.s.Idempotency().Record(b.Context(), second.Token, reply, start.Add(10*time.Minute))) // late, and nobody took over
	equal(b, "after a late answer", b.reserve(claim, 11*time.Minute).State, store.Answered)
}

func keysEnd(b *bench) {
	r := b.reserve(claim, 0)
	b.must(b.s.Idempotency().Record(b.Context(), r.Token, reply, start.Add(time.Second)))
	lost := claim
	lost.Key = "lost"
	b.reserve(lost, 0)
	equal(b, "before its time", b.reserve(claim, 24*time.Hour+time.Second-time.Microsecond).State, store.Answered)
	b.reopen()
	fresh := b.reserve(altered(claim), 24*time.Hour+time.Second)
	equal(b, "at its time", fresh.State, store.Reserved)
	if fresh.Token == r.Token {
		b.Error("a token was given twice")
	}
	swept, err := b.s.Sweep(b.Context(), start.Add(24*time.Hour))
	b.must(err)
	equal(b, "swept", swept, store.Swept{Keys: 1})
	equal(b, "the other key after that", b.reserve(altered(lost), 24*time.Hour).State, store.Reserved)
	short := store.Claim{Key: "short", Lease: time.Hour, Keep: time.Second}
	b.reserve(short, 0)
	equal(b, "kept shorter than its lease", b.reserve(short, time.Minute).State, store.Running)
}
