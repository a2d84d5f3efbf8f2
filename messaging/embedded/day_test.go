package embedded

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// waitingQueue is a queue whose messages wait for their time alone: nobody takes them, and none is read from a file.
func waitingQueue() *queue {
	q := newQueue(nil, &topic{}, 1, "g")
	q.active = true
	return q
}

// rang takes what has come due: what is ready, and what is to be read because its time has come.
func (q *queue) rang() []int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	var list []int64
	for e := q.ready.pop(); e != nil; e = q.ready.pop() {
		list = append(list, e.seq)
	}
	list = append(list, q.wanting...)
	q.wanting = nil
	return list
}

// TestADay: P13 over 24 hours of a thousand due times: each message comes due once, none early, none later than a timer's
// grain, however far off it was.
func TestADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 1000
		seed := rand.Uint64()
		random := rand.New(rand.NewPCG(seed, 1))
		q := waitingQueue()
		begin := time.Now()
		due := map[int64]time.Duration{}
		q.mu.Lock()
		for seq := range int64(many) {
			after := time.Duration(random.Int64N(int64(24 * time.Hour)))
			due[seq] = after
			q.add(&entry{seq: seq, key: fmt.Sprint("k", seq), due: begin.Add(after), loaded: true, size: 1})
		}
		q.mu.Unlock()
		const grain = 10 * time.Second
		seen := map[int64]bool{}
		for now := time.Duration(0); now <= 24*time.Hour; now += grain {
			synctest.Wait()
			for _, seq := range q.rang() {
				if seen[seq] || due[seq] > now || due[seq] < now-grain {
					t.Fatalf("seed %d: message %d, due after %s, came after %s; before: %t", seed, seq, due[seq], now, seen[seq])
				}
				seen[seq] = true
			}
			time.Sleep(grain)
		}
		if len(seen) != many {
			t.Errorf("seed %d: %d of %d messages came", seed, len(seen), many)
		}
		q.timer.Stop()
	})
}

// TestAClockThatJumps: a due time of the wall clock, as one read from a file, follows a jump of that clock within a
// minute; one of this process, as a retry's, is measured by the time that passes.
func TestAClockThatJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, x := range []struct {
			jump    time.Duration
			soonest time.Duration
			latest  time.Duration
		}{{2 * time.Hour, 0, farthest}, {-time.Hour, 3*time.Hour - time.Second, 3*time.Hour + farthest}} {
			q := waitingQueue()
			e := &entry{seq: 1, due: time.Now().Round(0).Add(2 * time.Hour), loaded: true, size: 1}
			q.mu.Lock()
			q.add(e)
			e.due = e.due.Add(-x.jump) // what the clock shows is that much later now
			q.mu.Unlock()
			begin := time.Now()
			for len(q.rang()) == 0 {
				if time.Since(begin) > 5*time.Hour {
					t.Fatalf("after a jump of %s the message never comes", x.jump)
				}
				time.Sleep(time.Second)
				synctest.Wait()
			}
			if took := time.Since(begin); took < x.soonest || took > x.latest+time.Second {
				t.Errorf("after a jump of %s the message came in %s, expected %s to %s", x.jump, took, x.soonest, x.latest)
			}
			q.timer.Stop()
		}
	})
}
