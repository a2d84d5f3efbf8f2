package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/maypok86/otter/v2"
)

// JWT says how access tokens are checked. Issuer, Audiences and Keys are required; the zero value of another field takes
// the default.
type JWT struct {
	Issuer     string         // the claim iss, exactly
	Audiences  []string       // one of them must be one of the claim aud, exactly
	Keys       string         // a file with a JWKS, or public keys in PEM; or the https URL of a JWKS
	Algorithms []string       // RS256 and ES256
	Types      []string       // what the header typ may say; at+jwt, JWT and "", which admits its absence
	Claims     Claims         // which claims say who calls
	Required   []string       // fields of user, beside subject, that every token must tell
	Levels     map[string]int // the level that a value of the claim Claims.Level stands for; others stand for 0
	KeysMaxAge time.Duration  // how long keys behind a URL are used when they cannot be had anew; an hour
	Leeway     time.Duration  // how far clocks may differ, at most 60s; 0

	Introspection Introspection // where it is asked besides whether a token still holds
	StatusList    StatusList    // where the lists are that say it
}

// Claims names the claims that say who calls. A name may be a path, as realm_access.roles. The default is the field's
// usual claim.
type Claims struct {
	Subject    string // sub
	FiscalCode string // fiscal_number
	Level      string // acr
	Channel    string // channel
	Roles      string // roles
}

// Deps are what a scheme takes from outside.
type Deps struct {
	FS     fs.FS            // where files with keys are
	Client *http.Client     // for keys behind a URL; nil means a plain one
	Keys   *KeyCache        // of those; nil means that each scheme has its own
	Now    func() time.Time // nil means time.Now
}

const (
	maxToken  = 8 << 10 // characters of a token
	maxLeeway = 60 * time.Second
	maxCached = 10_000 // tokens whose check is remembered
)

// known are the algorithms that may be configured. All are asymmetric: whoever checks tokens cannot make them.
var known = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// jwt checks access tokens in the header Authorization.
type jwt struct {
	JWT
	algorithms []jose.SignatureAlgorithm
	keys       source
	now        func() time.Time
	checked    *otter.Cache[[sha256.Size]byte, *checked]
	active     *introspector // nil if nobody is asked
	listed     *statusLists  // nil if there are no lists
}

// checked is a token that was found good, as long as the keys are those.
type checked struct {
	user    *User
	expires int64 // Unix seconds, leeway included
	keys    *keys
	status  *statusRef // nil if no list is asked
}

// NewJWT makes the scheme. Keys in a file are read now; those behind a URL are fetched when the first token comes. There
// is nothing to close.
func NewJWT(c JWT, d Deps) (Scheme, error) {
	s, err := prepareJWT(c, d)
	if err != nil {
		return nil, err
	}
	if s.Introspection != (Introspection{}) {
		if s.active, err = newIntrospector(s.Introspection, d.Client, s.now); err != nil {
			return nil, err
		}
	}
	s.checked, err = otter.New(&otter.Options[[sha256.Size]byte, *checked]{MaximumSize: maxCached})
	return s, err
}

// CheckJWT reports what NewJWT would refuse. It connects to nothing.
func CheckJWT(c JWT, d Deps) error {
	_, err := prepareJWT(c, d)
	return err
}

// prepareJWT makes a scheme that has no memory yet.
func prepareJWT(c JWT, d Deps) (*jwt, error) {
	s := &jwt{JWT: c, now: d.Now}
	if s.now == nil {
		s.now = time.Now
	}
	if err := s.settle(); err != nil {
		return nil, err
	}
	var err error
	if s.keys, err = newSource(c.Keys, s.algorithms, s.KeysMaxAge, d); err != nil || s.StatusList == (StatusList{}) {
		return s, err
	}
	s.listed, err = newStatusLists(s, d)
	return s, err
}

// settle sets defaults and checks what was configured.
func (s *jwt) settle() error {
	if s.Issuer == "" || len(s.Audiences) == 0 || s.JWT.Keys == "" {
		return errors.New("jwt: issuer, audiences and keys are required")
	}
	if s.Leeway < 0 || s.Leeway > maxLeeway {
		return fmt.Errorf("jwt: found leeway %v, expected at most %v", s.Leeway, maxLeeway)
	}
	if s.KeysMaxAge == 0 {
		s.KeysMaxAge = keysGood
	}
	if s.KeysMaxAge < keysFresh {
		return fmt.Errorf("jwt: found keys_max_age %v, expected at least %v", s.KeysMaxAge, keysFresh)
	}
	if s.Algorithms == nil {
		s.Algorithms = []string{string(jose.RS256), string(jose.ES256)}
	}
	for _, a := range s.Algorithms {
		if !slices.Contains(known, jose.SignatureAlgorithm(a)) {
			return fmt.Errorf("jwt: found algorithm %q, expected one of %v", a, known)
		}
		s.algorithms = append(s.algorithms, jose.SignatureAlgorithm(a))
	}
	if s.Types == nil {
		s.Types = []string{"at+jwt", "JWT", ""}
	}
	for name := range s.Levels {
		if strings.ContainsAny(name, "\"\\ \r\n") {
			return fmt.Errorf("jwt: the level %q has a character that a challenge cannot hold", name)
		}
	}
	s.Claims = s.Claims.withDefaults()
	if s.Introspection != (Introspection{}) {
		if err := s.Introspection.check(); err != nil {
			return err
		}
	}
	if s.StatusList != (StatusList{}) {
		return s.StatusList.check()
	}
	return nil
}

func (c Claims) withDefaults() Claims {
	for p, usual := range map[*string]string{
		&c.Subject: "sub", &c.FiscalCode: "fiscal_number", &c.Level: "acr", &c.Channel: "channel", &c.Roles: "roles",
	} {
		if *p == "" {
			*p = usual
		}
	}
	return c
}

// Authenticate checks the token of the header Authorization. A token that was found good is remembered until it expires
// or the keys change; whether it still holds is asked anew, where somebody is asked.
func (s *jwt) Authenticate(ctx context.Context, head http.Header) (*User, error) {
	values := head["Authorization"]
	switch {
	case len(values) == 0:
		return nil, &Refusal{Status: http.StatusUnauthorized, Description: "An access token is needed."}
	case len(values) > 1:
		return nil, &Refusal{Status: http.StatusBadRequest, Description: "The header Authorization stands twice."}
	}
	name, token, _ := strings.Cut(values[0], " ")
	token = strings.TrimLeft(token, " ") // 1*SP, RFC 6750 §2.1
	if !strings.EqualFold(name, "Bearer") {
		return nil, &Refusal{Status: http.StatusUnauthorized, Description: "An access token is needed."}
	}
	if !plausible(token) {
		return nil, refuse(errors.New("it is not three parts of base64url"))
	}
	now := s.now()
	keys, err := s.keys.current(ctx, now)
	if err != nil {
		return nil, &Refusal{Status: http.StatusServiceUnavailable, Description: "The keys that tokens are checked by cannot be had.", Err: err}
	}
	sum := sha256.Sum256([]byte(token))
	c, ok := s.checked.GetIfPresent(sum)
	if !ok || c.keys != keys || now.Unix() >= c.expires {
		if c, err = s.check(ctx, token, keys, now); err != nil {
			return nil, refuse(err)
		}
		s.checked.Set(sum, c)
	}
	if c.status != nil {
		if err := s.listed.holds(ctx, c.status); err != nil {
			return nil, err
		}
	}
	if s.active != nil { // only tokens that are good by themselves are asked about: strangers cannot have it asked
		if err := s.active.holds(ctx, token, sum); err != nil {
			return nil, err
		}
	}
	return c.user, nil
}

// refuse makes the refusal of a token; one that err is already stays.
func refuse(err error) *Refusal {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal
	}
	return &Refusal{Status: http.StatusUnauthorized, Code: InvalidToken, Description: "The access token is not valid.", Err: err}
}

// plausible reports whether token looks like a JWS in its compact form, before anything is spent on it.
func plausible(token string) bool {
	if len(token) > maxToken {
		return false
	}
	dots := 0
	for i := range len(token) {
		c := token[i]
		switch {
		case c == '.':
			dots++
		case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'z', c == '-', c == '_':
		default:
			return false
		}
	}
	return dots == 2
}

// check checks a token that is not remembered.
func (s *jwt) check(ctx context.Context, token string, in *keys, now time.Time) (*checked, error) {
	h, err := s.header(token)
	if err != nil {
		return nil, err
	}
	alg := jose.SignatureAlgorithm(h.Alg)
	candidates := in.find(h.Kid, alg)
	if len(candidates) == 0 {
		if fresh := s.keys.refresh(ctx, now); fresh != nil && fresh != in {
			in = fresh
			candidates = in.find(h.Kid, alg)
		}
	}
	payload, err := verify(token, alg, candidates)
	if err != nil {
		return nil, err
	}
	c, err := s.read(payload, now)
	if err != nil {
		return nil, err
	}
	c.keys = in
	return c, nil
}

// Challenge returns the value of WWW-Authenticate (RFC 6750), with the values that would do for the level, and how old the
// login may be (RFC 9470).
func (s *jwt) Challenge(code, description string, need Need) string {
	var b strings.Builder
	b.WriteString(`Bearer realm="fondaco"`)
	if code != "" {
		fmt.Fprintf(&b, `, error="%s", error_description="%s"`, code, description)
	}
	if code == InsufficientAuthentication && need.Level > 0 {
		fmt.Fprintf(&b, `, acr_values="%s"`, strings.Join(s.levelsFrom(need.Level), " "))
	}
	if code == InsufficientAuthentication && need.MaxAge > 0 {
		fmt.Fprintf(&b, `, max_age="%d"`, int64(need.MaxAge/time.Second))
	}
	return b.String()
}

// levelsFrom lists the values that stand for at least a level, the lowest first.
func (s *jwt) levelsFrom(level int) []string {
	var names []string
	for name, n := range s.Levels {
		if n >= level {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := s.Levels[a] - s.Levels[b]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return names
}
