package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"unicode/utf8"

	"fondaco/config/project"

	"golang.org/x/crypto/bcrypt"
)

// KeySum returns the digest of an API key as callers have it.
func KeySum(key string) [sha256.Size]byte { return sha256.Sum256([]byte(key)) }

// KeyDigest returns the digest of an API key as files of callers have it.
func KeyDigest(key string) string {
	sum := KeySum(key)
	return project.KeyPrefix + hex.EncodeToString(sum[:])
}

// NewKey makes an API key of 256 bits, and its digest as files of callers have it.
func NewKey() (key, digest string) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	key = "fondaco_" + base64.RawURLEncoding.EncodeToString(b[:])
	return key, KeyDigest(key)
}

// PasswordDigest returns the digest of a password as files of callers have it. An error says why the password cannot be one.
func PasswordDigest(password string) (string, error) {
	switch {
	case len(password) > maxPassword:
		return "", errors.New("the password is longer than 72 octets, of which bcrypt looks at no more")
	case !utf8.ValidString(password) || strings.ContainsFunc(password, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "", errors.New("the password has control characters, or is not UTF-8")
	case utf8.RuneCountInString(password) < 12:
		return "", errors.New("the password has fewer than 12 characters: programs do not mind long ones")
	}
	digest, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	return string(digest), err
}
