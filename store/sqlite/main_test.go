package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fondaco/store"
	"fondaco/store/crypt"
	"fondaco/store/storetest"
)

// TestMain plays another role where a test started this binary for it.
func TestMain(m *testing.M) {
	if role := os.Getenv("FONDACO_TEST_ROLE"); role != "" {
		if err := roles[role](context.Background(), os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

var roles = map[string]func(ctx context.Context, args []string) error{
	"open": func(ctx context.Context, args []string) error {
		s, err := Open(ctx, args[0], Options{Project: "venezia"})
		if err != nil {
			return err
		}
		return s.Close()
	},
	"ids":  ids,
	"work": func(ctx context.Context, args []string) error { return workUntilKilled(ctx, args, faults{}) },
	"work, often checkpointed": func(ctx context.Context, args []string) error {
		return workUntilKilled(ctx, args, faults{}, "pragma wal_autocheckpoint = 100")
	},
	"work unsynced": func(ctx context.Context, args []string) error {
		return workUntilKilled(ctx, args, faults{}, "pragma synchronous = off")
	},
	"draw": func(ctx context.Context, args []string) error { return drawUntilKilled(ctx, args, faults{}) },
	"draw early": func(ctx context.Context, args []string) error {
		return drawUntilKilled(ctx, args, faults{early: func() { <-time.After(5 * time.Millisecond) }})
	},
	"work early": func(ctx context.Context, args []string) error {
		return workUntilKilled(ctx, args, faults{early: func() { <-time.After(5 * time.Millisecond) }})
	},
}

// TestContract: the suite of all stores, and the same of one that is encrypted.
func TestContract(t *testing.T) {
	for name, keys := range map[string]crypt.Keys{"as it is": {}, "encrypted": storetest.Keys(t, 1)} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) storetest.Place {
				path := filepath.Join(t.TempDir(), "state è?#%.db")
				return storetest.Place{Open: func(l store.Limits) store.Store {
					s, err := Open(t.Context(), path, Options{Project: "venezia", Limits: l, Keys: keys})
					if err != nil {
						t.Fatal(err)
					}
					return s
				}}
			})
		})
	}
}

// TestEncrypted: what is promised of encryption.
func TestEncrypted(t *testing.T) {
	storetest.Encrypted(t, func(t *testing.T) storetest.SealedPlace {
		path := filepath.Join(t.TempDir(), "state.db")
		return storetest.SealedPlace{
			Open: func(keys crypt.Keys) (store.Store, error) {
				return Open(t.Context(), path, Options{Project: "venezia", Keys: keys})
			},
			Files: func() (all []byte) {
				for _, end := range []string{"", "-wal"} {
					content, err := os.ReadFile(path + end)
					if err != nil && !os.IsNotExist(err) {
						t.Fatal(err)
					}
					all = append(all, content...)
				}
				return all
			},
		}
	})
}
