package kafka

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
)

const sealedCanary = "CANARY-OF-A-CITIZEN"

// sealedBroker is a broker whose engine's topics are encrypted.
func sealedBroker(t *testing.T, n *kafkatest.Node, seals *sealing, topic string) *Broker {
	t.Helper()
	o := ofProject(n, "port")
	o.Partitions, o.Seals = 1, sealsOf(seals)
	b := opened(t, o)
	keep(t, b, topic, messaging.Reader{Group: "fondaco"})
	return b
}

// consumed works on a topic until so many messages were handled or ended as erased, and returns what handle said of those and the ids of
// these.
func consumed(t *testing.T, b *Broker, topic string, many int, handle func(messaging.Message) string) (handled, erased []string) {
	t.Helper()
	w := &sealedWork{}
	c, err := messaging.NewConsumer(messaging.Work{
		Topic: topic, Group: "fondaco", Dead: w, Workers: 1,
		Handle: func(_ context.Context, m messaging.Message) error {
			w.add(&w.handled, handle(m))
			return nil
		},
		Erased: func(_ context.Context, m messaging.Message) error {
			w.add(&w.erased, m.ID)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.Subscriber("fondaco", messaging.Options{Direct: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- c.Run(ctx, s) }()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		w.mu.Lock()
		n := len(w.handled) + len(w.buried) + len(w.erased)
		w.mu.Unlock()
		if n >= many {
			break
		}
	}
	end()
	if err := <-over; err != nil {
		t.Error(err)
	}
	if len(w.buried) > 0 {
		t.Errorf("the letters are %q", w.buried)
	}
	return w.handled, w.erased
}

// TestSealedSeveral: of a message that holds those of several persons each person's are encrypted with that person's key. Of one who was
// erased nobody reads them, and the others' are worked on, in their order; with none left the work ends.
func TestSealedSeveral(t *testing.T) {
	n := kafkatest.New(t)
	seals := &sealing{gone: map[string]bool{}}
	const topic = messaging.EnginePrefix + "digest"
	b := sealedBroker(t, n, seals, topic)
	several := func(id string, marks ...string) messaging.Message {
		m := messaging.Message{ID: id, Source: "/s", Type: "several", Key: "k " + sealedCanary}
		for i, one := range marks {
			m.Body = append(m.Body, one+":"+string(rune('0'+i))+" "+sealedCanary+"\n"...)
		}
		return m
	}
	publish(t, b, topic, several("mixed", "rosa", "bice", "", "rosa", "bice"))
	publish(t, b, topic, several("bice's and rosa's", "bice", "rosa"))
	publish(t, b, topic, several("bice's", "bice", "bice"))
	for _, r := range n.Records(b.names().Topic(topic)) {
		if strings.Contains(r.Key+r.Value, sealedCanary) || strings.Contains(r.Value, "rosa") {
			t.Errorf("it can be read: %+v", r)
		}
	}
	if _, err := seals.Shred(t.Context(), "bice"); err != nil {
		t.Fatal(err)
	}
	if err := messaging.Publish(t.Context(), b, topic, several("refused", "rosa", "bice")); !errors.Is(err, messaging.ErrUnknown) {
		t.Errorf("a message is accepted of which a key was destroyed meanwhile: %v", err)
	}
	handled, erased := consumed(t, b, topic, 4, func(m messaging.Message) string {
		return m.ID + "|" + strings.ReplaceAll(strings.ReplaceAll(string(m.Body), "\n", "|"), " "+sealedCanary, "")
	})
	want := []string{"mixed|these:|rosa:0|:2|rosa:3|", "bice's and rosa's|these:|rosa:1|", "refused|these:|rosa:0|"}
	if !slices.Equal(handled, want) || !slices.Equal(erased, []string{"bice's"}) {
		t.Errorf("handled are %q, erased %q; expected %q", handled, erased, want)
	}
}

// TestSealedSeveral_unheard: a process that has not heard that a person was erased puts what that person sends later into a message of
// several: it is worked on whole, and not first without that person's and then, as it has the same id, not at all.
func TestSealedSeveral_unheard(t *testing.T) {
	n := kafkatest.New(t)
	seals := &sealing{gone: map[string]bool{"of rosa": true}, next: map[string]string{"rosa": "of rosa since"}}
	const topic = messaging.EnginePrefix + "digest"
	b := sealedBroker(t, n, seals, topic)
	publish(t, b, topic, messaging.Message{ID: "1", Source: "/s", Type: "several", Body: []byte("rosa:0\nbice:1\n")})
	handled, _ := consumed(t, b, topic, 1, func(m messaging.Message) string { return strings.ReplaceAll(string(m.Body), "\n", "|") })
	if !slices.Equal(handled, []string{"these:|rosa:0|bice:1|"}) {
		t.Errorf("handled are %q", handled)
	}
}

// TestMarksOfOpenTopics: a message of a topic that others read bears the pseudonym of whom it speaks, which only processes of the project
// read, and only where it was put.
func TestMarksOfOpenTopics(t *testing.T) {
	n := kafkatest.New(t)
	seals := &sealing{gone: map[string]bool{}}
	const declared, other = "filed", "elsewhere"
	b := sealedBroker(t, n, seals, declared)
	keep(t, b, other, messaging.Reader{Group: "fondaco"})
	m := messaging.Message{
		ID: "1", Source: "/s", Type: "t", Body: []byte("{}"),
		Extensions: []messaging.Attribute{{Name: "colour", Value: "red"}, {Name: messaging.ExtensionMarks, Value: "rosa"}},
	}
	publish(t, b, declared, m)
	records := n.Records(declared)
	for _, h := range records[0].Headers {
		if strings.Contains(h[0]+h[1], "rosa") || h[0] == "ce_"+messaging.ExtensionMarks {
			t.Errorf("others read %q", h)
		}
	}
	n.Produce(other, records[0]) // by somebody who reads the topic
	said := func(m messaging.Message) string {
		return m.ID + " " + m.Extension("colour") + " " + m.Extension(messaging.ExtensionMarks)
	}
	if handled, _ := consumed(t, b, declared, 1, said); !slices.Equal(handled, []string{"1 red rosa"}) {
		t.Errorf("handled are %q", handled)
	}
	if handled, _ := consumed(t, b, other, 1, said); !slices.Equal(handled, []string{"1 red "}) {
		t.Errorf("elsewhere are handled %q", handled)
	}
}
