package kafka

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
	"github.com/IBM/sarama"
)

func administrator(t testing.TB, n *kafkatest.Node) sarama.ClusterAdmin {
	t.Helper()
	c := sarama.NewConfig()
	c.Version = sarama.V2_8_0_0
	admin, err := sarama.NewClusterAdmin([]string{n.Addr}, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close() })
	return admin
}

func publishSome(t testing.TB, b *Broker, topic string, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		m := messaging.Message{ID: fmt.Sprint(i), Key: "k", Type: "t", Source: "/s", Body: fmt.Append(nil, i)}
		if err := messaging.Publish(t.Context(), b, topic, m); err != nil {
			t.Fatal(err)
		}
	}
}

// stoppedBy expects that the subscription ends by itself and delivers no message, and that everybody is told why.
func stoppedBy(t testing.TB, b *Broker, in <-chan *messaging.Envelope, told <-chan error, says string) {
	t.Helper()
	select {
	case e, open := <-in:
		if open {
			t.Fatalf("message %s came: what was before it was skipped silently", e.ID)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("the subscription goes on after 2 minutes")
	}
	select {
	case err := <-told:
		if !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "topic t, group ") {
			t.Errorf("told %q; expected %q", err, says)
		}
	case <-time.After(2 * time.Minute):
		t.Error("nobody was told")
	}
	if err := b.Health(); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("health reports %v", err)
	}
}

// TestGone: what a group should read next is gone, in all the ways: it stops and reports why, and skips nothing silently.
func TestGone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		running bool // while it is subscribed; else between two subscriptions
		breaks  func(t *testing.T, n *kafkatest.Node, b *Broker)
		says    string
	}{
		{"log cut off between", false, func(t *testing.T, n *kafkatest.Node, b *Broker) {
			publishSome(t, b, "t", 5, 20)
			if err := administrator(t, n).DeleteRecords("t", map[int32]int64{0: 15}); err != nil {
				t.Fatal(err)
			}
		}, "should be read next is not there"},
		{"topic made again between, longer", false, func(t *testing.T, n *kafkatest.Node, b *Broker) {
			again(t, n, b)
			publishSome(t, b, "t", 100, 120)
			restore(t, b, "t", 5)
		}, "was deleted and made again"},
		{"topic made again between, shorter", false, func(t *testing.T, n *kafkatest.Node, b *Broker) {
			again(t, n, b)
			publishSome(t, b, "t", 100, 102)
			restore(t, b, "t", 5)
		}, "made again"},
		{"topic made again while running", true, func(t *testing.T, n *kafkatest.Node, b *Broker) {
			again(t, n, b)
		}, "made again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := kafkatest.New(t)
			told := make(chan error, 8)
			o := options(n)
			o.Partitions, o.Instance = 1, "node-a"
			o.Stopped = func(topic, group string, err error) { told <- err }
			b := opened(t, o)
			ensure(t, b, "t")
			publishSome(t, b, "t", 0, 5)
			s, err := b.Subscriber("g", messaging.Options{})
			if err != nil {
				t.Fatal(err)
			}
			in, err := s.Subscribe(t.Context(), "t")
			if err != nil {
				t.Fatal(err)
			}
			for range 5 {
				next(t, in).Ack()
			}
			eventually(t, 10*time.Second, "commit", func() error {
				if at := committedOffset(t, b, "g", "t", 0); at != 5 {
					return fmt.Errorf("committed %d", at)
				}
				return nil
			})
			if c.running {
				c.breaks(t, n, b)
				stoppedBy(t, b, in, told, c.says)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if err := b.Health(); err != nil {
				t.Errorf("health after the subscriber's close: %v", err)
			}
			if c.running {
				return
			}
			c.breaks(t, n, b)
			s, err = b.Subscriber("g", messaging.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			in, err = s.Subscribe(t.Context(), "t")
			if err != nil {
				t.Fatal(err)
			}
			stoppedBy(t, b, in, told, c.says)
		})
	}
}

// again deletes the topic and makes it anew.
func again(t *testing.T, n *kafkatest.Node, b *Broker) {
	t.Helper()
	admin := administrator(t, n)
	if err := admin.DeleteTopic("t"); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "deletion", func() error {
		all, err := admin.ListTopics()
		if _, there := all["t"]; err != nil || there {
			return errors.Join(err, errors.New("the topic is there"))
		}
		return nil
	})
	ensure(t, b, "t")
	eventually(t, 10*time.Second, "publish to the new topic", func() error {
		return messaging.Publish(t.Context(), b, "t", messaging.Message{ID: "new", Type: "t", Source: "/s"})
	})
}

// restore puts the group's former offset back, as an older broker keeps it beyond the topic's deletion, or a mirror
// copies it.
func restore(t *testing.T, b *Broker, topic string, offset int64) {
	t.Helper()
	coordinator, err := b.control.Coordinator("g")
	if err != nil {
		t.Fatal(err)
	}
	former := newProgress(sarama.Uuid{1, 2, 3}, offset)
	r := &sarama.OffsetCommitRequest{Version: 2, ConsumerGroup: "g", ConsumerGroupGeneration: -1, RetentionTime: -1}
	r.AddBlock(topic, 0, offset, 0, former.encode(metadataBytes))
	answer, err := coordinator.CommitOffset(r)
	if err != nil || answer.Errors[topic][0] != sarama.ErrNoError {
		t.Fatal(err, answer.Errors)
	}
}
