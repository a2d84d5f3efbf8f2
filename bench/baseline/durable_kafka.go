package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/IBM/sarama"
)

// log is durable work by hand with a cluster of Kafka: requests wait on a topic, which a consumer group reads, and the database has
// what became of each.
type log struct {
	states   *queue
	topic    string
	producer sarama.AsyncProducer
}

// openLog makes a topic of 12 partitions, and has its requests worked on.
func openLog(ctx context.Context, broker, topic, database string) (*log, error) {
	states, err := openDatabase(ctx, database)
	if err != nil {
		return nil, err
	}
	states.done = "insert into job (id, state, body, answer) values ($2, 'done', '', $1) on conflict (id) do nothing"
	c := sarama.NewConfig()
	c.Version = sarama.V2_8_0_0
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Producer.Return.Successes = true
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	admin, err := sarama.NewClusterAdmin([]string{broker}, c)
	if err != nil {
		return nil, err
	}
	defer func() { _ = admin.Close() }()
	if err := admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 12, ReplicationFactor: 1}, false); err != nil {
		return nil, err
	}
	l := &log{states: states, topic: topic}
	if l.producer, err = sarama.NewAsyncProducer([]string{broker}, c); err != nil {
		return nil, err
	}
	group, err := sarama.NewConsumerGroup([]string{broker}, topic, c)
	if err != nil {
		return nil, err
	}
	go l.answers()
	go func() {
		for {
			if err := group.Consume(ctx, []string{topic}, l); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
	}()
	return l, nil
}

// answers tells each request what became of its message.
func (l *log) answers() {
	for {
		select {
		case m := <-l.producer.Successes():
			m.Metadata.(chan error) <- nil
		case err := <-l.producer.Errors():
			err.Msg.Metadata.(chan error) <- err
		}
	}
}

// accept answers 202 once the request is on all replicas.
func (l *log) accept(w http.ResponseWriter, r *http.Request) {
	var d small
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&d); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	body, err := json.Marshal(&d)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	id, done := strings.ToLower(rand.Text()), make(chan error, 1)
	l.producer.Input() <- &sarama.ProducerMessage{
		Topic: l.topic, Key: sarama.StringEncoder(id), Value: sarama.ByteEncoder(body), Metadata: done,
	}
	if err := <-done; err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Location", "/operations/"+id)
	w.WriteHeader(http.StatusAccepted)
}

func (l *log) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (l *log) Cleanup(sarama.ConsumerGroupSession) error { return nil }

// ConsumeClaim does all requests of a partition that have come, has the database keep their answers, and marks them then.
func (l *log) ConsumeClaim(s sarama.ConsumerGroupSession, c sarama.ConsumerGroupClaim) error {
	for first := range c.Messages() {
		group := []*sarama.ConsumerMessage{first}
	more:
		for len(group) < 1024 {
			select {
			case m, open := <-c.Messages():
				if !open {
					break more
				}
				group = append(group, m)
			default:
				break more
			}
		}
		done := make(chan error, len(group))
		for _, m := range group {
			var d small
			_ = json.Unmarshal(m.Value, &d)
			answer, _ := json.Marshal(map[string]int64{"id": d.ID})
			l.states.writes <- write{l.states.done, []any{answer, string(m.Key)}, done}
		}
		for range group {
			if err := <-done; err != nil {
				return err
			}
		}
		s.MarkMessage(group[len(group)-1], "")
	}
	return nil
}
