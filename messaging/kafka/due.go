package kafka

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// dueHeader carries a due time in nanoseconds since 1970 and its signature, in hexadecimal.
const dueHeader = "fondaco_due"

func signDue(secret []byte, topic, id, key string, due time.Time) []byte {
	at := strconv.AppendInt(nil, due.UnixNano(), 10)
	signature := dueSignature(secret, topic, id, key, at)
	return hex.AppendEncode(append(at, ' '), signature)
}

// readDue returns the due time, none if we did not sign it for this message of this topic.
func readDue(secret []byte, topic, id, key string, value []byte) time.Time {
	at, signature, _ := bytes.Cut(value, []byte{' '})
	given, err := hex.DecodeString(string(signature))
	if err != nil || !hmac.Equal(given, dueSignature(secret, topic, id, key, at)) {
		return time.Time{}
	}
	nanoseconds, err := strconv.ParseInt(string(at), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds)
}

// due returns the due time of a message by its header, none if the header is nil or no secret signed it.
func (s signing) due(topic, id, key string, header []byte) time.Time {
	if header == nil {
		return time.Time{}
	}
	for _, secret := range s {
		if due := readDue(secret, topic, id, key, header); !due.IsZero() {
			return due
		}
	}
	return time.Time{}
}

func dueSignature(secret []byte, topic, id, key string, at []byte) []byte {
	h := hmac.New(sha256.New, secret)
	for _, part := range [][]byte{[]byte(topic), []byte(id), []byte(key), at} {
		_, _ = h.Write(strconv.AppendInt(nil, int64(len(part)), 10)) // so that no part runs into the next
		_, _ = h.Write([]byte{':'})
		_, _ = h.Write(part)
	}
	return h.Sum(nil)
}
