package kafka

import (
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
)

// TestNamed: on a topic that others own, a group of theirs that is called as a route is theirs: its place is not taken
// over, and nobody waits for its members to end.
func TestNamed(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	theirs := opened(t, options(n))
	ensure(t, theirs, "pagopa.ricevute")
	publish(t, theirs, "pagopa.ricevute", event("1", "k"), event("2", "k"))
	s, err := theirs.Subscriber("avvisa", messaging.Options{InFlight: 1})
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.Subscribe(t.Context(), "pagopa.ricevute")
	if err != nil {
		t.Fatal(err)
	}
	ids(t, in, 1)
	b := opened(t, ofProject(n, "dime"))
	if err := b.Keep(messaging.Kept{
		Topic: "pagopa.ricevute", Named: true,
		Readers: []messaging.Reader{{Group: "avvisa", From: messaging.Now}},
	}); err != nil {
		t.Fatal(err)
	}
	mine := subscribed(t, b, "avvisa", "pagopa.ricevute", 4)
	publish(t, b, "pagopa.ricevute", event("3", "k"))
	if list := ids(t, mine, 1); list[0] != "3" {
		t.Errorf("came %v, expected 3: what was published before is no message for a new group", list)
	}
	eventually(t, 5*time.Second, "health", b.Health)
}

// TestPlaceOfMembers: a group that reads a topic, in another process, is given its place on a further one meanwhile: what is
// published there from then on is its, and nothing before; what it read goes on.
func TestPlaceOfMembers(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	first := opened(t, ofProject(n, "dime"))
	keep(t, first, "crm.ticket", messaging.Reader{Group: "avvisa", From: messaging.Now})
	read := subscribed(t, first, "avvisa", "crm.ticket", 4)
	publish(t, first, "crm.ticket", event("1", "k"))
	ids(t, read, 1)
	ensure(t, first, "pagopa.ricevute")
	publish(t, first, "pagopa.ricevute", event("history", "k"))

	second, err := Open(ofProject(n, "dime"))
	if err != nil {
		t.Fatal(err)
	}
	keep(t, second, "pagopa.ricevute", messaging.Reader{Group: "avvisa", From: messaging.Now})
	publish(t, second, "pagopa.ricevute", event("2", "k"))
	eventually(t, 10*time.Second, "health", second.Health)
	if err := second.Close(); err != nil { // nobody has subscribed: the place is durable
		t.Fatal(err)
	}
	publish(t, first, "crm.ticket", event("3", "k"))
	if list := ids(t, read, 1); list[0] != "3" {
		t.Errorf("came %v, expected 3", list)
	}
	third := opened(t, ofProject(n, "dime"))
	keep(t, third, "pagopa.ricevute", messaging.Reader{Group: "avvisa", From: messaging.Now})
	if list := ids(t, subscribed(t, third, "avvisa", "pagopa.ricevute", 4), 1); list[0] != "2" {
		t.Errorf("came %v, expected 2", list)
	}
}
