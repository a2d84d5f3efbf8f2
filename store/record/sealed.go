package record

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"fondaco/store"
	"fondaco/store/crypt"
)

// Tables are those with encrypted columns, and a column dk with the number of the data key; 0 for a row that is as it was given.
// Sums are over what is stored. Encrypted are: of operations reply_to, header and body; of dead letters key, detail, header and
// body, and of their history detail and why; of answers under a key header and answer; of collections key, and body of their
// messages; and the project's secret.
var Tables = []string{"operation", "letter", "letter_event", "idempotency", "collection", "item"}

// What is looked for by what stands for it where it is encrypted.
const (
	LetterKey     = "letter.key"
	CollectionKey = "collection.key"
)

// Sealed is a text as it is stored, encrypted or not: octets.
type Sealed string

// ScanBytes takes up what a column holds.
func (s *Sealed) ScanBytes(b []byte) error {
	*s = Sealed(b)
	return nil
}

// Opener opens what a data key encrypted at a place; what has the key 0 is as it was given.
type Opener func(dk int64, at crypt.Place, sealed []byte) ([]byte, error)

// Text opens a text.
func (open Opener) Text(dk int64, at crypt.Place, sealed Sealed) (string, error) {
	value, err := open(dk, at, []byte(sealed))
	return string(value), err
}

// Lost returns the error for a value whose data key is gone or that is not what the key encrypted: store.ErrDamaged.
func Lost(at crypt.Place, err error) error {
	return fmt.Errorf("%w: %s %.100q: %w; the others are good; restore the state from a backup, or remove that row", store.ErrDamaged,
		at.Table, at.Row, err)
}

func sealed(k *crypt.DataKey, at crypt.Place, text string) Sealed {
	return Sealed(k.Seal(at, []byte(text)))
}

// withKey is what a sum is over, with the data key of a row that is encrypted. Rows that are not have the sum they always had.
func withKey(dk int64, parts ...any) []any {
	if dk == 0 {
		return parts
	}
	return append(parts, dk)
}

// secretPlace is where the project's secret stands.
var secretPlace = crypt.Place{Table: "meta", Column: "value", Row: "secret"}

// SecretText is how the project's secret is stored: its hexadecimal digits, or those of what a data key encrypted, after the number
// of the key. k is nil where nothing is encrypted.
func SecretText(k *crypt.DataKey, secret []byte) string {
	if k == nil {
		return hex.EncodeToString(secret)
	}
	return strconv.FormatInt(k.ID(), 10) + ":" + hex.EncodeToString(k.Seal(secretPlace, secret))
}

// ReadSecret reads SecretText. It reports whether the secret was encrypted.
func ReadSecret(open Opener, text string) (secret []byte, encrypted bool, err error) {
	number, digits, encrypted := strings.Cut(text, ":")
	if !encrypted {
		digits = text
	}
	if secret, err = hex.DecodeString(digits); err != nil || !encrypted {
		return secret, encrypted, err
	}
	dk, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil, true, fmt.Errorf("%w: the project's secret", store.ErrDamaged)
	}
	secret, err = open(dk, secretPlace, secret)
	return secret, true, err
}

// Each visits every row, in their order. Of those that are damaged, which are left out, it returns the last one's error as bad.
func Each[Row, Told any](rows []Row, tell func(*Row) (Told, error)) (list []Told, bad, err error) {
	for i := range rows {
		t, err := tell(&rows[i])
		switch {
		case errors.Is(err, store.ErrDamaged):
			bad = err
		case err != nil:
			return nil, nil, err
		default:
			list = append(list, t)
		}
	}
	return list, bad, nil
}
