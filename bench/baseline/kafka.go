package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/IBM/sarama"
)

// records fills a topic of 12 partitions with CloudEvents of the body.
func records(broker, topic string, count int, body []byte) error {
	c := sarama.NewConfig()
	c.Version = sarama.V2_8_0_0
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Producer.Return.Successes = true
	admin, err := sarama.NewClusterAdmin([]string{broker}, c)
	if err != nil {
		return err
	}
	defer func() { _ = admin.Close() }()
	if err := admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 12, ReplicationFactor: 1}, false); err != nil {
		return err
	}
	p, err := sarama.NewAsyncProducer([]string{broker}, c)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	header := func(k, v string) sarama.RecordHeader { return sarama.RecordHeader{Key: []byte(k), Value: []byte(v)} }
	go func() {
		for i := range count {
			id := strconv.Itoa(i)
			p.Input() <- &sarama.ProducerMessage{
				Topic: topic, Key: sarama.StringEncoder("k" + strconv.Itoa(i%997)), Value: sarama.ByteEncoder(body),
				Headers: []sarama.RecordHeader{
					header("ce_specversion", "1.0"), header("ce_id", id), header("ce_type", topic), header("ce_source", "/bench"),
					header("content-type", "application/json"),
				},
			}
		}
	}()
	for range count {
		select {
		case <-p.Successes():
		case err := <-p.Errors():
			return err
		}
	}
	return nil
}

// mover is a consumer by hand: each partition's records go to a system one after the other, and are marked when it has
// them.
type mover struct {
	client *http.Client
	to     string
}

func (m *mover) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (m *mover) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (m *mover) ConsumeClaim(s sarama.ConsumerGroupSession, c sarama.ConsumerGroupClaim) error {
	for r := range c.Messages() {
		for m.put(s.Context(), r.Value) != nil {
			if s.Context().Err() != nil {
				return nil //nolint:nilerr // the session is over
			}
		}
		s.MarkMessage(r, "")
	}
	return nil
}

func (m *mover) put(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, m.to, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := m.client.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("the system says %s", res.Status)
	}
	return nil
}

// consume works until it is ended.
func consume(broker, topic, group, to string, client *http.Client) error {
	c := sarama.NewConfig()
	c.Version = sarama.V2_8_0_0
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	g, err := sarama.NewConsumerGroup([]string{broker}, group, c)
	if err != nil {
		return err
	}
	for {
		if err := g.Consume(context.Background(), []string{topic}, &mover{client, to}); err != nil {
			return err
		}
	}
}
