package connectors

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// secretRounds make guessing a secret by a fingerprint slow (RFC 8018, PBKDF2).
const secretRounds = 100_000

// Fingerprint returns a hash of what a system's answers depend on besides what it is asked: what was read of its connector,
// without the samples, and the values of its parameters. Two systems have the same one, in whatever process, if they may
// share their answers. A secret is in it in a form that is slow to guess; so it takes some 50 ms a secret to make.
func (s *System) Fingerprint() ([sha256.Size]byte, error) {
	h := sha256.New()
	part := func(b []byte) {
		_, _ = h.Write(binary.AppendUvarint(nil, uint64(len(b))))
		_, _ = h.Write(b)
	}
	part([]byte(s.Name))
	c := s.Connector
	sum := c.sum()
	part(sum[:])
	names := make([]string, len(c.Params))
	for i, p := range c.Params {
		names[i] = p.Name
	}
	slices.Sort(names)
	for _, name := range names {
		value, secret, err := s.Param(name)
		if err != nil {
			return [sha256.Size]byte{}, err
		}
		if secret && value != "" {
			slow, err := pbkdf2.Key(sha256.New, value, []byte("fondaco "+s.Name+" "+name), secretRounds, sha256.Size)
			if err != nil {
				return [sha256.Size]byte{}, err
			}
			value = string(slow)
		}
		part([]byte(name))
		part([]byte(value))
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}
