package embedded

import (
	"testing"

	"fondaco/messaging"
)

// TestClear: the messages of a topic that nobody reads are removed; one that has a group is refused; what is published
// afterwards is given to a new group and counted as ever, also after the file was opened anew.
func TestClear(t *testing.T) {
	path := t.TempDir() + "/topics.db"
	b, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	fillTopic(t, b, 5, func(i int) messaging.Message { return small("a", i) })
	_, s := subscribed(t, b, "reads", 64)
	s.Close()
	if err := b.Clear(t.Context(), "t"); err == nil {
		t.Fatal("a topic that has a group was cleared")
	}
	if err := b.Forget(t.Context(), "t", "reads"); err != nil {
		t.Fatal(err)
	}
	for _, topic := range []string{"t", "t", "absent"} {
		if err := b.Clear(t.Context(), topic); err != nil {
			t.Fatal(err)
		}
	}
	counts, err := b.Counts(t.Context())
	if err != nil || len(counts) != 1 || counts[0].Waiting != 0 {
		t.Fatalf("%+v %v; expected the topic t, with nothing that waits", counts, err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err = Open(t.Context(), path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	fillTopic(t, b, 2, func(i int) messaging.Message { return small("b", i) })
	in, s := subscribed(t, b, "reads", 64)
	for range 2 {
		e, m := received(t, in)
		if string(m.Body) != "0" && string(m.Body) != "1" {
			t.Errorf("%s came", m.Body)
		}
		e.Ack()
	}
	s.Close()
	account(t, b, "t", "reads", 2, 2)
	offline, err := CountsAt(t.Context(), path)
	if err != nil || len(offline) != 1 || offline[0].Accepted != 2 || offline[0].Waiting != 0 {
		t.Errorf("%+v %v; expected the same counts from beside", offline, err)
	}
}
