package auth

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json"
)

// read checks the claims of a token whose signature is good, and gives the user and when the token ends.
func (s *jwt) read(payload []byte, now time.Time) (*User, int64, error) {
	var claims map[string]any
	d := json.NewDecoder(bytes.NewReader(payload))
	d.SetNumberType(json.UnmarshalJSONNumber)
	if err := d.Decode(&claims); err != nil || claims == nil {
		return nil, 0, errors.New("its claims are not JSON, or have a name twice")
	}
	if iss, _ := claims["iss"].(string); iss != s.Issuer {
		return nil, 0, errors.New("its issuer is another")
	}
	if !s.forUs(claims["aud"]) {
		return nil, 0, errors.New("it is for another audience")
	}
	expires, err := s.times(claims, now)
	if err != nil {
		return nil, 0, err
	}
	for _, name := range [...]string{"nonce", "at_hash", "c_hash"} {
		if claims[name] != nil {
			return nil, 0, errors.New("it is an ID token")
		}
	}
	if typ, ok := claims["typ"].(string); ok && strings.EqualFold(typ, "ID") {
		return nil, 0, errors.New("it is an ID token")
	}
	if _, bound := claims["cnf"]; bound {
		return nil, 0, errors.New("it is bound to a key whose possession cannot be shown here")
	}
	user, err := s.user(claims)
	return user, expires, err
}

func (s *jwt) forUs(aud any) bool {
	switch aud := aud.(type) {
	case string:
		return slices.Contains(s.Audiences, aud)
	case []any:
		return slices.ContainsFunc(aud, func(one any) bool {
			text, ok := one.(string)
			return ok && slices.Contains(s.Audiences, text)
		})
	}
	return false
}

// times checks exp, which is required, nbf, iat and auth_time, and gives exp with the leeway.
func (s *jwt) times(claims map[string]any, now time.Time) (int64, error) {
	leeway := int64(s.Leeway / time.Second)
	exp, ok := unixTime(claims["exp"])
	if !ok {
		return 0, errors.New("exp is missing or not whole seconds")
	}
	if exp+leeway <= now.Unix() {
		return 0, errors.New("it has expired")
	}
	for _, name := range [...]string{"nbf", "iat", "auth_time"} {
		if claims[name] == nil {
			continue
		}
		from, ok := unixTime(claims[name])
		if !ok {
			return 0, errors.New(name + " is not whole seconds")
		}
		if from > now.Unix()+leeway {
			return 0, errors.New("it is not valid yet")
		}
	}
	return exp + leeway, nil
}

func unixTime(claim any) (int64, bool) {
	n, ok := claim.(json.Number)
	if !ok {
		return 0, false
	}
	t, err := strconv.ParseInt(string(n), 10, 64)
	return t, err == nil && t >= 0 && t <= math.MaxUint32*16
}

// claim gives the claim under a name, or down a path of names.
func claim(claims map[string]any, name string) any {
	if v, ok := claims[name]; ok {
		return v
	}
	first, rest, more := strings.Cut(name, ".")
	inner, ok := claims[first].(map[string]any)
	if !more || !ok {
		return nil
	}
	return claim(inner, rest)
}
