package messaging_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"fondaco/messaging"
)

// sealedSubscriber gives out messages that are to be opened, each again until it is acked.
type sealedSubscriber map[string]messaging.OpenSealed

func (s sealedSubscriber) Close() error { return nil }

func (s sealedSubscriber) Subscribe(ctx context.Context, _ string) (<-chan *messaging.Envelope, error) {
	out := make(chan *messaging.Envelope)
	var giving sync.WaitGroup
	for id, open := range s {
		giving.Go(func() {
			for acked := make(chan bool, 1); ctx.Err() == nil; {
				e := messaging.Deliver(ctx, messaging.Delivery{
					Headers: []messaging.Attribute{{Name: "ce_id", Value: id}, {Name: "ce_source", Value: "/s"}}, Attempt: 1, Open: open,
					Ended: func(_ *messaging.Envelope, is bool) { acked <- is },
				})
				select {
				case out <- e:
				case <-ctx.Done():
					return
				}
				select {
				case is := <-acked:
					if is {
						return
					}
				case <-ctx.Done():
					return
				}
			}
		})
	}
	go func() {
		giving.Wait()
		close(out)
	}()
	return out, nil
}

// TestSealedMessages: a message that is encrypted is opened by its worker. What cannot be opened yet comes again, and costs no attempt;
// what never can is a letter; of one that was erased the work ends as cancelled.
func TestSealedMessages(t *testing.T) {
	whole := messaging.Message{ID: "good", Source: "/s", Type: "t", Key: "k", Body: []byte("body")}
	var mu sync.Mutex
	tries, handled, erased := 0, []string{}, []string{}
	d := &desk{T: t, seen: map[string]bool{}}
	c, err := messaging.NewConsumer(messaging.Work{
		Topic: "t", Group: "g", Dead: d, Inbox: d, Backoff: messaging.Backoff{First: time.Millisecond, Max: time.Millisecond, Attempts: 2},
		Handle: func(_ context.Context, m messaging.Message) error {
			mu.Lock()
			defer mu.Unlock()
			handled = append(handled, m.ID+" "+m.Key+" "+string(m.Body))
			return nil
		},
		Erased: func(_ context.Context, m messaging.Message) error {
			mu.Lock()
			defer mu.Unlock()
			if erased = append(erased, m.Identity()); len(erased) == 1 {
				return errors.New("the state is away")
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Run(t.Context(), sealedSubscriber{
		"good": func(context.Context) ([]messaging.Attribute, []byte, error) {
			mu.Lock()
			defer mu.Unlock()
			if tries++; tries <= 5 { // more often than there are attempts
				return nil, nil, errors.New("the state is away")
			}
			return whole.Headers(), whole.Body, nil
		},
		"gone": func(context.Context) ([]messaging.Attribute, []byte, error) { return nil, nil, messaging.ErrErased },
		"bad": func(context.Context) ([]messaging.Attribute, []byte, error) {
			return nil, nil, &messaging.Flaw{Reason: messaging.Corrupt, Detail: "altered"}
		},
	})
	if err == nil {
		t.Error("the subscription has ended, and Run says nothing")
	}
	if !slices.Equal(handled, []string{"good k body"}) || !slices.Equal(erased, []string{"/s gone", "/s gone"}) {
		t.Errorf("handled are %v, erased %v", handled, erased)
	}
	if list := d.letters(); len(list) != 1 || list[0] != `t/g bad corrupt attempt 1 body "": altered` {
		t.Errorf("the letters are %q", list)
	}
	if s := c.Stats(); s.Cancelled != 1 || s.Done != 1 || s.Dead != 1 || s.Retried != 0 {
		t.Errorf("the account is %+v", s)
	}
	if !d.seen["t g /s good"] || d.seen["t g /s gone"] {
		t.Errorf("the inbox holds %v", d.seen)
	}
}
