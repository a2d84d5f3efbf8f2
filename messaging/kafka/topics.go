package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fondaco/messaging"
	"github.com/IBM/sarama"
)

// topicID returns the id that a topic has from its making to its deletion.
func topicID(client sarama.Client, topic string) (sarama.Uuid, error) {
	if len(client.Brokers()) == 0 { // nothing was asked yet
		if err := client.RefreshMetadata(topic); err != nil {
			return sarama.Uuid{}, fmt.Errorf("topic %s: %w", topic, err)
		}
	}
	err := errors.New("no broker is known")
	for _, broker := range client.Brokers() {
		_ = broker.Open(client.Config())
		var answer *sarama.MetadataResponse
		answer, err = broker.GetMetadata(sarama.NewMetadataRequest(client.Config().Version, []string{topic}))
		if err != nil {
			continue
		}
		for _, t := range answer.Topics {
			if t.Name != topic {
				continue
			}
			if errors.Is(t.Err, sarama.ErrUnknownTopicOrPartition) {
				return sarama.Uuid{}, fmt.Errorf("topic %s does not exist in Kafka: %w", topic, t.Err)
			}
			return t.Uuid, nil
		}
		err = fmt.Errorf("no answer about topic %s", topic)
	}
	return sarama.Uuid{}, err
}

// EnsureTopics makes the topics that are not there, with the partitions and copies of the options, and says in words
// what of those that are there risks losing what is accepted, or its order. It changes nothing of theirs. It waits for the
// cluster until ctx ends.
func (b *Broker) EnsureTopics(ctx context.Context, topics ...string) (warnings []string, err error) {
	for _, topic := range topics {
		if err := messaging.CheckName(topic); err != nil {
			return nil, err
		}
	}
	b.mu.Lock()
	for _, topic := range topics {
		b.know(topic, "")
	}
	b.mu.Unlock()
	select {
	case <-b.ready:
	case <-b.ctx.Done():
		return nil, messaging.ErrClosed
	case <-ctx.Done():
		return nil, fmt.Errorf("topics cannot be made: Kafka is not connected: %w", ctx.Err())
	}
	var admin sarama.ClusterAdmin // its Close would close the client
	replication, inSync := b.o.Replication, b.o.MinInSync
	if err := b.again(ctx, func() (err error) {
		if admin, err = sarama.NewClusterAdminFromClient(b.control); err != nil || replication > 0 {
			return err
		}
		brokers, _, err := admin.DescribeCluster()
		if err == nil && len(brokers) == 0 {
			err = errors.New("the cluster has no broker yet")
		}
		replication = int16(min(3, len(brokers)))
		return err
	}); err != nil {
		return nil, fmt.Errorf("topics cannot be made: %w", err)
	}
	if inSync <= 0 {
		inSync = max(1, int(replication)-1)
	}
	for _, named := range topics {
		topic := b.names().Topic(named)
		settings := map[string]*string{}
		for name, value := range map[string]int{"min.insync.replicas": inSync, "max.message.bytes": b.o.largest()} {
			text := strconv.Itoa(value)
			settings[name] = &text
		}
		err := b.again(ctx, func() error {
			return admin.CreateTopic(topic, &sarama.TopicDetail{
				NumPartitions: b.o.Partitions, ReplicationFactor: replication, ConfigEntries: settings,
			}, false)
		})
		if refusedToMake(err) { // a cluster says so of topics that are there, too
			if _, there := topicID(b.control, topic); there == nil {
				err = nil
			}
		}
		if err != nil && !errors.Is(err, sarama.ErrTopicAlreadyExists) {
			return warnings, fmt.Errorf("topic %s cannot be made: %w", topic, err)
		}
		var found []string
		if err := b.again(ctx, func() (err error) { found, err = b.examine(admin, topic); return err }); err != nil {
			return warnings, fmt.Errorf("topic %s cannot be examined: %w", topic, err)
		}
		warnings = append(warnings, found...)
	}
	return warnings, nil
}

// refusedToMake reports whether an error says that we have no right to make a topic.
func refusedToMake(err error) bool {
	return errors.Is(err, sarama.ErrTopicAuthorizationFailed) || errors.Is(err, sarama.ErrClusterAuthorizationFailed)
}

// again tries until it works or never can, as long as ctx allows: a cluster that has just begun, or that changes, says
// many things that do not last.
func (b *Broker) again(ctx context.Context, try func() error) error {
	for {
		err := try()
		var refused *sarama.TopicError
		var code sarama.KError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &refused) && refused.ErrMsg != nil && strings.Contains(*refused.ErrMsg, "fenced"): // its brokers are about to come
		case errors.As(err, &code) && slices.Contains(lasting, code):
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-b.ctx.Done():
			return messaging.ErrClosed
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// lasting are answers that do not change by asking again.
var lasting = []sarama.KError{
	sarama.ErrTopicAlreadyExists, sarama.ErrInvalidTopic, sarama.ErrInvalidPartitions, sarama.ErrInvalidReplicationFactor,
	sarama.ErrInvalidConfig,
	sarama.ErrPolicyViolation, sarama.ErrTopicAuthorizationFailed, sarama.ErrClusterAuthorizationFailed, sarama.ErrUnsupportedVersion,
	sarama.ErrSASLAuthenticationFailed,
}

// examine says in words what of a topic risks losing messages.
func (b *Broker) examine(admin sarama.ClusterAdmin, topic string) (warnings []string, err error) {
	described, err := admin.DescribeTopics([]string{topic})
	if err != nil {
		return nil, err
	}
	if len(described) != 1 {
		return nil, fmt.Errorf("%d answers about it", len(described))
	}
	t := described[0]
	if !errors.Is(t.Err, sarama.ErrNoError) {
		return nil, t.Err
	}
	if len(t.Partitions) == 0 {
		return nil, sarama.ErrLeaderNotAvailable
	}
	for _, p := range t.Partitions {
		if !errors.Is(p.Err, sarama.ErrNoError) {
			return nil, p.Err
		}
	}
	results, err := admin.DescribeConfigs([]*sarama.ConfigResource{{Type: sarama.TopicResource, Name: topic}}, sarama.DescribeConfigsOptions{})
	if err != nil {
		return nil, err
	}
	if len(results) != 1 || results[0].ErrorCode != sarama.ErrNoError {
		return []string{fmt.Sprintf("topic %s: its settings cannot be read, so they are not examined", topic)}, nil
	}
	entries := results[0].Configs
	setting := func(name string) (string, int64) {
		i := slices.IndexFunc(entries, func(e sarama.ConfigEntry) bool { return e.Name == name })
		if i < 0 {
			return "", -1
		}
		n, err := strconv.ParseInt(entries[i].Value, 10, 64)
		if err != nil {
			n = -1
		}
		return entries[i].Value, n
	}
	warn := func(format string, args ...any) {
		warnings = append(warnings, fmt.Sprintf("topic %s: ", topic)+fmt.Sprintf(format, args...))
	}
	copies := len(t.Partitions[0].Replicas)
	_, inSync := setting("min.insync.replicas")
	switch {
	case copies < 2:
		warn("one copy of each partition: what is on a broker's disk alone is lost with it; 3 copies are usual")
	case inSync < 2:
		warn("min.insync.replicas is %d: a message counts as accepted when one broker has it; 2 are usual", inSync)
	case int64(copies) <= inSync:
		warn("%d copies, of which %d must be there: nothing is accepted while one broker is away", copies, inSync)
	}
	if _, largest := setting("max.message.bytes"); largest >= 0 && largest < int64(b.o.largest()) {
		warn("max.message.bytes is %d: bodies up to %d bytes may be published, which needs %d", largest, b.o.MaxBody, b.o.largest())
	}
	if policy, _ := setting("cleanup.policy"); policy != "delete" && policy != "" {
		warn("cleanup.policy is %s: of each key all but the newest message goes, read or not", policy)
	}
	if _, kept := setting("retention.ms"); kept >= 0 && kept < (24*time.Hour).Milliseconds() {
		warn("retention.ms is %d: what a group has not read in %v is lost", kept, time.Duration(kept)*time.Millisecond)
	}
	if unclean, _ := setting("unclean.leader.election.enable"); unclean == "true" {
		warn("unclean.leader.election.enable is true: a broker that lags behind may take over and forget what was accepted")
	}
	return warnings, nil
}
