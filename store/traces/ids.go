package traces

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// hashed begins a keyed hash of an id.
const hashed = "~"

// named returns an id as it is kept: one that was made at random as it is, any other as its keyed hash, as whoever chose it may have put
// a person's code into it; without a key it is not kept.
func (s *Store) named(id string) string {
	if id == "" || random(id) {
		return id
	}
	return hash(s.options.Key(), id)
}

func hash(key []byte, id string) string {
	if len(key) == 0 {
		return ""
	}
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte("trace\x00" + id))
	return hashed + hex.EncodeToString(h.Sum(nil)[:16])
}

// random reports whether an id has the form of those that this program makes up: 32 hexadecimal digits of which some are letters, 26 of
// base 32, or a UUID.
func random(id string) bool {
	switch len(id) {
	case 26:
		return only(id, "abcdefghijklmnopqrstuvwxyz234567")
	case 32:
		return only(id, "0123456789abcdef") && strings.ContainsAny(id, "abcdef")
	case 36:
		plain := strings.ReplaceAll(id, "-", "")
		return len(plain) == 32 && id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-' && random(plain)
	}
	return false
}

func only(s, of string) bool {
	return strings.Trim(s, of) == ""
}
