package kafkatest

import "github.com/IBM/sarama"

// Record is what a program that is not ours writes to a topic.
type Record struct {
	Key, Value string
	Headers    [][2]string
}

// Produce writes records to a topic as a program that is not ours does: headers and all as they are given.
func (n *Node) Produce(topic string, records ...Record) {
	n.t.Helper()
	c := sarama.NewConfig()
	c.Producer.Return.Successes = true
	c.Version = sarama.V2_8_0_0
	p, err := sarama.NewSyncProducer([]string{n.Addr}, c)
	n.must(err)
	list := make([]*sarama.ProducerMessage, len(records))
	for i, r := range records {
		list[i] = &sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder(r.Value)}
		if r.Key != "" {
			list[i].Key = sarama.StringEncoder(r.Key)
		}
		for _, h := range r.Headers {
			list[i].Headers = append(list[i].Headers, sarama.RecordHeader{Key: []byte(h[0]), Value: []byte(h[1])})
		}
	}
	n.must(p.SendMessages(list))
	n.must(p.Close())
}
