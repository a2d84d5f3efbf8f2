package connectors

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"hash"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"fondaco/config"
)

// salt makes definitions useless outside of this process: they hold digests of secrets.
var salt = rand.Text()

// uses are what a system was made of besides its files: what its references stood for, and the files that they named.
type uses struct {
	mu      sync.Mutex
	digests map[string][sha256.Size]byte
}

func (u *uses) note(what, value string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.digests == nil {
		u.digests = map[string][sha256.Size]byte{}
	}
	u.digests[what] = sha256.Sum256([]byte(salt + value))
}

// Definition returns a digest of what the system is, in this process: what its connector says, without its samples; what
// fondaco.yaml says of it; the values of its parameters; and the environment, secrets, certificates and keys that Open has
// looked up. Call it after Open. Two systems of one name with the same definition may stand for each other: an open one
// serves the operations of both.
func (s *System) Definition() [sha256.Size]byte {
	h := sha256.New()
	write(h, s.Name)
	c := s.Connector
	sum := c.sum()
	write(h, string(sum[:]))
	if s.Policies != nil {
		sum := s.Policies.Sum()
		write(h, string(sum[:]))
	}
	for _, p := range c.Params {
		value, _, err := s.Param(p.Name)
		write(h, salt+p.Name+"="+value)
		write(h, strconv.FormatBool(err == nil))
	}
	if place, placed := s.Place(); placed {
		write(h, fmt.Sprintf("%+v", place))
	}
	s.uses.mu.Lock()
	defer s.uses.mu.Unlock()
	for _, what := range slices.Sorted(maps.Keys(s.uses.digests)) {
		digest := s.uses.digests[what]
		write(h, what)
		write(h, string(digest[:]))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func write(h hash.Hash, s string) {
	_, _ = h.Write([]byte(strconv.Itoa(len(s)) + ":" + s))
}

// sum returns a digest of what was read of the connector but its samples. Comments in its own file do not count.
func (c *Connector) sum() [sha256.Size]byte {
	h := sha256.New()
	own, samples := path.Join(c.Dir, File), path.Join(c.Dir, c.Samples)+"/"
	if c.node != nil {
		sum := c.node.Sum()
		write(h, string(sum[:]))
	}
	write(h, c.constants.said())
	if c.reading != nil {
		sum := c.reading.Sum(func(name string) bool {
			return name != own && (c.Samples == "" || !strings.HasPrefix(name, samples))
		})
		write(h, string(sum[:]))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// Takes makes the system count with another one, whose place it takes: what is tolerated of the one's answers, and what stood in for
// them, is told of both.
func (s *System) Takes(other *System) { s.counts.Store(other.counter()) }

// counter is the system whose count is kept.
func (s *System) counter() *System {
	if other := s.counts.Load(); other != nil {
		return other
	}
	return s
}

// Tolerate counts what was not as its schema says in an answer, where the connector lets that pass.
func (s *System) Tolerate(n int) { s.counter().tolerated.Add(int64(n)) }

// Tolerated returns what Tolerate has counted.
func (s *System) Tolerated() int64 { return s.counter().tolerated.Load() }

// StoodIn counts an answer that was kept, is too old, and stood in for the system.
func (s *System) StoodIn() { s.counter().stale.Add(1) }

// Stale returns what StoodIn has counted.
func (s *System) Stale() int64 { return s.counter().stale.Load() }

// plain reads a file that a reference names, and notes it.
func (s *System) plain(name string) ([]byte, error) {
	b, err := config.ReadPlain(s.Connector.files(), name, maxFile)
	if err == nil {
		s.uses.note("file "+name, string(b))
	}
	return b, err
}
