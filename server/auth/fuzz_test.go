package auth

import (
	"context"
	"testing"
)

// FuzzAuthenticate: no token is good but the one that was signed, and none makes the check panic.
func FuzzAuthenticate(f *testing.F) {
	s := scheme(f, settings, Deps{})
	good := smith.es256(es(nil), claims(nil))
	f.Add(good)
	f.Add(part(object{"alg": "none"}) + ".." + part("x"))
	f.Add(smith.rs256(`{"alg":"RS256","typ":"JWT","kid":null,"jwk":{"kty":"oct","k":""}}`, claims(object{"exp": 1e300, "aud": []any{nil, 1, []string{"dime"}}})))
	f.Fuzz(func(t *testing.T, token string) {
		u, err := s.Authenticate(context.Background(), bearer(token))
		if (u == nil) != (err != nil) || u != nil && token != good {
			t.Fatalf("found %v, %v for %q", u, err, token)
		}
	})
}
