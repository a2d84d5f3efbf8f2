package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const acr = "https://www.spid.gov.it/Spid"

var settings = JWT{
	Issuer: "https://login.example", Audiences: []string{"dime"}, Keys: "jwks.json", Leeway: 30 * time.Second,
	Levels: map[string]int{acr + "L1": 1, acr + "L2": 2, acr + "L3": 3},
}

type object = map[string]any

// forge makes tokens of any kind, also those that no library makes.
type forge struct {
	rsa  *rsa.PrivateKey
	p256 *ecdsa.PrivateKey
}

var smith = newForge()

func newForge() forge {
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return forge{r, e}
}

func (f forge) jwks() []byte {
	return jwks(
		jose.JSONWebKey{Key: &f.rsa.PublicKey, KeyID: "r", Use: "sig"}, jose.JSONWebKey{Key: &f.p256.PublicKey, KeyID: "e", Use: "sig"})
}

func jwks(keys ...jose.JSONWebKey) []byte {
	b, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		panic(err)
	}
	return b
}

func claims(with object) object {
	c := object{
		"iss": settings.Issuer, "aud": "dime", "sub": "s-1", "exp": noon.Unix() + 600, "iat": noon.Unix(),
		"fiscal_number": "TINIT-RSSMRA80A01L736U",
		"acr":           acr + "L2", "channel": "web", "roles": []string{"cittadino", "operatore"},
	}
	maps.Copy(c, with)
	return c
}

func part(v any) string {
	b, ok := v.([]byte)
	if text, isText := v.(string); isText {
		b, ok = []byte(text), true
	}
	if !ok {
		b, _ = json.Marshal(v)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func written(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// es256 signs any header and payload with the P-256 key.
func (f forge) es256(header, payload any) string {
	signed := part(header) + "." + part(payload)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, f.p256, sum[:])
	if err != nil {
		panic(err)
	}
	return signed + "." + part(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

func (f forge) rs256(header, payload any) string {
	signed := part(header) + "." + part(payload)
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, f.rsa, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return signed + "." + part(sig)
}

func es(with object) object {
	h := object{"alg": "ES256", "kid": "e", "typ": "at+jwt"}
	maps.Copy(h, with)
	return h
}

func scheme(t testing.TB, c JWT, d Deps) Scheme {
	t.Helper()
	if d.FS == nil {
		d.FS = fstest.MapFS{"jwks.json": {Data: smith.jwks()}}
	}
	if d.Now == nil {
		d.Now = func() time.Time { return noon }
	}
	s, err := NewJWT(c, d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }
