package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"fondaco/messaging"
)

// What all groups finished is gone from the file, which does not grow; what one lacks is kept.
func TestFinishedIsRemoved(t *testing.T) {
	b := opened(t)
	one, s1 := subscribed(t, b, "one", 64)
	two, s2 := subscribed(t, b, "two", 64)
	const rounds, each = 12, 300
	sizes := []int64{}
	for range rounds {
		fillTopic(t, b, each, func(i int) messaging.Message { return kilobyte(fmt.Sprint("k", i%7), int64(i)) })
		for _, in := range []<-chan *messaging.Envelope{one, two} {
			for range each {
				e, _ := received(t, in)
				e.Ack()
			}
		}
		info, err := os.Stat(b.path)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, info.Size())
	}
	s1.Close()
	fillTopic(t, b, 10, func(i int) messaging.Message { return small("k", i) })
	for range 10 {
		e, _ := received(t, two)
		e.Ack()
	}
	s2.Close()
	account(t, b, "t", "one", rounds*each+10, rounds*each)
	account(t, b, "t", "two", rounds*each+10, rounds*each+10)
	var messages, marks, later int
	if err := b.file.Load().read.QueryRow("select (select count(*) from message), (select count(*) from finished), (select count(*) "+
		"from again)").Scan(&messages, &marks, &later); err != nil {
		t.Fatal(err)
	}
	if messages != 10 || marks != 10 || later != 0 {
		t.Errorf("%d messages, %d marks, %d deferrals in the file; expected the 10 that one group lacks and a mark each", messages, marks, later)
	}
	if last := sizes[rounds-1]; last > 4*sizes[4]+(4<<20) {
		t.Errorf("the file grows: %v", sizes)
	}
}

// The counts hold over a restart, and a group that comes late counts from what is kept.
func TestCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "topics.db")
	b, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	fillTopic(t, b, 10, func(i int) messaging.Message { return small(fmt.Sprint("k", i), i) })
	if c, err := b.Counts(t.Context()); err != nil || len(c) != 1 || c[0].Group != "" || c[0].Accepted != 10 || c[0].Waiting != 10 ||
		time.Since(c[0].Oldest) > time.Minute {
		t.Errorf("a topic without a group: %+v, %v", c, err)
	}
	in, s := subscribed(t, b, "early", 64)
	for range 4 {
		e, _ := received(t, in)
		e.Ack()
	}
	e, _ := received(t, in)
	messaging.Defer(e, time.Now().Add(time.Hour), true)
	e.Nack()
	s.Close()
	_, s = subscribed(t, b, "late", 64)
	s.Close()
	b.Close()
	if b, err = Open(t.Context(), path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	account(t, b, "t", "early", 10, 4)
	account(t, b, "t", "late", 6, 0)
	in, s = subscribed(t, b, "late", 64)
	for range 6 {
		e, _ := received(t, in)
		e.Ack()
	}
	s.Close()
	account(t, b, "t", "late", 6, 6)
}

// A group that is no more holds nothing back.
func TestForget(t *testing.T) {
	b := opened(t)
	in, s := subscribed(t, b, "stays", 64)
	_, gone := subscribed(t, b, "gone", 64)
	fillTopic(t, b, 20, func(i int) messaging.Message { return small(fmt.Sprint("k", i), i) })
	for range 15 {
		e, _ := received(t, in)
		e.Ack()
	}
	if err := b.Forget(t.Context(), "t", "gone"); err == nil || errors.Is(err, ErrNoGroup) {
		t.Errorf("forgotten while somebody is subscribed: %v", err)
	}
	gone.Close()
	eventually(t, "all acks are durable", func() bool {
		counts, err := b.Counts(t.Context())
		return err == nil && counts[1].Finished == 15
	})
	if err := b.Forget(t.Context(), "t", "gone"); err != nil {
		t.Fatal(err)
	}
	if err := b.Forget(t.Context(), "t", "gone"); !errors.Is(err, ErrNoGroup) {
		t.Errorf("forgotten twice: %v", err)
	}
	count := func() (messages, marks int) {
		if err := b.file.Load().read.QueryRow("select (select count(*) from message), (select count(*) from finished)").
			Scan(&messages, &marks); err != nil {
			t.Fatal(err)
		}
		return messages, marks
	}
	if messages, marks := count(); messages != 5 || marks != 0 {
		t.Errorf("%d messages, %d marks are kept; the group that stays lacks 5", messages, marks)
	}
	for range 5 {
		e, _ := received(t, in)
		e.Ack()
	}
	s.Close()
	account(t, b, "t", "stays", 20, 20)
	fillTopic(t, b, 3, func(i int) messaging.Message { return small("late", i) })
	if err := b.Forget(t.Context(), "t", "stays"); err != nil {
		t.Fatal(err)
	}
	if messages, _ := count(); messages != 3 {
		t.Errorf("%d messages; the last group takes none with it", messages)
	}
	again, s := subscribed(t, b, "stays", 64)
	for i := range 3 {
		e, m := received(t, again)
		if string(m.Body) != fmt.Sprint(i) {
			t.Errorf("%s came to a new group of the name", m.ID)
		}
		e.Ack()
	}
	s.Close()
	account(t, b, "t", "stays", 3, 3)
}

// Groups that come and go while messages are accepted and acked: every group's account stays right, nothing is left over.
func TestGroupsComeAndGo(t *testing.T) {
	b := opened(t)
	const publishers, each = 4, 200
	in, stays := subscribed(t, b, "stays", 32)
	var all sync.WaitGroup
	for p := range publishers {
		all.Go(func() {
			for i := range each {
				if err := messaging.Publish(t.Context(), b, "t", small(fmt.Sprint("p", p), i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() {
		for range publishers * each {
			(<-in).Ack()
		}
	})
	passing := 0
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	for going := true; going; passing++ {
		name := fmt.Sprint("passes", passing%3)
		in, s := subscribed(t, b, name, 32)
		for i := range 40 {
			select {
			case e := <-in:
				if i%2 == 0 {
					e.Ack()
				} else {
					e.Nack()
				}
			case <-done:
				going = false
			}
		}
		s.Close()
		if passing%2 == 0 {
			if err := b.Forget(t.Context(), "t", name); err != nil {
				t.Error(err)
			}
		}
	}
	stays.Close()
	account(t, b, "t", "stays", publishers*each, publishers*each)
	counts, err := b.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range counts {
		if c.Group != "stays" {
			account(t, b, "t", c.Group, c.Accepted, c.Finished)
			if err := b.Forget(t.Context(), "t", c.Group); err != nil {
				t.Error(err)
			}
		}
	}
	var messages, marks, later int
	if err := b.file.Load().read.QueryRow("select (select count(*) from message), (select count(*) from finished), (select count(*) "+
		"from again)").Scan(&messages, &marks, &later); err != nil || messages+marks+later != 0 {
		t.Errorf("%d messages, %d marks, %d deferrals are left over, %v", messages, marks, later, err)
	}
	t.Logf("%d groups passed", passing)
}
