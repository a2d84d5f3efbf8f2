package kafka

import (
	"time"

	"github.com/IBM/sarama"
)

const (
	silence = 4 * time.Second // without an answer, after which the cluster counts as out of reach
	commit  = 50 * time.Millisecond
)

// connection is what all our connections have in common.
func (o Options) connection() *sarama.Config {
	c := sarama.NewConfig()
	c.ClientID = o.ClientID
	c.Version = sarama.V2_8_0_0 // the oldest with the ids of topics; newer brokers support it
	c.Net.DialTimeout, c.Net.ReadTimeout, c.Net.WriteTimeout = 3*time.Second, 5*time.Second, 5*time.Second
	c.Net.TLS.Enable, c.Net.TLS.Config = o.TLS != nil, o.TLS
	o.sasl(c)
	c.Metadata.Full, c.Metadata.AllowAutoTopicCreation = false, false
	c.Metadata.RefreshFrequency = time.Minute
	c.Metadata.Retry.Max, c.Metadata.Retry.Backoff = 3, 100*time.Millisecond
	c.Metadata.Timeout = 5 * time.Second
	return c
}

// asking: the brokers are learnt at once, without naming a topic.
func (o Options) asking() *sarama.Config {
	c := o.connection()
	c.Metadata.Full = true
	c.Metadata.RefreshFrequency = 10 * time.Minute
	return c
}

// producing: nothing is accepted before all in-sync copies have it, in order, once. There is no linger: what comes while
// a batch is on its way is the next batch.
func (o Options) producing() *sarama.Config {
	c := o.connection()
	c.Net.MaxOpenRequests = 1
	p := &c.Producer
	p.RequiredAcks, p.Idempotent = sarama.WaitForAll, true
	p.Timeout = 4 * time.Second
	p.MaxMessageBytes = o.largest()
	p.Partitioner = sarama.NewMurmur2Partitioner
	p.Return.Successes, p.Return.Errors = true, true
	p.Retry.Backoff = 100 * time.Millisecond
	p.Retry.Max = max(1, int(o.Timeout/p.Retry.Backoff)) // nobody waits longer
	return c
}

// consuming: committed offsets are those marked, in the background. Where the cluster has no offset a group begins with the
// earliest message; where it has
// one that is out of range it stops. Rebalances take from a member only what another is to have.
func (o Options) consuming(instance string) *sarama.Config {
	c := o.connection()
	c.Net.ReadTimeout = 10 * time.Second
	c.Metadata.Retry.Max, c.Metadata.Retry.Backoff = 10, 250*time.Millisecond
	r := &c.Consumer
	r.Return.Errors = true
	r.IsolationLevel = sarama.ReadCommitted
	r.MaxWaitTime = 100 * time.Millisecond
	r.Retry.Backoff = 250 * time.Millisecond
	r.Fetch.MaxBytes = 16 << 20
	r.Offsets.Initial = sarama.OffsetOldest
	r.Offsets.AutoCommit.Interval = commit
	g := &r.Group
	g.InstanceId = instance
	g.ResetInvalidOffsets = false
	g.Session.Timeout, g.Heartbeat.Interval = o.Session, min(200*time.Millisecond, o.Session/4)
	g.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategyCooperativeSticky()}
	g.Rebalance.Timeout = max(5*time.Second, 2*o.Grace)
	g.Rebalance.Retry.Max, g.Rebalance.Retry.Backoff = 10, 200*time.Millisecond
	return c
}
