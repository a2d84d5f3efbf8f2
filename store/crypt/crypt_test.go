package crypt

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

// TestParseKey: a key is 32 bytes in one of two forms, and no error holds it.
func TestParseKey(t *testing.T) {
	raw := bytes.Repeat([]byte{0xfb, 0xff}, KeyBytes/2) // with + and / in Base64
	var id string
	for _, text := range []string{
		strings.Repeat("fbff", 16), strings.Repeat("FBFF", 16), base64.StdEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
		" " + base64.StdEncoding.EncodeToString(raw) + "\n",
	} {
		k, err := ParseKey(text)
		if err != nil {
			t.Fatal(text, err)
		}
		if id == "" {
			id = k.ID()
		}
		if k.ID() != id || len(id) != 16 {
			t.Errorf("%s has the id %s, expected %s", text, k.ID(), id)
		}
	}
	for text, want := range map[string]string{
		"": "0 bytes", "s3cret": "a key of", "s3cret!": "7 characters", strings.Repeat("ab", 31): "31 bytes",
		strings.Repeat("ab", 33):                   "33 bytes",
		base64.StdEncoding.EncodeToString(raw[1:]): "31 bytes",
	} {
		_, err := ParseKey(text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v, expected %s", text, err, want)
		}
	}
	k, _ := ParseKey(strings.Repeat("fbff", 16))
	if _, err := NewKeys(k, k); err == nil {
		t.Error("a key stands twice")
	}
}

// TestDataKey: what one place holds is opened there alone, two encryptions of one value differ, and a wrapped key is its
// subject's.
func TestDataKey(t *testing.T) {
	one, _ := ParseKey(strings.Repeat("01", KeyBytes))
	keys, err := NewKeys(one)
	if err != nil {
		t.Fatal(err)
	}
	raw, sealed := keys.NewDataKey("rosa")
	if back, err := keys.Unwrap(one.ID(), "rosa", sealed); err != nil || !bytes.Equal(back, raw) {
		t.Error(err)
	}
	if _, err := keys.Unwrap(one.ID(), "bice", sealed); !errors.Is(err, ErrKey) {
		t.Error("a wrapped key is opened as another's", err)
	}
	k, at := Use(7, raw), Place{"t", "c", "1"}
	first, second := k.Seal(at, []byte("value")), k.Seal(at, []byte("value"))
	if bytes.Equal(first, second) || bytes.Contains(first, []byte("value")) || len(first) != len("value")+28 {
		t.Errorf("%x %x", first, second)
	}
	if value, err := k.Open(at, first); err != nil || string(value) != "value" {
		t.Error(value, err)
	}
	for _, other := range []Place{{"t", "c", "2"}, {"t", "d", "1"}, {"u", "c", "1"}, {"tc", "", "1"}} {
		if _, err := k.Open(other, first); !errors.Is(err, ErrAltered) {
			t.Errorf("opened at %v", other)
		}
	}
	if _, err := Use(8, raw).Open(at, first); !errors.Is(err, ErrAltered) {
		t.Error("opened under another number")
	}
}
