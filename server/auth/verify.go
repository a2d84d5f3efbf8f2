package auth

import (
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// header is what is read of a token's header. What else is in it, as keys and addresses of keys, is not looked at.
type header struct {
	Alg  string          `json:"alg"`
	Kid  string          `json:"kid"`
	Typ  string          `json:"typ"`
	Crit json.RawMessage `json:"crit"`
	B64  json.RawMessage `json:"b64"`
}

// header reads a token's header, and returns why the scheme does not accept it, if it does not.
func (s *jwt) header(token string) (h header, err error) {
	var first []byte
	for i, part := range strings.SplitN(token, ".", 3) {
		decoded, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			return h, errors.New("a part is not base64url")
		}
		if i == 0 {
			first = decoded
		}
	}
	if err := json.Unmarshal(first, &h); err != nil {
		return h, errors.New("its header is not JSON, or has a name twice")
	}
	switch {
	case !slices.Contains(s.algorithms, jose.SignatureAlgorithm(h.Alg)):
		return h, errors.New("its algorithm is not one of the configured")
	case h.Crit != nil || h.B64 != nil:
		return h, errors.New("its header has critical extensions")
	case !s.typed(h.Typ):
		return h, errors.New("its type is not that of an access token")
	case len(h.Kid) > maxKid:
		return h, errors.New("its key id is too long")
	}
	return h, nil
}

// typed reports whether a token of this type is an access token. "application/" may stand before it or not (RFC 7515).
func (s *jwt) typed(typ string) bool {
	if len(typ) > len("application/") && strings.EqualFold(typ[:len("application/")], "application/") {
		typ = typ[len("application/"):]
	}
	return slices.ContainsFunc(s.Types, func(t string) bool { return strings.EqualFold(t, typ) })
}

// verify checks the signature by the keys that fit its algorithm and key id, and returns the payload.
func verify(token string, alg jose.SignatureAlgorithm, candidates []*key) ([]byte, error) {
	if len(candidates) == 0 {
		return nil, errors.New("no key fits its key id and algorithm")
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{alg})
	if err != nil {
		return nil, errors.New("it is not a signed token")
	}
	for _, k := range candidates {
		if payload, err := signed.Verify(k.public); err == nil && salted(token, alg, k) {
			return payload, nil
		}
	}
	return nil, errors.New("its signature is wrong")
}

// salted reports whether a signature of RSASSA-PSS has a salt as long as the hash, as RFC 7518 §3.5 wants; the library
// takes any. Other signatures have none.
func salted(token string, alg jose.SignatureAlgorithm, k *key) bool {
	hash, pss := map[jose.SignatureAlgorithm]crypto.Hash{jose.PS256: crypto.SHA256, jose.PS384: crypto.SHA384, jose.PS512: crypto.SHA512}[alg]
	if !pss {
		return true
	}
	public, ok := k.public.(*rsa.PublicKey)
	dot := strings.LastIndexByte(token, '.')
	if !ok || dot < 0 {
		return false
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(token[dot+1:])
	if err != nil {
		return false
	}
	h := hash.New()
	_, _ = h.Write([]byte(token[:dot]))
	return rsa.VerifyPSS(public, hash, h.Sum(nil), signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}) == nil
}
