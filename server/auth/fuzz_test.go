package auth

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/go-jose/go-jose/v4"
)

// FuzzAuthenticate: whatever header and claims a key of ours has signed, a token is good only if they say what they must,
// as a reader of JSON other than ours reads them; and what nobody signed is never good. The signature is deterministic.
func FuzzAuthenticate(f *testing.F) {
	private := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	c := settings
	c.Algorithms, c.StatusList = []string{"EdDSA"}, StatusList{URI: "https://login.example/lists/", Optional: true}
	s, err := prepareJWT(c, Deps{FS: fstest.MapFS{"jwks.json": {Data: jwks(jose.JSONWebKey{Key: private.Public(), KeyID: "d"})}}})
	if err != nil {
		f.Fatal(err)
	}
	keys, err := s.keys.current(f.Context(), noon)
	if err != nil {
		f.Fatal(err)
	}
	head := object{"alg": "EdDSA", "kid": "d", "typ": "at+jwt"}
	for _, claims := range []object{
		claims(nil), claims(object{"aud": []any{"x", "dime"}, "roles": "a b", "acr": nil}), claims(object{"exp": 1.7e9}),
		claims(object{"nbf": 1e300}),
		claims(object{"status": object{"status_list": object{"idx": 1, "uri": "https://login.example/lists/1"}}}), claims(object{"nonce": "n"}),
		claims(object{"events": object{}}), claims(object{"cnf": object{}}), claims(object{"typ": "ID"}),
		claims(object{"auth_time": "x", "fiscal_number": "X"}),
		{},
	} {
		f.Add(written(head), written(claims), []byte(nil))
	}
	f.Add(`{"alg":"none"}`, `{"iss":"a","iss":"b"}`, []byte{0})
	f.Add(`{"alg":"EdDSA","crit":["b64"],"b64":false,"jwk":{"kty":"oct","k":""}}`, `{} {}`, []byte{1, 2})
	f.Fuzz(func(t *testing.T, header, payload string, wrong []byte) {
		signed := part(header) + "." + part(payload)
		signature := ed25519.Sign(private, []byte(signed))
		for i, b := range wrong[:min(len(wrong), len(signature))] {
			signature[i] ^= b
		}
		forged := !ed25519.Verify(private.Public().(ed25519.PublicKey), []byte(signed), signature)
		token := signed + "." + part(signature)
		if !plausible(token) {
			return
		}
		found, err := s.check(context.Background(), token, keys, noon)
		if err != nil {
			return
		}
		if forged {
			t.Fatalf("a forged token is good: %q", token)
		}
		if why := mustNotHold(header, payload); why != "" {
			t.Fatalf("%s, and the token is good: %q %q", why, header, payload)
		}
		if found.user.Subject == "" || found.expires <= noon.Unix() || found.status != nil &&
			(found.status.idx < 0 || !within(found.status.uri, s.listed.under)) {
			t.Fatalf("of %q came %+v", payload, found)
		}
	})
}

// mustNotHold returns why a signed token may not be good, "" if nothing is known against it.
func mustNotHold(header, payload string) string {
	var h struct {
		Alg, Typ  string
		Crit, B64 json.RawMessage
	}
	if err := json.Unmarshal([]byte(header), &h); err != nil {
		return "the header is not JSON"
	}
	var c map[string]any
	d := json.NewDecoder(bytes.NewReader([]byte(payload)))
	if err := d.Decode(&c); err != nil {
		return "the claims are no JSON"
	}
	if _, err := d.Token(); err != io.EOF {
		return "something follows the claims"
	}
	audiences, _ := c["aud"].([]any)
	exp, _ := c["exp"].(float64)
	sub, _ := c["sub"].(string)
	switch {
	case c["iss"] != settings.Issuer:
		return "it is another's"
	case c["aud"] != "dime" && !slices.Contains(audiences, any("dime")):
		return "it is for others"
	case exp+settings.Leeway.Seconds() <= float64(noon.Unix()):
		return "it has expired"
	case sub == "":
		return "it identifies nobody"
	}
	for _, name := range []string{"nonce", "at_hash", "c_hash", "events", "cnf"} {
		if _, there := c[name]; there {
			return "it has " + name
		}
	}
	return ""
}
