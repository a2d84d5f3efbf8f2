package kafkatest

import (
	"errors"
	"time"

	"github.com/IBM/sarama"
)

// Records returns all that a topic holds now, partition by partition, as a program that is not ours reads it.
func (n *Node) Records(topic string) []Record {
	n.t.Helper()
	c := sarama.NewConfig()
	c.Version = sarama.V2_8_0_0
	client, err := sarama.NewClient([]string{n.Addr}, c)
	n.must(err)
	defer func() { _ = client.Close() }()
	consumer, err := sarama.NewConsumerFromClient(client)
	n.must(err)
	defer func() { _ = consumer.Close() }()
	partitions, err := client.Partitions(topic)
	n.must(err)
	var all []Record
	for _, p := range partitions {
		first, err := client.GetOffset(topic, p, sarama.OffsetOldest)
		n.must(err)
		end, err := client.GetOffset(topic, p, sarama.OffsetNewest)
		n.must(err)
		if first == end {
			continue
		}
		in, err := consumer.ConsumePartition(topic, p, first)
		n.must(err)
		for at := first; at < end; {
			select {
			case r := <-in.Messages():
				at = r.Offset + 1
				all = append(all, recordOf(r))
			case <-time.After(time.Minute):
				n.must(errors.New("a record that the topic holds was not given out within a minute"))
			}
		}
		n.must(in.Close())
	}
	return all
}

func recordOf(r *sarama.ConsumerMessage) Record {
	x := Record{Key: string(r.Key), Value: string(r.Value), Null: r.Value == nil}
	for _, h := range r.Headers {
		x.Headers = append(x.Headers, [2]string{string(h.Key), string(h.Value)})
	}
	return x
}
