package embedded

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"fondaco/messaging"
)

func small(key string, n int) messaging.Message {
	m := kilobyte(key, int64(n))
	m.Body = fmt.Append(nil, n)
	return m
}

func fillTopic(t *testing.T, b *Broker, n int, make func(i int) messaging.Message) {
	t.Helper()
	for i := 0; i < n; i += 1000 {
		var batch []messaging.Message
		for j := i; j < min(i+1000, n); j++ {
			batch = append(batch, make(j))
		}
		if err := messaging.Publish(t.Context(), b, "t", batch...); err != nil {
			t.Fatal(err)
		}
	}
}

func subscribed(t *testing.T, b *Broker, group string, inFlight int) (<-chan *messaging.Envelope, messaging.Subscriber) {
	t.Helper()
	s, err := b.Subscriber(group, messaging.Options{InFlight: inFlight})
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.Subscribe(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	return in, s
}

func received(t *testing.T, in <-chan *messaging.Envelope) (*messaging.Envelope, messaging.Message) {
	t.Helper()
	select {
	case e := <-in:
		m, flaw := messaging.Received(e)
		if flaw != nil {
			t.Fatal(flaw)
		}
		return e, m
	case <-time.After(2 * time.Minute):
		t.Fatal("nothing came in 2 minutes")
		return nil, messaging.Message{}
	}
}

// A key with one slow message and more behind it than the memory holds does not hide what comes after them; and then it
// comes in order, from memory and from the file.
func TestSlowKeyHidesNothing(t *testing.T) {
	b := opened(t)
	const n = cached + 2*scanRows
	fillTopic(t, b, n, func(i int) messaging.Message { return small("slow", i) })
	fillTopic(t, b, 1, func(int) messaging.Message { return small("other", 0) })
	in, s := subscribed(t, b, "g", 8)
	slow, m := received(t, in)
	if m.Key != "slow" {
		t.Fatalf("%s came first", m.ID)
	}
	other, m := received(t, in)
	if m.Key != "other" {
		t.Fatalf("%s came while its key is in hand", m.ID)
	}
	other.Ack()
	slow.Ack()
	const some = 1000
	q := b.topics["t"].queues[0]
	q.mu.Lock()
	if len(q.cache) != cached {
		t.Errorf("the content of %d messages is held; the test wants the bound of %d", len(q.cache), cached)
	}
	for seq := range q.cache { // as if they had been beyond it
		if seq%2 == 0 {
			q.uncache(seq)
		}
	}
	q.mu.Unlock()
	for i := 1; i < some; i++ {
		e, m := received(t, in)
		if string(m.Body) != fmt.Sprint(i) {
			t.Fatalf("%s came as number %d", m.ID, i)
		}
		e.Ack()
	}
	s.Close()
	account(t, b, "t", "g", n+1, some+1)
}

// What is published behind a slow message of its key is taken up as it is written, however much it is: nothing of it is
// read from the file, and what comes after it is not hidden.
func TestSlowKeyIsNotRead(t *testing.T) {
	b := opened(t)
	fillTopic(t, b, 1, func(i int) messaging.Message { return small("slow", i) })
	in, s := subscribed(t, b, "g", 8)
	defer s.Close()
	if _, m := received(t, in); m.Key != "slow" {
		t.Fatalf("%s came first", m.ID)
	}
	f := b.file.Load()
	f.scan.Close() // who reads the log now fails, and Health reports it
	const n = cached + 4*scanRows
	fillTopic(t, b, n, func(i int) messaging.Message { return small("slow", i+1) })
	fillTopic(t, b, 1, func(int) messaging.Message { return small("other", 0) })
	if _, m := received(t, in); m.Key != "other" {
		t.Errorf("%s came while its key is in hand", m.ID)
	}
	if err := b.Health(); err != nil {
		t.Errorf("what was just written is read: %v", err)
	}
	q := b.topics["t"].queues[0]
	q.mu.Lock()
	defer q.mu.Unlock()
	if held := len(q.cache); held != cached {
		t.Errorf("the content of %d messages is held; the bound is %d", held, cached)
	}
	if l := q.lane(&entry{key: "slow"}); l == nil || len(l.rest) != n {
		t.Errorf("%d messages are known behind the slow one; expected %d", len(l.rest), n)
	}
}

// A backlog lies in the file, not in memory.
func TestBacklogIsNotInMemory(t *testing.T) {
	b := opened(t)
	const n, size = 8_000, 12 << 10
	body := make([]byte, size)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	fillTopic(t, b, n, func(i int) messaging.Message {
		m := small(fmt.Sprint("k", i%5000), i)
		m.Body = body
		return m
	})
	before := heap()
	in, s := subscribed(t, b, "g", 16)
	defer s.Close()
	most := uint64(0)
	for i := range n {
		e, _ := received(t, in)
		if i%5000 == 0 {
			most = max(most, heap())
		}
		e.Ack()
	}
	if grown := int64(most) - int64(before); grown > heldBytes+heldBytes/2 {
		t.Errorf("%d MB of memory for a backlog of %d MB; at most %d MB may be held", grown>>20, n*size>>20, heldBytes>>20)
	} else {
		t.Logf("%d MB of memory for a backlog of %d MB", grown>>20, n*size>>20)
	}
}

// A publish whose time runs out before the writer took it is taken back; after that its outcome is unknown.
func TestPublishGivenUp(t *testing.T) {
	held, going := make(chan struct{}, 1), make(chan struct{})
	b, err := openWith(t.Context(), filepath.Join(t.TempDir(), "topics.db"), Options{}, faults{commit: func() error {
		select {
		case held <- struct{}{}:
		default:
		}
		<-going
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	ctx, end := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer end()
	inHand := make(chan error)
	go func() { inHand <- messaging.Publish(ctx, b, "t", small("k", 1)) }()
	<-held
	err = messaging.Publish(ctx, b, "t", small("k", 2))
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, messaging.ErrUnknown) {
		t.Errorf("not yet taken up: %v", err)
	}
	if err := <-inHand; !errors.Is(err, messaging.ErrUnknown) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("being written: %v", err)
	}
	close(going)
	in, s := subscribed(t, b, "g", 8)
	e, m := received(t, in)
	if m.ID != "k-1" {
		t.Errorf("%s came", m.ID)
	}
	e.Ack()
	s.Close()
	account(t, b, "t", "g", 1, 1)
}

// P8 rests on these settings of the connection that writes; a kill cannot show that they are missing.
func TestWritesAreSynced(t *testing.T) {
	b := opened(t)
	var mode string
	var synchronous int
	f := b.file.Load()
	if err := f.conn.QueryRowContext(t.Context(), "select (select journal_mode from pragma_journal_mode), (select synchronous from "+
		"pragma_synchronous)").Scan(&mode, &synchronous); err != nil || mode != "wal" || synchronous != 2 {
		t.Errorf("journal_mode %s, synchronous %d, %v; expected wal and 2 (FULL)", mode, synchronous, err)
	}
}
