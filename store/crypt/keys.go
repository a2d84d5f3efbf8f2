// Package crypt encrypts what is stored (AES-256-GCM, NIST SP 800-38D). Keys of the configuration wrap data keys, and data
// keys encrypt values, each bound to the place where it is stored: a value that was moved elsewhere cannot be opened.
package crypt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// KeyBytes is the length of a key.
const KeyBytes = 32

// Key is a key of the configuration. It is never written anywhere; its ID tells it from others and says nothing of it.
type Key struct {
	id   string
	aead cipher.AEAD
}

// ID returns 16 hexadecimal digits of SHA-256 of the key, by which files name it.
func (k Key) ID() string { return k.id }

// ParseKey reads a key of 32 bytes: 64 hexadecimal digits, or Base64 as openssl rand -base64 32 prints it. The error holds
// nothing of the text.
func ParseKey(text string) (Key, error) {
	text = strings.TrimSpace(text)
	raw, err := hex.DecodeString(text)
	if err != nil {
		plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
		if raw, err = base64.RawStdEncoding.DecodeString(plain); err != nil {
			return Key{}, fmt.Errorf("found %d characters that are neither hexadecimal digits nor Base64, expected a key of %d bytes, as openssl "+
				"rand -base64 %[2]d prints one", len(text), KeyBytes)
		}
	}
	if len(raw) != KeyBytes {
		return Key{}, fmt.Errorf("found a key of %d bytes, expected %d, as openssl rand -base64 %[2]d prints one", len(raw), KeyBytes)
	}
	sum := sha256.Sum256(append([]byte("fondaco storage key\x00"), raw...))
	return Key{hex.EncodeToString(sum[:8]), gcm(raw)}, nil
}

// gcm is AES-256-GCM with random nonces of 96 bits, which stand before what it encrypts.
func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the length is that of a key
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // the block is that of AES
	}
	return aead
}

// Keys are the keys of the configuration: the first writes, all read. The zero Keys are none: nothing is encrypted.
type Keys struct{ list []Key }

// NewKeys returns keys in their order. The error says that one of them stands twice.
func NewKeys(list ...Key) (Keys, error) {
	for i, k := range list {
		for _, other := range list[:i] {
			if other.id == k.id {
				return Keys{}, fmt.Errorf("the key %s stands twice", k.id)
			}
		}
	}
	return Keys{list}, nil
}

// On reports whether there are keys.
func (k Keys) On() bool { return len(k.list) > 0 }

// First returns the ID of the key that writes, "" if there is none.
func (k Keys) First() string {
	if !k.On() {
		return ""
	}
	return k.list[0].id
}

// IDs returns those of all keys, in their order.
func (k Keys) IDs() []string {
	ids := make([]string, len(k.list))
	for i := range k.list {
		ids[i] = k.list[i].id
	}
	return ids
}

// ErrKey reports a wrapped data key that cannot be opened: its key is not among those of the configuration, or it is not as it
// was written.
var ErrKey = errors.New("the data key cannot be opened")

func wrapped(subject string) []byte { return []byte("fondaco data key\x00" + subject) }

// NewDataKey returns random bytes for a data key, wrapped by the first key, and bound to a subject. There are keys.
func (k Keys) NewDataKey(subject string) (raw, sealed []byte) {
	raw = make([]byte, KeyBytes)
	_, _ = rand.Read(raw) // it never fails
	return raw, k.Wrap(subject, raw)
}

// Wrap wraps the bytes of a data key by the first key.
func (k Keys) Wrap(subject string, raw []byte) []byte {
	return k.list[0].aead.Seal(nil, nil, raw, wrapped(subject)) //nolint:gosec // as in DataKey.Seal
}

// Unwrap opens a data key that was wrapped by the key of an ID. The error wraps ErrKey.
func (k Keys) Unwrap(id, subject string, sealed []byte) ([]byte, error) {
	for _, one := range k.list {
		if one.id == id {
			raw, err := one.aead.Open(nil, nil, sealed, wrapped(subject))
			if err != nil || len(raw) != KeyBytes {
				return nil, fmt.Errorf("%w: it is not as the key %s wrapped it", ErrKey, id)
			}
			return raw, nil
		}
	}
	return nil, fmt.Errorf("%w: the key %s is missing", ErrKey, id)
}
