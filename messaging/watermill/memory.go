package watermill

import (
	"sync"
	"time"
)

// mark tells a message of a group from all others.
type mark struct{ topic, group, message string }

// standing is what is known of a message that is to come again.
type standing struct {
	attempt int
	until   time.Time
	since   time.Time
}

// fresh reports whether a message stands as one that comes for the first time.
func (s standing) fresh() bool { return s.attempt <= 1 && s.until.IsZero() && s.since.IsZero() }

// remembered bounds how many messages are remembered that were given back: those that come to other processes are never asked for.
const remembered = 100_000

// memory keeps how messages stood that were given back to the broker, which does not know. Safe for concurrent use.
type memory struct {
	mu sync.Mutex
	at map[mark]standing
}

// take returns how a message stood, and forgets it.
func (m *memory) take(k mark) standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, known := m.at[k]
	if !known {
		return standing{attempt: 1}
	}
	delete(m.at, k)
	return s
}

func (m *memory) put(k mark, s standing) {
	if s.fresh() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at == nil {
		m.at = map[mark]standing{}
	}
	if len(m.at) >= remembered {
		for other := range m.at {
			delete(m.at, other)
			break
		}
	}
	m.at[k] = s
}
