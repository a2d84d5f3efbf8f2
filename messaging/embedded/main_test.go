package embedded

import (
	"path/filepath"
	"testing"

	"fondaco/messaging"
	"fondaco/messaging/messagingtest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestContract(t *testing.T) {
	messagingtest.Run(t, messagingtest.Promises{OrderByKey: true, Durable: true, Groups: true, Due: true}, func(t *testing.T) messagingtest.Place {
		path := filepath.Join(t.TempDir(), "topics è?#%.db")
		return messagingtest.Place{Open: func() messaging.Broker {
			b, err := Open(t.Context(), path, Options{Project: "venezia"})
			if err != nil {
				t.Fatal(err)
			}
			return b
		}}
	})
}
