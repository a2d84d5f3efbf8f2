package crypt

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// MostValues is how many values one data key encrypts at most. With random nonces NIST SP 800-38D (8.3) allows 2^32; at 2^30
// two nonces are the same with a probability below 2^-36.
const MostValues = 1 << 30

// DataKey encrypts values. Nil encrypts nothing: values are stored as they are. Its methods may be called concurrently.
type DataKey struct {
	id   int64
	raw  []byte
	aead cipher.AEAD
}

// Use returns the data key of bytes that were unwrapped. id, above 0, is the number by which rows name it.
func Use(id int64, raw []byte) *DataKey { return &DataKey{id, raw, gcm(raw)} }

// ID returns the number by which rows name the key; 0 for none.
func (k *DataKey) ID() int64 {
	if k == nil {
		return 0
	}
	return k.id
}

// Place is where a value is stored. No two values of different places can be exchanged.
type Place struct{ Table, Column, Row string }

// bound is what a ciphertext authenticates besides its value: each part after its length, and the number of the key.
func (p Place) bound(id int64) []byte {
	b := make([]byte, 0, len(p.Table)+len(p.Column)+len(p.Row)+32)
	for _, part := range []string{p.Table, p.Column, p.Row} {
		b = append(binary.AppendUvarint(b, uint64(len(part))), part...)
	}
	return binary.AppendVarint(b, id)
}

// Seal returns a value as it is stored: 28 bytes longer. An empty value stays empty, and is as one that nobody encrypted.
func (k *DataKey) Seal(at Place, value []byte) []byte {
	if k == nil || len(value) == 0 {
		return value
	}
	return k.aead.Seal(nil, nil, value, at.bound(k.id)) //nolint:gosec // the nonce is drawn by NewGCMWithRandomNonce
}

// ErrAltered reports a value that is not as it was encrypted, or not where it was stored.
var ErrAltered = errors.New("what was encrypted is not as it was written")

// Open returns what Seal was given. The error is ErrAltered.
func (k *DataKey) Open(at Place, sealed []byte) ([]byte, error) {
	if k == nil || len(sealed) == 0 {
		return sealed, nil
	}
	value, err := k.aead.Open(nil, nil, sealed, at.bound(k.id))
	if err != nil {
		return nil, ErrAltered
	}
	return value, nil
}

// Blind returns what stands for a text that is looked for and must not be read: HMAC-SHA256 of its parts under the key, its
// first half. Nil without a key.
func (k *DataKey) Blind(parts ...string) []byte {
	if k == nil {
		return nil
	}
	h := hmac.New(sha256.New, k.raw)
	_, _ = h.Write([]byte("blind"))
	for _, p := range parts {
		_, _ = h.Write(binary.AppendUvarint(nil, uint64(len(p))))
		_, _ = h.Write([]byte(p))
	}
	return h.Sum(nil)[:16]
}
