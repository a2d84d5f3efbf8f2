package kafka

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// TestADay: P13 over 24 hours of a thousand due times in one partition: each message comes due once, none early, none
// later than the wait that was asked for; of a key in its order.
func TestADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 1000
		seed := rand.Uint64()
		random := rand.New(rand.NewPCG(seed, 1))
		l := lanes{last: map[string]*entry{}}
		begin := time.Now()
		last := map[string]int64{}
		for i := range int64(many) {
			l.add(&entry{offset: i, key: strconv.FormatInt(i%300, 10), due: begin.Add(time.Duration(random.Int64N(int64(24 * time.Hour)))), size: 1})
		}
		came := 0
		for {
			wait, waits := l.wake()
			for l.ready.len() > 0 {
				e := l.ready.pop()
				if early := time.Until(e.due); early > 0 {
					t.Fatalf("seed %d: message %d came %s early", seed, e.offset, early)
				}
				if before, ok := last[e.key]; ok && before >= e.offset {
					t.Fatalf("seed %d: of %s message %d came after %d", seed, e.key, e.offset, before)
				}
				last[e.key] = e.offset
				came++
				l.finished(e)
				wait, waits = l.wake()
			}
			if !waits {
				break
			}
			time.Sleep(min(wait, time.Minute))
		}
		if took := time.Since(begin); came != many || took > 24*time.Hour || l.count != 0 || l.bytes != 0 {
			t.Errorf("seed %d: %d of %d messages came in %s; %d are left", seed, came, many, took, l.count)
		}
	})
}
