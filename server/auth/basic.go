package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"fondaco/config/project"

	"golang.org/x/crypto/bcrypt"
)

const (
	maxPassword = 72              // octets; bcrypt looks at no more
	guessWait   = 3 * time.Second // how long a password waits for its turn
	cost        = 10              // of the digest that stands for that of a name which nobody has
)

// basic knows callers by name and password (RFC 7617).
type basic struct {
	realm   string
	callers map[string]*caller
	nobody  []byte // the digest that the password of an unknown name is compared with
	now     func() time.Time

	turn chan struct{} // one password is compared at a time: guesses cannot take the machine
	salt [sha256.Size]byte

	mu     sync.RWMutex
	proven map[string][sha256.Size]byte // by name: the salted digest of the credentials that were found right
}

// NewBasic makes the scheme of callers with passwords. A password is compared once and then known by a digest that stays in memory, so that
// only guesses cost what bcrypt costs. There is nothing to close.
func NewBasic(realm string, k *project.Keyed, now func() time.Time) (Scheme, error) {
	nobody, err := bcrypt.GenerateFromPassword([]byte(rand.Text()), cost)
	if err != nil {
		return nil, err
	}
	s := &basic{
		realm: realm, callers: map[string]*caller{}, nobody: nobody, now: now, turn: make(chan struct{}, 1),
		proven: map[string][sha256.Size]byte{},
	}
	_, _ = rand.Read(s.salt[:]) // never fails
	for _, c := range k.Callers {
		s.callers[c.Name.Value] = callerOf(c, k)
	}
	return s, nil
}

// OverTLS reports that passwords are taken over TLS alone.
func (s *basic) OverTLS() bool { return true }

// Authenticate compares the password that the header Authorization brings.
func (s *basic) Authenticate(ctx context.Context, head http.Header) (*User, error) {
	values := head["Authorization"]
	switch {
	case len(values) == 0:
		return nil, &Refusal{Status: http.StatusUnauthorized, Description: "A name and a password are needed."}
	case len(values) > 1:
		return nil, &Refusal{Status: http.StatusBadRequest, Description: "The header Authorization stands twice."}
	}
	way, encoded, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(way, "Basic") {
		return nil, &Refusal{Status: http.StatusUnauthorized, Description: "A name and a password are needed."}
	}
	both, err := base64.StdEncoding.DecodeString(strings.TrimLeft(encoded, " "))
	name, password, found := strings.Cut(string(both), ":")
	if err != nil || !found || !utf8.Valid(both) {
		return nil, wrongPassword("it is not a name and a password in Base64")
	}
	c := s.callers[name]
	if c == nil || !s.known(name, both) {
		if err := s.compare(ctx, c, password); err != nil {
			return nil, err
		}
		s.remember(name, both)
	}
	return c.let(s.now(), "The password has expired.")
}

// compare holds a password to a caller's digest; c is nil for a name that nobody has, which takes as long.
func (s *basic) compare(ctx context.Context, c *caller, password string) error {
	ctx, cancel := context.WithTimeout(ctx, guessWait)
	defer cancel()
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return &Refusal{
			Status: http.StatusServiceUnavailable, Description: "The caller cannot be authenticated right now.",
			Err: errors.New("too many passwords wait for being compared"),
		}
	}
	digest := s.nobody
	if c != nil {
		digest = c.password
	}
	if err := bcrypt.CompareHashAndPassword(digest, []byte(password)); err != nil || c == nil || len(password) > maxPassword {
		return wrongPassword("the name is not known, or the password is not its own")
	}
	return nil
}

func wrongPassword(why string) error {
	return &Refusal{Status: http.StatusUnauthorized, Description: "The name or the password is wrong.", Err: errors.New(why)}
}

// sum is what is remembered of credentials.
func (s *basic) sum(both []byte) [sha256.Size]byte {
	return sha256.Sum256(append(s.salt[:len(s.salt):len(s.salt)], both...))
}

func (s *basic) known(name string, both []byte) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sum, ok := s.proven[name]
	return ok && sum == s.sum(both)
}

func (s *basic) remember(name string, both []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proven[name] = s.sum(both)
}

// Challenge asks for a name and a password in UTF-8.
func (s *basic) Challenge(_, _ string, _ Need) string {
	return `Basic realm="` + s.realm + `", charset="UTF-8"`
}
