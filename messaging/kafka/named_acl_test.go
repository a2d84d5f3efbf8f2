package kafka

import (
	"context"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
	"github.com/IBM/sarama"
)

// TestNotOursToMake: a topic that is there is read and written although the cluster does not let us make topics: whoever
// owns it grants us no more than we need.
func TestNotOursToMake(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t, "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
		"allow.everyone.if.no.acl.found=true")
	ensure(t, opened(t, options(n)), "pagopa.ricevute")
	b := opened(t, ofProject(n, "dime"))
	<-b.ready
	admin, err := sarama.NewClusterAdminFromClient(b.control)
	if err != nil {
		t.Fatal(err)
	}
	topic := sarama.Resource{
		ResourceType: sarama.AclResourceTopic, ResourceName: "pagopa.ricevute",
		ResourcePatternType: sarama.AclPatternLiteral,
	}
	cluster := sarama.Resource{
		ResourceType: sarama.AclResourceCluster, ResourceName: "kafka-cluster",
		ResourcePatternType: sarama.AclPatternLiteral,
	}
	all := func(may sarama.AclPermissionType, do ...sarama.AclOperation) (list []*sarama.Acl) {
		for _, o := range do {
			list = append(list, &sarama.Acl{Principal: "User:*", Host: "*", Operation: o, PermissionType: may})
		}
		return list
	}
	allowed := all(sarama.AclPermissionAllow, sarama.AclOperationRead, sarama.AclOperationWrite, sarama.AclOperationDescribe)
	if err := admin.CreateACLs([]*sarama.ResourceAcls{
		{Resource: topic, Acls: allowed},
		{Resource: cluster, Acls: append(all(sarama.AclPermissionAllow, sarama.AclOperationAll),
			all(sarama.AclPermissionDeny, sarama.AclOperationCreate)...)},
	}); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "the rights", func() error {
		err := admin.CreateTopic("pagopa.ricevute", &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, true)
		if refusedToMake(err) {
			return nil
		}
		return err
	})
	if err := b.Keep(messaging.Kept{
		Topic: "pagopa.ricevute", Named: true,
		Readers: []messaging.Reader{{Group: "avvisa", From: messaging.Now}},
	}); err != nil {
		t.Fatal(err)
	}
	mine := subscribed(t, b, "avvisa", "pagopa.ricevute", 4)
	publish(t, b, "pagopa.ricevute", event("1", "k"))
	if list := ids(t, mine, 1); list[0] != "1" {
		t.Errorf("came %v, expected 1", list)
	}
	eventually(t, 5*time.Second, "health", b.Health)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := b.EnsureTopics(ctx, "pagopa.ricevute"); err != nil {
		t.Error(err)
	}
}
