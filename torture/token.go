package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// identify makes the clients' login: it returns the public key, for a project, and a token that its engine takes. Of a caller whom
// the engine knows, another request under a used Idempotency-Key is refused.
func identify() (keys []byte, token string, err error) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, "", err
	}
	text := base64.RawURLEncoding.EncodeToString
	keys, err = json.Marshal(map[string]any{"keys": []map[string]string{
		{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "torture", "x": text(public)},
	}})
	if err != nil {
		return nil, "", err
	}
	now := time.Now()
	head := text([]byte(`{"alg":"EdDSA","typ":"at+jwt","kid":"torture"}`))
	claims := text(fmt.Appendf(nil, `{"iss":"https://login.example","aud":"torture","sub":"client","iat":%d,"exp":%d}`, now.Unix(),
		now.Add(24*time.Hour).Unix()))
	return keys, head + "." + claims + "." + text(ed25519.Sign(private, []byte(head+"."+claims))), nil
}
