package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// Mint makes tokens for made-up people: for demonstrations and tests, in the place of a login service.
type Mint struct {
	config JWT
	key    *ecdsa.PrivateKey
	signer jose.Signer
}

// Person is whom a token speaks of.
type Person struct {
	Subject    string
	FiscalCode string
	Level      int // how surely identified; one of the configured levels, or 0
	Channel    string
	Roles      []string
}

const mintKey = "mint"

// MintAlgorithm is what tokens of a Mint are signed by.
const MintAlgorithm = string(jose.ES256)

// NewMint makes a mint with a new key (P-256), for tokens that c accepts when c.Keys holds the mint's JWKS.
func NewMint(c JWT) (*Mint, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return newMint(c, key)
}

func newMint(c JWT, key *ecdsa.PrivateKey) (*Mint, error) {
	c.Claims = c.Claims.withDefaults()
	options := (&jose.SignerOptions{}).WithType("at+jwt").WithHeader(jose.HeaderKey("kid"), mintKey)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, options)
	return &Mint{config: c, key: key, signer: signer}, err
}

// JWKS returns the public key as a JSON Web Key Set.
func (m *Mint) JWKS() ([]byte, error) {
	return json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: &m.key.PublicKey, KeyID: mintKey, Algorithm: string(jose.ES256), Use: "sig"},
	}})
}

// Token makes a token for p, good from now on for a while.
func (m *Mint) Token(p Person, now time.Time, good time.Duration) (string, error) {
	claims := map[string]any{
		"iss": m.config.Issuer, "aud": m.config.Audiences, "iat": now.Unix(), "nbf": now.Unix(), "auth_time": now.Unix(), "exp": now.Add(good).
			Unix(),
	}
	put(claims, m.config.Claims.Subject, p.Subject)
	if p.FiscalCode != "" {
		put(claims, m.config.Claims.FiscalCode, "TINIT-"+p.FiscalCode)
	}
	if p.Channel != "" {
		put(claims, m.config.Claims.Channel, p.Channel)
	}
	if p.Roles != nil {
		put(claims, m.config.Claims.Roles, p.Roles)
	}
	if p.Level > 0 {
		for name, level := range m.config.Levels {
			if level == p.Level {
				put(claims, m.config.Claims.Level, name)
			}
		}
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed, err := m.signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// put sets the claim at the end of a path of names.
func put(claims map[string]any, name string, value any) {
	first, rest, more := strings.Cut(name, ".")
	if !more || strings.Contains(name, "://") {
		claims[name] = value
		return
	}
	inner, ok := claims[first].(map[string]any)
	if !ok {
		inner = map[string]any{}
		claims[first] = inner
	}
	put(inner, rest, value)
}
