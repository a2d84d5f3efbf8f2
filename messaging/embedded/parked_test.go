package embedded

import (
	"path/filepath"
	"testing"

	"fondaco/messaging"
	"fondaco/messaging/messagingtest"
)

func TestManyWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "topics.db")
	messagingtest.ManyWait(t, messagingtest.Many{Bytes: 160, Open: func() messaging.Broker {
		b, err := Open(t.Context(), path, Options{Project: "bench"})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}})
}
