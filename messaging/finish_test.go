package messaging

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// notingInbox notes how many ids were stored at each moment, and how many by its first call.
type notingInbox struct {
	mu    sync.Mutex
	began time.Time
	first int
	at    map[time.Duration]int
}

func (*notingInbox) Seen(context.Context, string, string, string) (bool, error) { return false, nil }

func (i *notingInbox) Done(_ context.Context, _, _ string, ids ...string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.first == 0 {
		i.first = len(ids)
	}
	i.at[time.Since(i.began)] += len(ids)
	return nil
}

// TestFinishedTogether: what is finished alone is stored at once; while many are, those that come soon are stored with them,
// and no batch waits once it is large enough. Of a burst that waits for nothing the finisher may take a part and then the rest,
// as the processor allows: only the moment is promised.
func TestFinishedTogether(t *testing.T) {
	for _, c := range []struct {
		name  string
		burst []int // how many are finished, a millisecond after one another
		first int   // how many are stored together first
		want  map[time.Duration]int
	}{
		{"one", []int{1}, 1, map[time.Duration]int{0: 1}},
		{"few", []int{16, 16}, 16, map[time.Duration]int{0: 16, time.Millisecond: 16}},
		{"many", []int{17, 20, 0, 5}, 37, map[time.Duration]int{2 * time.Millisecond: 37, 3 * time.Millisecond: 5}},
		{"as many as it takes", []int{100, 28, 1}, 128, map[time.Duration]int{time.Millisecond: 128, 2 * time.Millisecond: 1}},
		{"more than it takes", []int{300}, 300, map[time.Duration]int{0: 300}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inbox := &notingInbox{began: time.Now(), at: map[time.Duration]int{}}
				consumer, err := NewConsumer(Work{
					Topic: "t", Group: "g", Handle: func(context.Context, Message) error { return nil }, Dead: noLetters{}, Inbox: inbox, Workers: 64,
				})
				if err != nil {
					t.Fatal(err)
				}
				all, n := []*Envelope{}, 0
				var over sync.WaitGroup
				for i, burst := range c.burst {
					if i > 0 {
						time.Sleep(time.Millisecond)
					}
					for range burst {
						n++
						e := NewEnvelope(fmt.Sprint(n), nil)
						all = append(all, e)
						consumer.finish(finished{envelope: e, id: e.ID})
					}
					if i == 0 {
						over.Go(func() { consumer.finisher(t.Context()) })
					}
					synctest.Wait()
				}
				time.Sleep(time.Second)
				close(consumer.finished)
				over.Wait()
				if inbox.first != c.first || !maps.Equal(inbox.at, c.want) {
					t.Errorf("stored %d first and %v in all, expected %d and %v", inbox.first, inbox.at, c.first, c.want)
				}
				for _, e := range all {
					select {
					case <-e.Acked():
					default:
						t.Errorf("message %s is not acked", e.ID)
					}
				}
			})
		})
	}
}

type noLetters struct{}

func (noLetters) Keep(context.Context, string, string, Message, Reason, string, string) error {
	return nil
}

func (noLetters) Settle(context.Context, string, string, Message, bool) error { return nil }
