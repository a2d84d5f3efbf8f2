package project

import (
	"slices"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// Scheme is a way to know who calls: one of JWT and Keyed.
type Scheme struct {
	Name  config.Text
	JWT   *JWT
	Keyed *Keyed
}

// Scheme returns the way to know who calls of a name, nil if the project has none.
func (p *Project) Scheme(name string) *Scheme {
	i := slices.IndexFunc(p.Auth, func(s *Scheme) bool { return s.Name.Value == name })
	if i < 0 {
		return nil
	}
	return p.Auth[i]
}

// JWT is a scheme by signed tokens.
type JWT struct {
	Issuer     config.Ref
	Audience   []config.Ref // one of them must be in the token
	Keys       config.Ref   // a file of the project or an https address
	KeysMaxAge time.Duration
	Algorithms []string
	Types      []string // what the header typ may say; "" for its absence
	Claims     Claims
	Levels     map[string]int // by the word in the token
	Leeway     time.Duration

	Introspection Introspection
	StatusList    StatusList
}

// StatusList is where the lists are that say which tokens do not hold any longer (draft-ietf-oauth-status-list).
type StatusList struct {
	Given     bool
	URI, Keys config.Ref
	Cache     time.Duration
	Required  bool
}

func (l *StatusList) spec(o *spec.Object) {
	l.Given, l.Cache, l.Required = true, 5*time.Minute, true
	o.Ref("uri", &l.URI, "env").Required().Doc("What the addresses of the lists begin with, https: a token that names a list elsewhere " +
		"is refused.").Example("https://login.city.example/statuslists/")
	o.Ref("keys", &l.Keys, "env").Doc("The public keys of whoever signs the lists as a JWKS: a file of the project, or an https address.").
		Default("the keys of the tokens")
	o.Duration("cache", &l.Cache).Within(time.Second, 24*time.Hour).Default("5m").
		Doc("How long a list is used at most; one that says a shorter ttl or exp is used for that. So long a revoked token may still be taken.")
	o.Bool("required", &l.Required).Default("true").Doc("A token that names no status list is refused.")
}

// Introspection is where it is asked whether a token still holds (RFC 7662).
type Introspection struct {
	Given                            bool
	Endpoint, ClientID, ClientSecret config.Ref
	Cache                            time.Duration
}

func (i *Introspection) spec(o *spec.Object) {
	i.Given, i.Cache = true, 30*time.Second
	o.Ref("endpoint", &i.Endpoint, "env").Required().Doc("Where it is asked: https.").Example("https://login.city.example/introspect")
	o.Ref("client_id", &i.ClientID, "env").Required().Doc("Who the city is there.")
	o.Ref("client_secret", &i.ClientSecret, "env", "secret").Required().Doc("Its secret.").Example("${secret.introspection}")
	o.Duration("cache", &i.Cache).Zero().Within(0, 10*time.Minute).Default("30s").
		Doc("How long an answer is used: so long a revoked token may still be taken. 0s asks for each request.")
}

// Algorithms are the signatures that a scheme may take: none is by a shared or an empty key.
func Algorithms() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

func (s *Scheme) spec(o *spec.Object) {
	o.Object("jwt", func(o *spec.Object) {
		j := &JWT{
			Levels: map[string]int{}, Leeway: 30 * time.Second, KeysMaxAge: time.Hour, Algorithms: []string{"RS256", "ES256"},
			Types: []string{"at+jwt", "JWT", ""}, Claims: usualClaims(),
		}
		s.JWT = j
		o.Ref("issuer", &j.Issuer, "env").Required().Doc("Who signs: the claim iss, letter by letter.")
		o.Var("audience", refs{&j.Audience}).Required().Doc("For whom the token must be: the claim aud.")
		o.Ref("keys", &j.Keys, "env").Required().Doc("The public keys as a JWKS: a file of the project, or an https address.").
			Example("keys/jwks.json")
		o.Duration("keys_max_age", &j.KeysMaxAge).Within(5*time.Minute, 7*24*time.Hour).Default("1h").
			Doc("How long keys of an address are used when they cannot be had anew: after it nobody is let in. They are asked for every 5 " +
				"minutes, and when a token names a key that is missing, at most once a minute.")
		o.Var("algorithms", algorithms{&j.Algorithms}).Default("[RS256, ES256]").Doc("The signatures that are taken.")
		o.Var("token_types", tokenTypes{&j.Types}).Default("[at+jwt, JWT, none]").
			Doc("What the header typ of a token may say; none for a token without it. ID tokens and logout tokens are refused, whatever their " +
				"header says.")
		o.Object("claims", j.Claims.spec).Doc("Where the token says what user is made of: the name of a claim, with dots into objects, or { " +
			"claim: NAME, required: true }.")
		o.Entries("levels", spec.Schema{"type": "integer"}, func(word config.Text, n *config.Node, out *diag.List) {
			level, ok := n.Int()
			if !ok || level < 1 || level > 9 {
				n.Report(out, diag.BadValue, "levels: found %s, expected an integer from 1 to 9", n.Found())
				return
			}
			j.Levels[word.Value] = int(level)
		}).AnyKeys().Doc("What the words of the level's claim are worth, 1 to 9.")
		o.Duration("leeway", &j.Leeway).Zero().Within(0, time.Minute).Default("30s").Doc("How far clocks may be apart.")
		o.Object("introspection", j.Introspection.spec).Doc("Has the login service say of each token whether it still holds (RFC 7662): one " +
			"that was revoked is refused. While it cannot be asked the answer is 503.")
		o.Object("status_list", j.StatusList.spec).Doc("Looks each token up in the signed status list that it names (statuslist+jwt): one " +
			"that the list calls invalid or suspended is refused. While the list cannot be had the answer is 503.")
	}).RequiredUnless("api_key", "basic").Doc("Signed tokens (JWT) of a login service.")
	s.keyed(o, "api_key", &Keyed{}).Doc("Keys that the city hands out to programs: each in a header, and its digest in a file.")
	s.keyed(o, "basic", &Keyed{Basic: true}).Doc("Names with passwords (RFC 7617), over TLS alone: for programs that can do no better.")
}

// keyed declares one of the ways by secrets.
func (s *Scheme) keyed(o *spec.Object, name string, k *Keyed) *spec.Field {
	return o.Object(name, func(o *spec.Object) {
		s.Keyed = k
		k.spec(o)
	}).At(&k.Pos)
}

// tokenTypes are the types of tokens.
type tokenTypes struct{ to *[]string }

// Decode reads one or several.
func (x tokenTypes) Decode(n *config.Node, out *diag.List) {
	list := texts("token_types", n, out)
	if n.Kind == config.NodeList && len(n.Items) == 0 {
		n.Report(out, diag.BadValue, "token_types: found an empty list, expected at least one type: no token would be taken")
	}
	if len(list) == 0 {
		return
	}
	*x.to = nil
	for _, t := range list {
		switch {
		case t.Value == "none":
			*x.to = append(*x.to, "")
		case t.Value == "" || strings.ContainsFunc(t.Value, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' }):
			t.Report(out, diag.BadValue, "token_types: found %q, expected the type of a token as at+jwt, or none for a token without one", t.Value)
		default:
			*x.to = append(*x.to, t.Value)
		}
	}
}

// Schema is that of texts.
func (x tokenTypes) Schema() spec.Schema { return textsSchema() }

// checkWays reports a scheme that says several ways to know who calls. n is the scheme's node.
func (s *Scheme) checkWays(n *config.Node, out *diag.List) {
	if n == nil {
		return
	}
	var said []config.Text
	for _, e := range n.Entries {
		if slices.Contains([]string{"jwt", "api_key", "basic"}, e.Key.Value) {
			said = append(said, e.Key)
		}
	}
	if len(said) > 1 {
		said[1].Report(out, diag.BadValue, "the scheme %s says %s and %s; a scheme has one of them", s.Name.Value, said[0].Value, said[1].Value).
			WithHint("make each a scheme of its own; a route names the one that it takes")
	}
}
