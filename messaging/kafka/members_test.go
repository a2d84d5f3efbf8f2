package kafka

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
)

// consumeMany is another process: it reads several topics for one group, subscribed to by racing goroutines, and writes
// "topic id" to its output for each message before it acks it.
func consumeMany(address, instance, topics string) error {
	b, err := Open(Options{Brokers: []string{address}, Instance: instance, Session: 10 * time.Second})
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	var mu sync.Mutex
	list := strings.Split(topics, ",")
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	for _, topic := range list {
		s, err := b.Subscriber("g", messaging.Options{InFlight: 16})
		if err != nil {
			return err
		}
		running.Go(func() {
			in, err := s.Subscribe(context.Background(), topic)
			if err != nil {
				return
			}
			for e := range in {
				mu.Lock()
				fmt.Println(topic, e.ID)
				mu.Unlock()
				e.Ack()
			}
		})
	}
	running.Wait()
	return b.Health()
}

// TestMembersRestart: a process with a name that reads several topics for one group goes on with all of them after each
// kill -9, in whatever order its subscriptions begin.
func TestMembersRestart(t *testing.T) {
	const perTopic = 24
	restarts := inLong(20, 5)
	topics := []string{"a", "b", "c", "d"}
	n := kafkatest.New(t)
	b := opened(t, options(n))
	ensure(t, b, topics...)
	var mu sync.Mutex
	seen := map[string]bool{}
	var reading sync.WaitGroup
	start := func() (kill func()) {
		c := exec.Command(os.Args[0], "node-a", strings.Join(topics, ","))
		c.Env = append(os.Environ(), "FONDACO_TEST_CONSUME_MANY="+n.Addr)
		c.Stderr = os.Stderr
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		reading.Go(func() {
			for lines := bufio.NewScanner(out); lines.Scan(); {
				mu.Lock()
				seen[lines.Text()] = true
				mu.Unlock()
			}
		})
		return sync.OnceFunc(func() {
			_ = c.Process.Kill()
			_ = c.Wait()
		})
	}
	kill := start()
	defer func() { kill(); reading.Wait() }()
	for round := range restarts + 1 {
		if round > 0 {
			kill()
			kill = start()
		}
		for _, topic := range topics {
			batch := make([]messaging.Message, perTopic)
			for i := range batch {
				batch[i] = messaging.Message{ID: fmt.Sprintf("%d-%d", round, i), Key: fmt.Sprint("k", i), Type: "t", Source: "/s"}
			}
			if err := messaging.Publish(t.Context(), b, topic, batch...); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		eventually(t, 30*time.Second, fmt.Sprintf("all topics go on after restart %d", round), func() error {
			mu.Lock()
			defer mu.Unlock()
			var silent []error
			for _, topic := range topics {
				missing := 0
				for i := range perTopic {
					if !seen[fmt.Sprintf("%s %d-%d", topic, round, i)] {
						missing++
					}
				}
				if missing > 0 {
					silent = append(silent, fmt.Errorf("topic %s: %d of %d messages did not come", topic, missing, perTopic))
				}
			}
			return errors.Join(silent...)
		})
		if round > 0 {
			t.Logf("restart %d: all was handled %v later", round, time.Since(began).Round(time.Millisecond))
		}
	}
}

// TestMemberName: a name belongs to one instance, topic and number, and the cluster takes it.
func TestMemberName(t *testing.T) {
	long := strings.Repeat("x", 200)
	names := map[string]string{}
	for _, instance := range []string{"web", "web-a", "web.a", long} {
		for _, topic := range []string{"a", "a-1", "a.1", "1", "a.a", long, long[1:]} {
			for _, n := range []int{1, 2, 11} {
				name, is := memberName(instance, topic, n), fmt.Sprint(instance, " ", topic, " ", n)
				if other := names[name]; other != "" {
					t.Errorf("%q names %s and %s", name, is, other)
				}
				names[name] = is
				if len(name) > nameBytes {
					t.Errorf("%q has %d bytes", name, len(name))
				}
				if name != memberName(instance, topic, n) {
					t.Errorf("%s has two names", is)
				}
			}
		}
	}
	if strings.ContainsFunc(memberName("node-1", "segnalazioni_nuove", 1), func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789._-", r)
	}) {
		t.Error(memberName("node-1", "segnalazioni_nuove", 1))
	}
}
