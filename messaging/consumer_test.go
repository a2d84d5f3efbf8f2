package messaging_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/messaging"
)

// A failing message is tried by the backoff and dies when its attempts are used up; its key waits, others do not.
func TestBackoffAndExhaustion(t *testing.T) {
	var r runs
	backoff := messaging.Backoff{First: time.Second, Max: 8 * time.Second, Attempts: 6}
	at(t, messaging.Work{Backoff: backoff, Handle: func(_ context.Context, m messaging.Message) error {
		r.add(m)
		if m.ID == "a1" {
			return errors.New("crm.create: unavailable")
		}
		return nil
	}}, func(d *desk, c *messaging.Consumer) {
		begin := time.Now()
		d.publish(letter("a", 1), letter("a", 2), letter("b", 1))
		settle(50 * time.Millisecond)
		if len(r.of("b1")) != 1 || len(r.of("a2")) != 0 {
			t.Errorf("b1 ran %d times, a2 %d times while a1 waits", len(r.of("b1")), len(r.of("a2")))
		}
		settle(time.Minute)
		got := r.of("a1")
		if len(got) != 6 {
			t.Fatalf("%d attempts, expected 6: %v", len(got), got)
		}
		span := time.Second
		for i, x := range got {
			if x.attempt != i+1 {
				t.Errorf("attempt %d is told as %d", i+1, x.attempt)
			}
			if i > 0 {
				if pause := x.when.Sub(got[i-1].when); pause < span/2 || pause > span+10*time.Millisecond {
					t.Errorf("pause %d is %v; at most %v was expected", i, pause, span)
				}
				span = min(span*2, 8*time.Second)
			}
		}
		if a2 := r.of("a2"); len(a2) != 1 || a2[0].when.Before(got[5].when) {
			t.Errorf("a2 ran %v, a1 for the last time at %v", a2, got[5].when)
		}
		want := `t/g a1 exhausted attempt 6 body "a 1": 6 attempts failed, the last: crm.create: unavailable`
		if l := d.letters(); len(l) != 1 || l[0] != want || d.trace[0] != "0af7651916cd43dd8448eb211c80319c" {
			t.Errorf("dead letters %q, traces %q", l, d.trace)
		}
		if st := c.Stats(); st.Done != 2 || st.Dead != 1 || st.Deferred != 5 || st.Retried != 5 {
			t.Errorf("%+v after %v", st, time.Since(begin))
		}
	})
}

// Chance takes up to half of a pause away: pauses differ, and none is over its span or under half of it.
func TestJitter(t *testing.T) {
	b := messaging.Backoff{First: time.Second, Max: time.Minute}
	for attempt, span := range map[int]time.Duration{
		1: time.Second, 2: 2 * time.Second, 4: 8 * time.Second, 7: time.Minute,
		1 << 30: time.Minute,
	} {
		low, high, sum := time.Hour, time.Duration(0), time.Duration(0)
		for range 2000 {
			p := b.After(attempt)
			low, high, sum = min(low, p), max(high, p), sum+p
		}
		if low < span/2 || low > span*6/10 || high > span || high < span*9/10 || sum/2000 < span*7/10 || sum/2000 > span*8/10 {
			t.Errorf("attempt %d: between %v and %v, mean %v; span %v", attempt, low, high, sum/2000, span)
		}
	}
}

// Retry says when; a retry that does not count never kills the message.
func TestRetry(t *testing.T) {
	var r runs
	at(t, messaging.Work{Backoff: messaging.Backoff{Attempts: 2}, Handle: func(_ context.Context, m messaging.Message) error {
		r.add(m)
		if len(r.of("a1")) <= 48 {
			return fmt.Errorf("step 2: %w", &messaging.Retry{After: time.Hour, Err: errors.New("the system is closed")})
		}
		return nil
	}}, func(d *desk, c *messaging.Consumer) {
		begin := time.Now()
		d.publish(letter("a", 1))
		settle(72 * time.Hour)
		got := r.of("a1")
		if len(got) != 49 || len(d.letters()) != 0 {
			t.Fatalf("ran %d times, dead letters %q", len(got), d.letters())
		}
		for i, x := range got {
			if late := x.when.Sub(begin) - time.Duration(i)*time.Hour; x.attempt != 1 || late < 0 || late > time.Second {
				t.Errorf("run %d: attempt %d, %v late", i, x.attempt, late)
			}
		}
	})
}

// A message that needs a system that is down uses up no attempt however long that takes; its pauses grow with its wait, and
// it dies as unavailable when it has waited for as long as it may, and not before.
func TestDown(t *testing.T) {
	for name, x := range map[string]struct {
		back   time.Duration // the system is, after so long; 0: never
		after  time.Duration // that the system asks for
		own    time.Duration // how long this message may wait; 0: as the plan says
		letter string
	}{
		"ten minutes":       {back: 10 * time.Minute},
		"two days":          {back: 48 * time.Hour},
		"never":             {letter: `t/g a1 unavailable attempt 1 body "a 1": it waited for 72h0m0s, the last: crm.create: unavailable`},
		"asks for a month":  {after: 30 * 24 * time.Hour, letter: `t/g a1 unavailable attempt 1 body "a 1": it waited for 72h0m0s, the last: crm.create: unavailable`},
		"until the next":    {own: time.Hour, letter: `t/g a1 unavailable attempt 1 body "a 1": it waited for 1h0m0s, the last: crm.create: unavailable`},
		"asks for an hour":  {back: 10 * time.Minute, after: time.Hour},
		"asks for a second": {back: time.Minute, after: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			var r runs
			var begin time.Time
			backoff := messaging.Backoff{First: time.Second, Max: 10 * time.Minute, Attempts: 2, RetryFor: 72 * time.Hour}
			at(t, messaging.Work{Backoff: backoff, Handle: func(_ context.Context, m messaging.Message) error {
				r.add(m)
				if m.ID == "a1" && (x.back == 0 || time.Since(begin) < x.back) {
					return fmt.Errorf("step 2: %w", &messaging.Retry{Down: true, After: x.after, For: x.own, Err: errors.New("crm.create: unavailable")})
				}
				return nil
			}}, func(d *desk, c *messaging.Consumer) {
				begin = time.Now()
				d.publish(letter("a", 1), letter("b", 1))
				settle(96 * time.Hour)
				got := r.of("a1")
				for i, run := range got {
					if run.attempt != 1 {
						t.Errorf("run %d: attempt %d", i, run.attempt)
					}
					if i == 0 {
						continue
					}
					pause, waited := run.when.Sub(got[i-1].when), got[i-1].when.Sub(begin)
					last := x.letter != "" && i == len(got)-1
					if least := max(min(waited, backoff.Max, 72*time.Hour)/2, time.Second/2, x.after); pause < least && !last ||
						pause > max(backoff.Max, x.after)+time.Second {
						t.Errorf("run %d: pause of %v after %v", i, pause, waited)
					}
				}
				if x.letter != "" {
					if l := d.letters(); len(l) != 1 || l[0] != x.letter {
						t.Errorf("dead letters %q", l)
					}
					return
				}
				if late := got[len(got)-1].when.Sub(begin) - x.back; late < 0 || late > max(backoff.Max, x.after)+time.Second || len(d.letters()) != 0 {
					t.Errorf("done %v after the system was back, dead letters %q", late, d.letters())
				}
			})
		})
	}
}

// Dead ends a message at once; the ack follows only when the letter is kept.
func TestDead(t *testing.T) {
	var r runs
	at(t, messaging.Work{Handle: func(_ context.Context, m messaging.Message) error {
		r.add(m)
		return &messaging.Dead{Reason: "no-such-street", Detail: "the address is unknown to the land register"}
	}}, func(d *desk, c *messaging.Consumer) {
		full := errors.New("disk full")
		d.set(full, full)
		d.publish(letter("a", 1))
		settle(time.Minute)
		if st := c.Stats(); len(r.of("a1")) != 0 || st.Deferred < 10 || st.Retried != 0 {
			t.Errorf("while the inbox cannot be asked: handled %d times, %+v", len(r.of("a1")), st)
		}
		d.set(nil, full)
		settle(time.Minute)
		if st := c.Stats(); len(r.of("a1")) < 10 || st.Dead != 0 || st.Done != 0 || st.Retried != 0 {
			t.Errorf("while no letter can be kept: handled %d times, %+v", len(r.of("a1")), st)
		}
		d.set(nil, nil)
		settle(time.Minute)
		want := `t/g a1 no-such-street attempt 1 body "a 1": the address is unknown to the land register`
		if l := d.letters(); len(l) != 1 || l[0] != want {
			t.Errorf("dead letters %q", l)
		}
	})
}

// Row K06: a message that panics its handler dies after its attempts, others flow, and what the panic said stays out.
func TestPanic(t *testing.T) {
	var r runs
	at(t, messaging.Work{Backoff: messaging.Backoff{Attempts: 3}, Handle: func(_ context.Context, m messaging.Message) error {
		r.add(m)
		if m.Key == "poison" {
			panic("RSSMRA80A01L736Z")
		}
		return nil
	}}, func(d *desk, c *messaging.Consumer) {
		d.publish(letter("poison", 1), letter("good", 1), letter("poison", 2))
		settle(time.Minute)
		l := d.letters()
		if len(l) != 2 || len(r.of("poison1")) != 3 || len(r.of("good1")) != 1 {
			t.Fatalf("letters %q, runs %v", l, r.list)
		}
		if !strings.Contains(l[0], "poison1 panic attempt 3") || !strings.Contains(l[0], "consumer_test.go:") ||
			strings.Contains(l[0], "RSSMRA") {
			t.Errorf("the letter says %s", l[0])
		}
		if st := c.Stats(); st.Panics != 6 || st.Dead != 2 || st.Done != 1 {
			t.Errorf("%+v", st)
		}
	})
}

// Paused: nothing is taken, nothing uses up an attempt, no dead letter is made; it ends by its time or by Resume.
func TestPause(t *testing.T) {
	var r runs
	at(t, messaging.Work{Handle: func(_ context.Context, m messaging.Message) error { r.add(m); return nil }},
		func(d *desk, c *messaging.Consumer) {
			begin := time.Now()
			c.Pause(begin.Add(10 * time.Minute))
			for i := range 200 {
				d.publish(letter(fmt.Sprint("k", i), 1))
			}
			settle(10*time.Minute - time.Second)
			if st := c.Stats(); st.Taken != 0 || !st.Paused {
				t.Errorf("paused: %+v", st)
			}
			settle(2 * time.Second)
			if st := c.Stats(); st.Done != 200 || st.Deferred != 0 || st.Paused {
				t.Errorf("after the pause: %+v", st)
			}
			for _, x := range r.list {
				if x.attempt != 1 {
					t.Errorf("%s came as attempt %d", x.id, x.attempt)
				}
			}
			c.Pause(time.Time{})
			d.publish(letter("late", 1))
			settle(24 * time.Hour)
			if len(r.of("late1")) != 0 {
				t.Error("taken in a pause without an end")
			}
			c.Resume()
			settle(time.Second)
			if len(r.of("late1")) != 1 {
				t.Error("not taken after Resume")
			}
			c.Pause(time.Now().Add(time.Hour)) // a stop while paused ends at once
		})
}

// What is delivered twice is handled once; while the inbox cannot be written a finished message is held, not repeated.
func TestInbox(t *testing.T) {
	var r runs
	var d2 *desk
	at(t, messaging.Work{Handle: func(_ context.Context, m messaging.Message) error {
		r.add(m)
		if m.ID == "b1" {
			d2.set(errors.New("disk full"), nil) // between the work and its note
		}
		return nil
	}}, func(d *desk, c *messaging.Consumer) {
		d2 = d
		d.publish(letter("a", 1), letter("a", 1), letter("a", 1))
		settle(time.Second)
		if st := c.Stats(); len(r.of("a1")) != 1 || st.Done != 1 || st.Repeated != 2 {
			t.Errorf("ran %d times, %+v", len(r.of("a1")), st)
		}
		other := letter("a", 1)
		other.Source = "/other" // ids are unique within their source
		d.publish(other)
		settle(time.Second)
		if len(r.of("a1")) != 2 {
			t.Error("a message of another source was taken for a repetition")
		}
		d.publish(letter("b", 1))
		settle(time.Hour)
		if st := c.Stats(); st.InFlight != 1 {
			t.Errorf("a finished message that cannot be noted: %+v", st)
		}
		d.set(nil, nil)
		settle(time.Hour)
		if st := c.Stats(); len(r.of("b1")) != 1 || st.Done != 3 {
			t.Errorf("b1 ran %d times, %+v", len(r.of("b1")), st)
		}
	})
}

// Stop takes nothing more, lets what is in hand finish, and gives the rest back without using up an attempt.
func TestStop(t *testing.T) {
	for _, patience := range []time.Duration{time.Minute, time.Second} {
		var r runs
		var mu sync.Mutex
		cut := 0
		at(t, messaging.Work{Workers: 4, Handle: func(ctx context.Context, m messaging.Message) error {
			r.add(m)
			select {
			case <-time.After(10 * time.Second):
				return nil
			case <-ctx.Done():
				mu.Lock()
				defer mu.Unlock()
				cut++
				return ctx.Err()
			}
		}}, func(d *desk, c *messaging.Consumer) {
			for i := range 20 {
				d.publish(letter(fmt.Sprint("k", i), 1))
			}
			settle(time.Second)
			ctx, end := context.WithTimeout(context.Background(), patience)
			defer end()
			begin := time.Now()
			err := c.Stop(ctx)
			took := time.Since(begin)
			st := c.Stats()
			if patience == time.Minute && (err != nil || st.Done != 4 || st.Deferred != 0 || cut != 0 || took > 11*time.Second) {
				t.Errorf("a patient stop: %v after %v, %+v, %d cut short", err, took, st, cut)
			}
			if patience == time.Second && (!errors.Is(err, context.DeadlineExceeded) || st.Done != 0 || st.Deferred != 4 || st.Retried != 0 ||
				cut != 4 || took > 2*time.Second) {
				t.Errorf("a short stop: %v after %v, %+v, %d cut short", err, took, st, cut)
			}
			// All the others, and those cut short, are there for the next, as a first attempt.
			s, _ := d.broker.Subscriber("g", messaging.Options{})
			defer s.Close()
			in, err := s.Subscribe(context.Background(), "t")
			if err != nil {
				t.Fatal(err)
			}
			for range 20 - st.Done {
				e := <-in
				if m, _ := messaging.Received(e); m.Attempt != 1 {
					t.Errorf("%s comes as attempt %d", m.ID, m.Attempt)
				}
				e.Ack()
			}
		})
	}
}

// Due times over a simulated day: nothing early, nothing twice, nothing forgotten.
func TestADay(t *testing.T) {
	var r runs
	at(t, messaging.Work{Handle: func(_ context.Context, m messaging.Message) error { r.add(m); return nil }},
		func(d *desk, c *messaging.Consumer) {
			begin := time.Now()
			dues := map[string]time.Time{}
			for i := range 24 * 12 {
				m := letter(fmt.Sprint("k", i), 1)
				m.Due = begin.Add(time.Duration((i*7919)%(24*60)) * time.Minute)
				dues[m.ID] = m.Due
				d.publish(m)
			}
			settle(25 * time.Hour)
			for id, due := range dues {
				got := r.of(id)
				if len(got) != 1 || got[0].when.Before(due) || got[0].when.After(due.Add(time.Second)) {
					t.Errorf("%s due after %v: %v", id, due.Sub(begin), got)
				}
			}
		})
}

func TestConsumerNeedsItsParts(t *testing.T) {
	if _, err := messaging.NewConsumer(messaging.Work{Topic: "t"}); err == nil || !strings.Contains(err.Error(), "a group, a handler") {
		t.Error(err)
	}
}
