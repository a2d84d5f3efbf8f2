package kafkatest

import "github.com/IBM/sarama"

// CutOff removes all records that a topic has now, as a retention that is too short does, and returns how many offsets
// there were.
func (s *Server) CutOff(topic string) (offsets int64, err error) {
	c := sarama.NewConfig()
	c.Version = sarama.V2_8_0_0
	client, err := sarama.NewClient([]string{s.Addr}, c)
	if err != nil {
		return 0, err
	}
	admin, err := sarama.NewClusterAdminFromClient(client)
	if err != nil {
		_ = client.Close()
		return 0, err
	}
	defer func() { _ = admin.Close() }()
	partitions, err := client.Partitions(topic)
	if err != nil {
		return 0, err
	}
	ends := map[int32]int64{}
	for _, p := range partitions {
		if ends[p], err = client.GetOffset(topic, p, sarama.OffsetNewest); err != nil {
			return 0, err
		}
		offsets += ends[p]
	}
	return offsets, admin.DeleteRecords(topic, ends)
}
