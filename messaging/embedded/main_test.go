package embedded

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/messagingtest"
	"fondaco/store/crypt"
	"fondaco/store/storetest"
	"go.uber.org/goleak"
)

// TestMain plays another role where a test started this binary for it.
func TestMain(m *testing.M) {
	if role := os.Getenv("FONDACO_TEST_ROLE"); role != "" {
		if err := roles[role](context.Background(), os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

var roles = map[string]func(ctx context.Context, path string) error{
	"open": func(ctx context.Context, path string) error {
		b, err := Open(ctx, path, Options{Project: "venezia"})
		if err != nil {
			return err
		}
		return b.Close()
	},
	"publish": func(ctx context.Context, path string) error { return publishUntilKilled(ctx, path, faults{}) },
	"publish early": func(ctx context.Context, path string) error {
		return publishUntilKilled(ctx, path, faults{early: func() { <-time.After(5 * time.Millisecond) }})
	},
	"publish, often checkpointed": func(ctx context.Context, path string) error {
		return publishUntilKilled(ctx, path, faults{}, "pragma wal_autocheckpoint = 100")
	},
	"publish unsynced": func(ctx context.Context, path string) error {
		return publishUntilKilled(ctx, path, faults{}, "pragma synchronous = off")
	},
	"fill": fill,
}

// TestContract: the suite of all brokers, with receivers that are direct and those that are not, and encrypted.
func TestContract(t *testing.T) {
	for name, keys := range map[string]crypt.Keys{"direct": {}, "watched": {}, "encrypted": storetest.Keys(t, 1)} {
		t.Run(name, func(t *testing.T) {
			messagingtest.Run(t, messagingtest.Promises{OrderByKey: true, Durable: true, Groups: true, Due: true, Direct: name != "watched"},
				func(t *testing.T) messagingtest.Place {
					path := filepath.Join(t.TempDir(), "topics è?#%.db")
					return messagingtest.Place{Open: func() messaging.Broker {
						b, err := Open(t.Context(), path, Options{Project: "venezia", Keys: keys})
						if err != nil {
							t.Fatal(err)
						}
						return b
					}}
				})
		})
	}
}
