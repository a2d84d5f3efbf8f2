package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
)

// memory is a messaging.Seen.
type memory struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (m *memory) Seen(topic, group string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen[topic+" "+group]
}

func (m *memory) See(topic, group string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = map[string]bool{}
	}
	m.seen[topic+" "+group] = true
	return nil
}

func (m *memory) Forget(topic, group string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.seen, topic+" "+group)
	return nil
}

func ofProject(n *kafkatest.Node, project string) Options {
	o := options(n)
	o.Project = project
	return o
}

func keep(t testing.TB, b *Broker, topic string, readers ...messaging.Reader) {
	t.Helper()
	if err := b.Keep(messaging.Kept{Topic: topic, Readers: readers}); err != nil {
		t.Fatal(err)
	}
}

func event(id, key string) messaging.Message {
	return messaging.Message{ID: id, Key: key, Type: "t", Source: "/s", Body: []byte(id)}
}

func publish(t testing.TB, b *Broker, topic string, list ...messaging.Message) {
	t.Helper()
	eventually(t, 30*time.Second, "publish", func() error { return messaging.Publish(t.Context(), b, topic, list...) })
}

// ids takes n messages, acks them and returns their ids in the order of their coming.
func ids(t testing.TB, in <-chan *messaging.Envelope, n int) []string {
	t.Helper()
	var list []string
	for range n {
		e := next(t, in)
		list = append(list, e.ID)
		e.Ack()
	}
	return list
}

func quiet(t testing.TB, in <-chan *messaging.Envelope, d time.Duration) {
	t.Helper()
	select {
	case e := <-in:
		t.Errorf("%s came, which nobody expected", e.ID)
	case <-time.After(d):
	}
}

// TestTakenOver: what waits in topics and for groups of names without the project's is handled under the new names, in the
// order of each key, with its due times; what was finished does not come again.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	groups := map[string]string{"fondaco.segnala": "fondaco", "crm.ticket": "avvisa"}
	due := time.Now().Add(15 * time.Second)
	finished := map[string]map[string]bool{}
	old := opened(t, options(n))
	for topic, group := range groups {
		ensure(t, old, topic)
		for i := range 30 {
			m := event(fmt.Sprint(i), fmt.Sprint("k", i%5))
			if i == 29 {
				m.Key, m.Due = "later", due
			}
			publish(t, old, topic, m)
		}
		s, err := old.Subscriber(group, messaging.Options{InFlight: 5})
		if err != nil {
			t.Fatal(err)
		}
		in, err := s.Subscribe(t.Context(), topic)
		if err != nil {
			t.Fatal(err)
		}
		finished[topic] = map[string]bool{}
		for range 9 { // one of k0 and one of k1 stay in hand, so that what is finished lies scattered
			e := next(t, in)
			if m, _ := messaging.Received(e); m.Key != "k0" && m.Key != "k1" {
				finished[topic][m.ID] = true
				e.Ack()
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	b := opened(t, ofProject(n, "dime"))
	for topic, group := range groups {
		keep(t, b, topic, messaging.Reader{Group: group, From: messaging.Now})
		in := subscribed(t, b, group, topic, 5)
		last := map[string]int{}
		for range 30 - len(finished[topic]) {
			var e *messaging.Envelope
			select {
			case e = <-in:
			case <-time.After(2 * time.Minute):
				t.Fatalf("of %s only %d came: %v", topic, len(finished[topic]), b.Health())
			}
			m, _ := messaging.Received(e)
			var number int
			if _, err := fmt.Sscan(m.ID, &number); err != nil {
				t.Fatal(err)
			}
			switch {
			case finished[topic][m.ID]:
				t.Errorf("%s of %s came, which was finished", m.ID, topic)
			case number < last[m.Key]:
				t.Errorf("%s of %s came after %d", m.ID, topic, last[m.Key])
			case m.Key == "later" && time.Now().Before(due):
				t.Errorf("%s came before it was due", m.ID)
			}
			finished[topic][m.ID] = true
			last[m.Key] = number
			e.Ack()
		}
		quiet(t, in, 300*time.Millisecond)
	}
	if err := b.Health(); err != nil {
		t.Error(err)
	}
}

// TestProjectsApart: two projects of equal routes on one cluster get what is theirs.
func TestProjectsApart(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	ins := map[string]<-chan *messaging.Envelope{}
	for _, project := range []string{"dime", "altra"} {
		b := opened(t, ofProject(n, project))
		keep(t, b, "fondaco.segnala", messaging.Reader{Group: "fondaco"})
		keep(t, b, "shared", messaging.Reader{Group: "avvisa"})
		for i := range 10 {
			publish(t, b, "fondaco.segnala", event(fmt.Sprint(project, i), fmt.Sprint(i)))
		}
		ins[project] = subscribed(t, b, "fondaco", "fondaco.segnala", 4)
		ins[project+" shared"] = subscribed(t, b, "avvisa", "shared", 4)
		if project == "altra" {
			publish(t, b, "shared", event("to all", "k"))
		}
	}
	for _, project := range []string{"dime", "altra"} {
		for _, id := range ids(t, ins[project], 10) {
			if !strings.HasPrefix(id, project) {
				t.Errorf("%s got %s", project, id)
			}
		}
		if list := ids(t, ins[project+" shared"], 1); list[0] != "to all" {
			t.Errorf("%s got %v of the shared topic", project, list)
		}
		quiet(t, ins[project], 100*time.Millisecond)
	}
}

// TestOlderProcess: while a process of an older version reads a declared topic for the project's group, the place of that
// group is its own; when it has ended what it did not finish is done here.
func TestOlderProcess(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	old := opened(t, options(n))
	ensure(t, old, "crm.ticket")
	publish(t, old, "crm.ticket", event("1", "k"), event("2", "k"))
	s, err := old.Subscriber("avvisa", messaging.Options{InFlight: 1})
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.Subscribe(t.Context(), "crm.ticket")
	if err != nil {
		t.Fatal(err)
	}
	ids(t, in, 1)
	b := opened(t, ofProject(n, "dime"))
	keep(t, b, "crm.ticket", messaging.Reader{Group: "avvisa", From: messaging.Now})
	mine := subscribed(t, b, "avvisa", "crm.ticket", 4)
	publish(t, b, "crm.ticket", event("3", "k"))
	eventually(t, 20*time.Second, "health", func() error {
		if err := b.Health(); err == nil || !strings.Contains(err.Error(), "former name") {
			return errors.Join(errors.New("expected that the former name is mentioned"), err)
		}
		return nil
	})
	quiet(t, mine, 300*time.Millisecond)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if list := ids(t, mine, 2); list[0] != "2" || list[1] != "3" {
		t.Errorf("came %v, expected 2 and 3", list)
	}
	eventually(t, 5*time.Second, "health", b.Health)
}

// TestFrom: a new group begins with what is published after it was seen, or with the beginning if that is said; its place
// is durable before the first message.
func TestFrom(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	o := ofProject(n, "dime")
	o.Seen = &memory{}
	before := opened(t, o)
	ensure(t, before, "t")
	publish(t, before, "t", event("history", "k"))
	b, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	keep(t, b, "t", messaging.Reader{Group: "new", From: messaging.Now}, messaging.Reader{Group: "all", From: messaging.Beginning})
	publish(t, b, "t", event("first", "k"))
	if err := b.Close(); err != nil { // nobody has subscribed
		t.Fatal(err)
	}
	publish(t, before, "t", event("second", "k"))
	b = opened(t, o)
	keep(t, b, "t", messaging.Reader{Group: "new", From: messaging.Now}, messaging.Reader{Group: "all", From: messaging.Beginning})
	for group, want := range map[string]string{"new": "[first second]", "all": "[history first second]"} {
		in := subscribed(t, b, group, "t", 4)
		if list := ids(t, in, strings.Count(want, " ")+1); fmt.Sprint(list) != want {
			t.Errorf("%s got %v, expected %s", group, list, want)
		}
		quiet(t, in, 200*time.Millisecond)
	}
}

// TestPlaceGone: a group that is known and has no place any more is not taken for a new one.
func TestPlaceGone(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	o := ofProject(n, "dime")
	o.Seen = &memory{}
	told := make(chan error, 8)
	o.Stopped = func(_, _ string, err error) { told <- err }
	before := opened(t, options(n))
	b, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	reader := messaging.Reader{Group: "g", From: messaging.Now}
	keep(t, b, "t", reader)
	publish(t, b, "t", event("1", "k"))
	s, err := b.Subscriber("g", messaging.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.Subscribe(context.Background(), "t")
	if err != nil {
		t.Fatal(err)
	}
	ids(t, in, 1)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	publish(t, before, "t", event("2", "k"))
	if err := administrator(t, n).DeleteConsumerGroup("fondaco.dime.g"); err != nil {
		t.Fatal(err)
	}
	b = opened(t, o)
	keep(t, b, "t", reader)
	s, err = b.Subscriber("g", messaging.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if in, err = s.Subscribe(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	stoppedBy(t, b, in, told, "the place of the group fondaco.dime.g on the topic t is gone")
}

// TestSigned: due times hold over a change of the address and of the secret: processes of a project without one agree on one
// in the cluster, and what a former one signed is accepted; what another signed is not.
func TestSigned(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	due := time.Now().Add(time.Hour)
	with := func(secret string, former ...string) *Broker {
		o := ofProject(n, "dime")
		o.Secret = []byte(secret)
		for _, f := range former {
			o.Former = append(o.Former, []byte(f))
		}
		b := opened(t, o)
		keep(t, b, "t", messaging.Reader{Group: "g"})
		return b
	}
	later := func(id string) messaging.Message {
		m := event(id, id)
		m.Due = due
		return m
	}
	publish(t, with(""), "t", later("one process"))
	publish(t, with(""), "t", later("another process"))
	publish(t, with("first"), "t", later("a configured secret"))
	publish(t, with("second", "first"), "t", later("a new secret"))
	publish(t, with("second", "first"), "t", event("now", "now"))
	in := subscribed(t, with("second", "first"), "g", "t", 8)
	if list := ids(t, in, 1); list[0] != "now" {
		t.Errorf("%s came before it was due", list[0])
	}
	quiet(t, in, time.Second)
	forged := opened(t, func() Options { o := options(n); o.Secret = []byte("forged"); return o }())
	publish(t, forged, "t", later("forged"))
	if list := ids(t, in, 1); list[0] != "forged" {
		t.Errorf("%s came", list[0])
	}
	quiet(t, in, 200*time.Millisecond)
}
