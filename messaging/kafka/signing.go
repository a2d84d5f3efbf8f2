package kafka

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"fondaco/messaging"
	"github.com/IBM/sarama"
)

// secretTopic holds the secret that a project's processes sign control headers with, where none is configured: in its
// first record, which stays.
const secretTopic = messaging.EnginePrefix + "signing"

// signing are the secrets of control headers: the first signs, all are accepted.
type signing [][]byte

// agree makes the secrets known that control headers are signed with, once the cluster answers. Configured ones count; what
// the project's processes agreed on in the cluster before is accepted beside them. Without a configured one they agree on
// one there: the first record of a topic of their own, so that all processes of the project sign alike whatever address
// they reach the cluster by. Whoever may read that topic can sign; a configured secret keeps it from them.
func (b *Broker) agree(ctx context.Context) error {
	if b.o.Project == "" || b.agreed.Load() {
		return nil
	}
	name := b.names().Topic(secretTopic)
	found, err := b.agreement(ctx, name)
	if err != nil {
		return fmt.Errorf("the secret of control headers cannot be read from the topic %s: %w", name, err)
	}
	if found == nil && len(b.o.Secret) == 0 {
		if err := b.makeOwnTopic(ctx, name, map[string]string{"retention.ms": "-1", "retention.bytes": "-1"}); err != nil {
			return err
		}
		mine := &sarama.ProducerMessage{Topic: name, Value: sarama.StringEncoder(hex.EncodeToString([]byte(rand.Text())))}
		if err := b.write(ctx, mine); err != nil {
			return fmt.Errorf("the secret of control headers cannot be written to the topic %s: %w", name, err)
		}
		if found, err = b.agreement(ctx, name); err != nil || found == nil { // another's may have come first
			return errors.Join(fmt.Errorf("the secret of control headers cannot be read from the topic %s", name), err)
		}
	}
	all := signing{}
	for _, s := range append([][]byte{b.o.Secret, found}, b.o.Former...) {
		if len(s) > 0 {
			all = append(all, s)
		}
	}
	b.secrets.Store(&all)
	b.agreed.Store(true)
	return nil
}

// makeOwnTopic makes a topic of one partition with these settings, if it is not there.
func (b *Broker) makeOwnTopic(ctx context.Context, name string, settings map[string]string) error {
	admin, err := sarama.NewClusterAdminFromClient(b.control) // its Close would close the client
	if err != nil {
		return err
	}
	brokers, _, err := admin.DescribeCluster()
	if err != nil {
		return err
	}
	replication := b.o.Replication
	if replication <= 0 {
		replication = int16(max(1, min(3, len(brokers))))
	}
	inSync := b.o.MinInSync
	if inSync <= 0 {
		inSync = max(1, int(replication)-1)
	}
	entries := map[string]*string{}
	for key, value := range settings {
		entries[key] = &value
	}
	least := strconv.Itoa(inSync)
	entries["min.insync.replicas"] = &least
	err = b.again(ctx, func() error {
		return admin.CreateTopic(name, &sarama.TopicDetail{
			NumPartitions: 1, ReplicationFactor: replication, ConfigEntries: entries,
		}, false)
	})
	if err != nil && !errors.Is(err, sarama.ErrTopicAlreadyExists) {
		return fmt.Errorf("topic %s cannot be made: %w", name, err)
	}
	return nil
}

// agreement returns what the project's processes agreed on, nil if they have not yet.
func (b *Broker) agreement(ctx context.Context, name string) ([]byte, error) {
	if _, err := topicID(b.control, name); errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := b.control.RefreshMetadata(name); err != nil {
		return nil, err
	}
	end, err := b.control.GetOffset(name, 0, sarama.OffsetNewest)
	if err != nil || end == 0 {
		return nil, err
	}
	m, err := b.firstFrom(ctx, name, 0, 0)
	if err != nil || m == nil {
		return nil, errors.Join(errors.New("it is empty"), err)
	}
	return bytes.Clone(m.Value), nil
}

// write puts one record on the cluster.
func (b *Broker) write(ctx context.Context, r *sarama.ProducerMessage) error {
	ctx, cancel := context.WithTimeout(ctx, b.o.Timeout)
	defer cancel()
	call := newCall(ctx)
	if err := b.send(call, []*sarama.ProducerMessage{r}); err != nil {
		return err
	}
	return b.await(call, r.Topic, 1)
}

// Secret returns a secret for one purpose that all processes of the project on this cluster share: it follows from the one
// that control headers are signed with, and says nothing about it. It is not known before the cluster has answered, and
// nil where the project has no name.
func (b *Broker) Secret(purpose string) (secret []byte, known bool) {
	if b.o.Project == "" {
		return nil, true
	}
	all := b.secrets.Load()
	if all == nil || len(*all) == 0 {
		return nil, false
	}
	h := hmac.New(sha256.New, (*all)[0])
	_, _ = h.Write([]byte(purpose))
	return h.Sum(nil), true
}

// secretsNow returns the secrets that are known: those that are configured, before the cluster has answered.
func (b *Broker) secretsNow() signing {
	if all := b.secrets.Load(); all != nil {
		return *all
	}
	var all signing
	for _, s := range append([][]byte{b.o.Secret}, b.o.Former...) {
		if len(s) > 0 {
			all = append(all, s)
		}
	}
	return all
}
