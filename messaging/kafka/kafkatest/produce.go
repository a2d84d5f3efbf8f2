package kafkatest

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/IBM/sarama"
)

// Record is what a program that is not ours writes to a topic, or reads from one.
type Record struct {
	Key, Value string
	Null       bool // without a value: a tombstone
	Headers    [][2]string
}

// Place is where a record that was written stands in its topic.
type Place struct {
	Partition int32
	Offset    int64
}

// Producer writes records as a program that is not ours does: headers and all as they are given. Its methods are called
// from one goroutine at a time.
type Producer struct{ producer sarama.SyncProducer }

// Producer connects to the node. The caller closes it.
func (s *Server) Producer() (*Producer, error) {
	c := sarama.NewConfig()
	c.Producer.Return.Successes = true
	c.Version = sarama.V2_8_0_0
	// A node under load may answer late: what is sent again is not written twice.
	c.Producer.Idempotent, c.Producer.RequiredAcks, c.Net.MaxOpenRequests = true, sarama.WaitForAll, 1
	c.Producer.Retry.Max, c.Producer.Retry.Backoff, c.Producer.Timeout = 30, time.Second, 30*time.Second
	p, err := sarama.NewSyncProducer([]string{s.Addr}, c)
	if err != nil {
		return nil, err
	}
	return &Producer{p}, nil
}

// Send writes records to a topic and returns where each stands. After an error some may have been written.
func (p *Producer) Send(topic string, records ...Record) ([]Place, error) {
	list := make([]*sarama.ProducerMessage, len(records))
	for i, r := range records {
		list[i] = &sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder(r.Value)}
		if r.Null {
			list[i].Value = nil
		}
		if r.Key != "" {
			list[i].Key = sarama.StringEncoder(r.Key)
		}
		for _, h := range r.Headers {
			list[i].Headers = append(list[i].Headers, sarama.RecordHeader{Key: []byte(h[0]), Value: []byte(h[1])})
		}
	}
	err := p.producer.SendMessages(list)
	var failed sarama.ProducerErrors
	if errors.As(err, &failed) {
		err = fmt.Errorf("%w The first: %w", err, failed[0].Err)
	}
	places := make([]Place, len(list))
	for i, m := range list {
		places[i] = Place{m.Partition, m.Offset}
	}
	return places, err
}

// Close ends the connection.
func (p *Producer) Close() error { return p.producer.Close() }

// Produce writes records to a topic as a program that is not ours does.
func (n *Node) Produce(topic string, records ...Record) {
	n.t.Helper()
	p, err := n.server.Producer()
	n.must(err)
	_, err = p.Send(topic, records...)
	n.must(err)
	n.must(p.Close())
}

// CreateTopic makes a topic with so many partitions, for records of up to 16 MiB, before a program of ours makes it with others.
func (s *Server) CreateTopic(topic string, partitions int32) error {
	c, most := sarama.NewConfig(), strconv.Itoa(16<<20)
	c.Version = sarama.V2_8_0_0
	admin, err := sarama.NewClusterAdmin([]string{s.Addr}, c)
	if err != nil {
		return err
	}
	return errors.Join(admin.CreateTopic(topic, &sarama.TopicDetail{
		NumPartitions: partitions, ReplicationFactor: 1,
		ConfigEntries: map[string]*string{"max.message.bytes": &most},
	}, false), admin.Close())
}
