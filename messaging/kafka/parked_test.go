package kafka

import (
	"testing"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
	"fondaco/messaging/messagingtest"
)

// TestManyWait: on one partition.
func TestManyWait(t *testing.T) {
	o := options(kafkatest.New(t))
	o.Partitions = 1
	ensure(t, opened(t, o), "t")
	messagingtest.ManyWait(t, messagingtest.Many{Bytes: 500, Asks: true, Open: func() messaging.Broker {
		b, err := Open(o)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}})
}
