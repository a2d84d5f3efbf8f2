package messaging

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

// notingInbox notes when how many ids were stored together.
type notingInbox struct {
	mu    sync.Mutex
	began time.Time
	calls []string
}

func (*notingInbox) Seen(context.Context, string, string, string) (bool, error) { return false, nil }

func (i *notingInbox) Done(_ context.Context, _, _ string, ids ...string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls = append(i.calls, fmt.Sprint(len(ids), " after ", time.Since(i.began)))
	return nil
}

// TestFinishedTogether: what is finished alone is stored at once; while many are, those that come soon are stored with them,
// and no batch waits once it is large enough.
func TestFinishedTogether(t *testing.T) {
	for _, c := range []struct {
		name  string
		burst []int // how many are finished, a millisecond after one another
		want  []string
	}{
		{"one", []int{1}, []string{"1 after 0s"}},
		{"few", []int{16, 16}, []string{"16 after 0s", "16 after 1ms"}},
		{"many", []int{17, 20, 0, 5}, []string{"37 after 2ms", "5 after 3ms"}},
		{"as many as it takes", []int{100, 28, 1}, []string{"128 after 1ms", "1 after 2ms"}},
		{"more than it takes", []int{300}, []string{"300 after 0s"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inbox := &notingInbox{began: time.Now()}
				consumer, err := NewConsumer(Work{
					Topic: "t", Group: "g", Handle: func(context.Context, Message) error { return nil }, Dead: noLetters{}, Inbox: inbox, Workers: 64,
				})
				if err != nil {
					t.Fatal(err)
				}
				all, n := []*message.Message{}, 0
				var over sync.WaitGroup
				for i, burst := range c.burst {
					if i > 0 {
						time.Sleep(time.Millisecond)
					}
					for range burst {
						n++
						e := message.NewMessage(fmt.Sprint(n), nil)
						all = append(all, e)
						consumer.finish(finished{envelope: e, id: e.UUID})
					}
					if i == 0 {
						over.Go(func() { consumer.finisher(t.Context()) })
					}
					synctest.Wait()
				}
				time.Sleep(time.Second)
				close(consumer.finished)
				over.Wait()
				if !slices.Equal(inbox.calls, c.want) {
					t.Errorf("stored %q, expected %q", inbox.calls, c.want)
				}
				for _, e := range all {
					select {
					case <-e.Acked():
					default:
						t.Errorf("message %s is not acked", e.UUID)
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
