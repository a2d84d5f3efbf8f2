package letters

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/embedded"
	"fondaco/store"
	"fondaco/store/sqlite"
)

// house is a desk on a real state and real topics, and a consumer that can be started.
type house struct {
	*testing.T
	state  *sqlite.Store
	broker *embedded.Broker
	desk   *Desk
	log    *lines
	worked atomic.Int64
	dies   atomic.Bool
}

type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{T: t, log: &lines{}}
	dir := t.TempDir()
	var err error
	if h.state, err = sqlite.Open(t.Context(), filepath.Join(dir, "state.db"), sqlite.Options{Project: "p"}); err != nil {
		t.Fatal(err)
	}
	if h.broker, err = embedded.Open(t.Context(), filepath.Join(dir, "topics.db"), embedded.Options{Project: "p"}); err != nil {
		t.Fatal(err)
	}
	h.again(h.broker)
	t.Cleanup(func() {
		if err := errors.Join(h.broker.Close(), h.state.Close()); err != nil {
			t.Error(err)
		}
	})
	return h
}

// again makes the desk anew, as a process does that starts.
func (h *house) again(p messaging.Publisher) {
	h.desk = New(h.state, p, func(string, string) string { return "r" }, nil, slog.New(slog.NewTextHandler(h.log, nil)))
}

type box struct{ store.Inbox }

func (b box) Done(ctx context.Context, topic, group string, ids ...string) error {
	return b.Inbox.Done(ctx, topic, group, time.Now(), ids...)
}

// work consumes the topic for the group until the test ends.
func (h *house) work(topic, group string) {
	h.Helper()
	c, err := messaging.NewConsumer(messaging.Work{
		Topic: topic, Group: group, Dead: h.desk, Inbox: box{h.state.Inbox()},
		Handle: func(context.Context, messaging.Message) error {
			if h.dies.Load() {
				return &messaging.Dead{Reason: "refused", Detail: "no"}
			}
			h.worked.Add(1)
			return nil
		},
	})
	if err != nil {
		h.Fatal(err)
	}
	s, err := h.broker.Subscriber(group, messaging.Options{})
	if err != nil {
		h.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- c.Run(context.Background(), s) }()
	h.Cleanup(func() {
		if err := errors.Join(c.Stop(context.Background()), <-over, s.Close()); err != nil {
			h.Error(err)
		}
	})
}

func event(id string) messaging.Message {
	return messaging.Message{ID: id, Type: "t", Source: "/s", Time: time.Now(), Attempt: 1, Body: []byte(id)}
}

// letter keeps a message as one that could not be handled.
func (h *house) letter(topic string, m messaging.Message) string {
	h.Helper()
	if err := h.desk.Keep(h.Context(), topic, "g", m, "refused", "no", ""); err != nil {
		h.Fatal(err)
	}
	list, err := h.state.DeadLetters().List(h.Context(), store.LetterFilter{Topic: topic}, 1000, "")
	if err != nil || len(list) == 0 {
		h.Fatal(err, len(list))
	}
	return list[len(list)-1].ID
}

func (h *house) get(id string) store.DeadLetter {
	h.Helper()
	l, err := h.state.DeadLetters().Get(h.Context(), id)
	if err != nil {
		h.Fatal(err)
	}
	return l
}

func (h *house) eventually(f func() string) {
	h.Helper()
	last := ""
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if last = f(); last == "" {
			return
		}
	}
	h.Fatal(last)
}

func (h *house) accepted(topic string) (n int64) {
	counts, err := h.broker.Counts(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	for _, c := range counts {
		if c.Topic == topic {
			n = c.Accepted
		}
	}
	return n
}
