package auth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

const (
	maxKeys    = 64        // keys of one set
	maxKeyFile = 256 << 10 // bytes of one set
	maxKid     = 256       // characters of a key's id
)

// keys are the public keys that tokens are checked by. They are not changed.
type keys struct{ all []*key }

// key is one of them.
type key struct {
	id         string // "" fits any
	public     any
	algorithms []jose.SignatureAlgorithm
}

// find lists the keys that a token's header fits.
func (k *keys) find(id string, alg jose.SignatureAlgorithm) []*key {
	var fit []*key
	for _, one := range k.all {
		if (id == "" || one.id == "" || one.id == id) && slices.Contains(one.algorithms, alg) {
			fit = append(fit, one)
		}
	}
	return fit
}

// parseKeys reads a JWKS or PEM. Keys that are not for checking signatures by one of the algorithms, or are too weak,
// are left out, and so are those that share an id: which is meant is not known. An error says that none is left.
func parseKeys(src []byte, algorithms []jose.SignatureAlgorithm) (*keys, error) {
	read := parseJWKS
	if bytes.HasPrefix(bytes.TrimSpace(src), []byte("-----BEGIN ")) {
		read = parsePEM
	}
	found, err := read(src)
	if err != nil {
		return nil, err
	}
	set := &keys{}
	why := errors.New("there is no key")
	for i, k := range found {
		twin := func(o *key) bool { return o != k && o.id != "" && o.id == k.id }
		if slices.ContainsFunc(found, twin) {
			why = fmt.Errorf("key %d has the id of another", i+1)
			continue
		}
		fit, err := fitting(k)
		if err != nil {
			why = fmt.Errorf("key %d: %w", i+1, err)
			continue
		}
		k.algorithms = slices.DeleteFunc(fit, func(a jose.SignatureAlgorithm) bool { return !slices.Contains(algorithms, a) })
		if len(k.algorithms) == 0 {
			why = fmt.Errorf("key %d is not for the algorithms %v", i+1, algorithms)
			continue
		}
		set.all = append(set.all, k)
	}
	if len(set.all) == 0 {
		return nil, fmt.Errorf("no key is usable: %w", why)
	}
	return set, nil
}

func parseJWKS(src []byte) ([]*key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(src, &set); err != nil {
		return nil, errors.New("it is neither a JWKS nor PEM")
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("found %d keys, expected at most %d", len(set.Keys), maxKeys)
	}
	var found []*key
	for _, raw := range set.Keys {
		var k jose.JSONWebKey
		var ops struct {
			KeyOps []string `json:"key_ops"`
		}
		if k.UnmarshalJSON(raw) != nil || json.Unmarshal(raw, &ops) != nil || ops.KeyOps != nil && !slices.Contains(ops.KeyOps, "verify") ||
			k.Use != "" && k.Use != "sig" || len(k.KeyID) > maxKid {
			found = append(found, &key{})
			continue
		}
		one := &key{id: k.KeyID, public: k.Key}
		if k.Algorithm != "" {
			one.algorithms = []jose.SignatureAlgorithm{jose.SignatureAlgorithm(k.Algorithm)}
		}
		found = append(found, one)
	}
	return found, nil
}

func parsePEM(src []byte) ([]*key, error) {
	var found []*key
	for {
		var block *pem.Block
		if block, src = pem.Decode(src); block == nil {
			return found, nil
		}
		switch block.Type {
		case "PUBLIC KEY":
			public, err := x509.ParsePKIXPublicKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("a public key: %w", err)
			}
			found = append(found, &key{public: public})
		case "CERTIFICATE":
			certificate, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("a certificate: %w", err)
			}
			found = append(found, &key{public: certificate.PublicKey})
		default:
			return nil, fmt.Errorf("found PEM of type %q, expected PUBLIC KEY or CERTIFICATE", block.Type)
		}
		if len(found) > maxKeys {
			return nil, fmt.Errorf("found more than %d keys", maxKeys)
		}
	}
}

// fitting lists the algorithms that a key is good for: those of its kind, or the one that it names.
func fitting(k *key) ([]jose.SignatureAlgorithm, error) {
	var fit []jose.SignatureAlgorithm
	switch public := k.public.(type) {
	case *rsa.PublicKey:
		if n := public.N.BitLen(); n < 2048 || n > 8192 {
			return nil, fmt.Errorf("found RSA of %d bits, expected 2048 to 8192", n)
		}
		if roca(public.N) {
			return nil, errors.New("found RSA whose private key can be computed (CVE-2017-15361)")
		}
		fit = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512}
	case *ecdsa.PublicKey:
		switch public.Curve {
		case elliptic.P256():
			fit = []jose.SignatureAlgorithm{jose.ES256}
		case elliptic.P384():
			fit = []jose.SignatureAlgorithm{jose.ES384}
		case elliptic.P521():
			fit = []jose.SignatureAlgorithm{jose.ES512}
		}
	case ed25519.PublicKey:
		fit = []jose.SignatureAlgorithm{jose.EdDSA}
	default:
		return nil, errors.New("it is not a public key for signatures")
	}
	if k.algorithms != nil {
		return slices.DeleteFunc(fit, func(a jose.SignatureAlgorithm) bool { return a != k.algorithms[0] }), nil
	}
	return fit, nil
}
