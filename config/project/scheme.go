package project

import (
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// Scheme is a way to know who calls.
type Scheme struct {
	Name config.Text
	JWT  *JWT
}

// JWT is a scheme by signed tokens.
type JWT struct {
	Issuer     config.Ref
	Audience   []config.Ref // one of them must be in the token
	Keys       config.Ref   // a file of the project or an https address
	Algorithms []string
	Claims     Claims
	Levels     map[string]int // by the word in the token
	Leeway     time.Duration
}

// Algorithms are the signatures that a scheme may take: none is by a shared or an empty key.
func Algorithms() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

func (s *Scheme) spec(o *spec.Object) {
	o.Object("jwt", func(o *spec.Object) {
		j := &JWT{Levels: map[string]int{}, Leeway: 30 * time.Second, Algorithms: []string{"RS256", "ES256"}, Claims: usualClaims()}
		s.JWT = j
		o.Ref("issuer", &j.Issuer, "env").Required().Doc("Who signs: the claim iss, letter by letter.")
		o.Var("audience", refs{&j.Audience}).Required().Doc("For whom the token must be: the claim aud.")
		o.Ref("keys", &j.Keys, "env").Required().Doc("The public keys as a JWKS: a file of the project, or an https address.").Example("keys/jwks.json")
		o.Var("algorithms", algorithms{&j.Algorithms}).Default("[RS256, ES256]").Doc("The signatures that are taken.")
		o.Object("claims", j.Claims.spec).Doc("Where the token says what user is made of: the name of a claim, with dots into objects, or { claim: NAME, required: true }.")
		o.Entries("levels", spec.Schema{"type": "integer"}, func(word config.Text, n *config.Node, out *diag.List) {
			level, ok := n.Int()
			if !ok || level < 1 || level > 9 {
				n.Report(out, diag.BadValue, "levels: found %s, expected an integer from 1 to 9", n.Found())
				return
			}
			j.Levels[word.Value] = int(level)
		}).AnyKeys().Doc("What the words of the level's claim are worth, 1 to 9.")
		o.Duration("leeway", &j.Leeway).Zero().Within(0, time.Minute).Default("30s").Doc("How far clocks may be apart.")
	}).Required().Doc("Signed tokens (JWT) of a login service.")
}
