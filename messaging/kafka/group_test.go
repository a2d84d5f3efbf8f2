package kafka

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
)

// TestRebalance: members come and go under load; nothing is lost, nothing is turned round, little is doubled, and the
// rest goes on.
func TestRebalance(t *testing.T) {
	const keys, inFlight, turns = 40, 16, 3
	n := kafkatest.New(t)
	open := func(instance string) *Broker {
		o := options(n)
		o.Instance = instance
		return opened(t, o)
	}
	first := open("node-a")
	ensure(t, first, "t")
	l := newLedger(t)
	var handling, publishing sync.WaitGroup
	join := func(b *Broker) (leave func()) {
		s, err := b.Subscriber("g", messaging.Options{InFlight: inFlight})
		if err != nil {
			t.Fatal(err)
		}
		in, err := s.Subscribe(t.Context(), "t")
		if err != nil {
			t.Fatal(err)
		}
		handling.Go(func() { l.handle(in, func(messaging.Message) { <-time.After(5 * time.Millisecond) }) })
		return func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	leave := join(first)
	stop := make(chan struct{})
	for k := range keys {
		publishing.Go(func() { l.publish(first, "t", fmt.Sprint("k", k), stop, 10*time.Millisecond) })
	}
	second := open("node-b")
	<-time.After(2 * time.Second)
	l.longest()
	for range turns {
		leaveSecond := join(second)
		<-time.After(2 * time.Second)
		joined := l.longest()
		leaveSecond()
		<-time.After(2 * time.Second)
		left := l.longest()
		t.Logf("longest silence while a member joined %v, while it left %v", joined.Round(time.Millisecond), left.Round(time.Millisecond))
		if most := time.Second; joined > most || left > most { // 300 ms on a machine that does nothing else
			t.Errorf("the rest stood still for over %v", most)
		}
	}
	close(stop)
	publishing.Wait()
	accepted, doubled := l.settle(20 * time.Second)
	if accepted < 1000 {
		t.Errorf("only %d were accepted: the load was none", accepted)
	}
	if most := 2 * turns * inFlight; doubled > most {
		t.Errorf("%d came twice; at most %d, what was in flight at the changes, were expected", doubled, most)
	}
	leave()
	handling.Wait()
}

// TestCommittedLag: what is acked is committed soon after, on a topic where nothing else happens.
func TestCommittedLag(t *testing.T) {
	n := kafkatest.New(t)
	o := options(n)
	o.Partitions = 1
	b := opened(t, o)
	ensure(t, b, "t")
	in := subscribed(t, b, "g", "t", 4)
	var lags []time.Duration
	for i := range 20 {
		publishSome(t, b, "t", i, i+1)
		next(t, in).Ack()
		acked := time.Now()
		for committedOffset(t, b, "g", "t", 0) != int64(i+1) {
			if time.Since(acked) > 10*time.Second {
				t.Fatal("it is not committed after 10 s")
			}
		}
		lags = append(lags, time.Since(acked))
	}
	slices.Sort(lags)
	t.Logf("committed %v after the ack (median), %v at most", lags[10].Round(time.Millisecond), lags[19].Round(time.Millisecond))
	if lags[10] > 200*time.Millisecond {
		t.Errorf("the median is over 200 ms")
	}
}

// consumeUntilKilled is another process: it writes each message to its output before it acks it.
func consumeUntilKilled(address, instance, topic string) error {
	b, err := Open(Options{Brokers: []string{address}, Instance: instance, Session: 2 * time.Second})
	if err != nil {
		return err
	}
	s, err := b.Subscriber("g", messaging.Options{InFlight: 16})
	if err != nil {
		return err
	}
	in, err := s.Subscribe(context.Background(), topic)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	for e := range in {
		go func() {
			m, _ := messaging.Received(e)
			mu.Lock()
			fmt.Println(m.Key, m.ID, string(m.Body))
			mu.Unlock()
			<-time.After(2 * time.Millisecond)
			e.Ack()
		}()
	}
	return b.Health()
}

// TestProcessKilled: kill -9 of one of two processes of a group under load, again and again.
func TestProcessKilled(t *testing.T) {
	const keys, kills = 40, 6
	n := kafkatest.New(t)
	b := opened(t, options(n))
	ensure(t, b, "t")
	l := newLedger(t)
	var reading, publishing sync.WaitGroup
	start := func(instance string) (kill func(), firstAfter func() time.Duration) {
		c := exec.Command(os.Args[0], instance, "t")
		c.Env = append(os.Environ(), "FONDACO_TEST_CONSUME="+n.Addr)
		c.Stderr = os.Stderr
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		first := make(chan time.Duration, 1)
		reading.Go(func() {
			for lines := bufio.NewScanner(out); lines.Scan(); {
				select {
				case first <- time.Since(began):
				default:
				}
				f := strings.Fields(lines.Text())
				if len(f) == 3 { // the last line of a killed process may be half
					l.note(messaging.Message{Key: f[0], ID: f[1], Body: []byte(f[2])})
				}
			}
		})
		return func() {
				_ = c.Process.Kill()
				_ = c.Wait()
			}, func() time.Duration {
				select {
				case d := <-first:
					return d
				case <-time.After(20 * time.Second):
					t.Error("no message came in 20 s")
					return 20 * time.Second
				}
			}
	}
	killA, firstA := start("node-a")
	killB, firstB := start("node-b")
	stop := make(chan struct{})
	for k := range keys {
		publishing.Go(func() { l.publish(b, "t", fmt.Sprint("k", k), stop, 20*time.Millisecond) })
	}
	firstA()
	firstB()
	for range kills {
		<-time.After(time.Second)
		killA()
		killA, firstA = start("node-a")
		t.Logf("the first message %v after the restart", firstA().Round(time.Millisecond))
	}
	<-time.After(time.Second)
	close(stop)
	publishing.Wait()
	accepted, doubled := l.settle(20 * time.Second)
	if accepted < 1000 {
		t.Errorf("only %d were accepted: the load was none", accepted)
	}
	// In flight are 16; and what is finished is committed within 150 ms, in which a member handles 300 at this load.
	if most := kills * (16 + 300); doubled > most {
		t.Errorf("%d came twice; at most %d were expected", doubled, most)
	}
	killA()
	killB()
	reading.Wait()
}
