package auth

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json"
)

// read checks the claims of a token whose signature is good, and returns what is remembered of the token.
func (s *jwt) read(payload []byte, now time.Time) (*checked, error) {
	var claims map[string]any
	d := json.NewDecoder(bytes.NewReader(payload))
	d.SetNumberType(json.UnmarshalJSONNumber)
	if err := d.Decode(&claims); err != nil || claims == nil {
		return nil, errors.New("its claims are not JSON, or have a name twice")
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows its claims")
	}
	if iss, _ := claims["iss"].(string); iss != s.Issuer {
		return nil, errors.New("its issuer is another")
	}
	if !s.forUs(claims["aud"]) {
		return nil, errors.New("it is for another audience")
	}
	expires, err := s.times(claims, now)
	if err != nil {
		return nil, err
	}
	if err := accessToken(claims); err != nil {
		return nil, err
	}
	if _, bound := claims["cnf"]; bound {
		return nil, errors.New("it is bound to a key whose possession cannot be shown here")
	}
	c := &checked{expires: expires}
	if c.user, err = s.user(claims); err != nil || s.listed == nil {
		return c, err
	}
	c.status, err = statusClaim(claims, s.listed.under)
	if err == nil && c.status == nil && !s.listed.Optional {
		err = errors.New("it names no status list")
	}
	return c, err
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

// times checks exp, which is required, nbf, iat and auth_time, and returns exp with the leeway, in whole seconds.
func (s *jwt) times(claims map[string]any, now time.Time) (int64, error) {
	leeway, at := s.Leeway.Seconds(), float64(now.UnixMicro())/1e6
	exp, ok := unixTime(claims["exp"])
	if !ok {
		return 0, errors.New("exp is missing or no date")
	}
	if exp+leeway <= at {
		return 0, errors.New("it has expired")
	}
	for _, name := range [...]string{"nbf", "iat", "auth_time"} {
		if claims[name] == nil {
			continue
		}
		from, ok := unixTime(claims[name])
		if !ok {
			return 0, errors.New(name + " is not a date")
		}
		if from > at+leeway {
			return 0, errors.New("it is not valid yet")
		}
	}
	return int64(exp + leeway), nil
}

// unixTime reads a NumericDate (RFC 7519 §2): seconds since 1970, which may have a fraction and an exponent.
func unixTime(claim any) (float64, bool) {
	n, ok := claim.(json.Number)
	if !ok {
		return 0, false
	}
	t, err := strconv.ParseFloat(string(n), 64)
	return t, err == nil && t >= 0 && t <= math.MaxUint32*16
}

// accessToken reports why the claims are those of a token that is not for access: one for the client about a login (OpenID
// Connect Core §2), about its end (Back-Channel Logout §2.4) or about another event (RFC 8417), whatever its header says.
func accessToken(claims map[string]any) error {
	for _, name := range [...]string{"nonce", "at_hash", "c_hash"} {
		if _, there := claims[name]; there {
			return errors.New("it is an ID token")
		}
	}
	if _, there := claims["events"]; there {
		return errors.New("it is a security event token, not a log-in")
	}
	switch typ, _ := claims["typ"].(string); {
	case strings.EqualFold(typ, "ID"):
		return errors.New("it is an ID token")
	case strings.EqualFold(typ, "Logout"):
		return errors.New("it is a security event token, not a log-in")
	}
	return nil
}

// claim returns the claim under a name, or down a path of names.
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
