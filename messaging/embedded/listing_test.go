package embedded

import (
	"fmt"
	"testing"

	"fondaco/messaging"
)

// TestList: what waits on topics of a prefix is listed with its attributes, encrypted or not, page by page, and what was
// finished is not.
func TestList(t *testing.T) {
	for name, keys := range map[string][]byte{"plain": nil, "encrypted": {1}} {
		t.Run(name, func(t *testing.T) {
			s := &sealedTopics{T: t, path: t.TempDir() + "/topics.db"}
			s.with(keys...)
			defer func() { _ = s.b.Close() }()
			in, sub := subscribed(t, s.b, "reads", 64)
			const count = listed + 3
			var all []messaging.Message
			for i := range count {
				m := small("a", i)
				m.ID, m.Type = fmt.Sprint("m", i), "listed"
				all = append(all, m)
			}
			for _, topic := range []string{"t", "other"} {
				if err := messaging.Publish(t.Context(), s.b, topic, all...); err != nil {
					t.Fatal(err)
				}
			}
			e, _ := received(t, in)
			e.Ack()
			sub.Close()
			read := func(most int) (ids []string) {
				t.Helper()
				err := s.b.List(t.Context(), "t", func(topic string, m messaging.Message) bool {
					if topic != "t" || m.Type != "listed" || len(m.Body) > 0 {
						t.Fatalf("%s: %+v", topic, m)
					}
					ids = append(ids, m.ID)
					return len(ids) < most
				})
				if err != nil {
					t.Fatal(err)
				}
				return ids
			}
			if ids := read(count); len(ids) != count-1 || ids[0] != "m1" || ids[count-2] != fmt.Sprint("m", count-1) {
				t.Errorf("%d are listed, from %s", len(ids), ids[0])
			}
			if ids := read(5); len(ids) != 5 {
				t.Errorf("%d are listed, of 5", len(ids))
			}
		})
	}
}
