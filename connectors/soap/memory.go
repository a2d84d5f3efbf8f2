package soap

import (
	"context"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/soap/wss"
)

// memory remembers the nonces and messages of one service or system: where the program says, or, for a simulator, by
// itself. What one service of a project has taken no other takes.
type memory struct {
	shared connectors.Replays // nil for its own
	scope  string
	own    wss.Replays
}

func newMemory(shared connectors.Replays, scope string) *memory {
	return &memory{shared: shared, scope: scope}
}

// of returns the memory for one request.
func (m *memory) of(ctx context.Context) wss.Once {
	if m.shared == nil {
		return &m.own
	}
	return remembering{ctx, m}
}

// remembering is a memory as one request asks it.
type remembering struct {
	ctx context.Context
	m   *memory
}

// Take remembers a key.
func (a remembering) Take(key string, now, until time.Time) error {
	first, err := a.m.shared.Take(a.ctx, a.m.scope, key, until, now)
	if err == nil && !first {
		err = wss.ErrReplayed
	}
	return err
}
