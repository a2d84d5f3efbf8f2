package kafkatest

import (
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"
)

// Record is what a program that is not ours writes to a topic, or reads from one.
type Record struct {
	Key, Value string
	Null       bool // without a value: a tombstone
	Headers    [][2]string
}

// Produce writes records to a topic as a program that is not ours does: headers and all as they are given.
func (n *Node) Produce(topic string, records ...Record) {
	n.t.Helper()
	c := sarama.NewConfig()
	c.Producer.Return.Successes = true
	c.Version = sarama.V2_8_0_0
	// A node under load may answer late: what is sent again is not written twice.
	c.Producer.Idempotent, c.Producer.RequiredAcks, c.Net.MaxOpenRequests = true, sarama.WaitForAll, 1
	c.Producer.Retry.Max, c.Producer.Retry.Backoff, c.Producer.Timeout = 30, time.Second, 30*time.Second
	p, err := sarama.NewSyncProducer([]string{n.Addr}, c)
	n.must(err)
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
	err = p.SendMessages(list)
	var failed sarama.ProducerErrors
	if errors.As(err, &failed) {
		err = fmt.Errorf("%w The first: %w", err, failed[0].Err)
	}
	n.must(err)
	n.must(p.Close())
}
