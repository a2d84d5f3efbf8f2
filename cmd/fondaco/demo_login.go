package main

import (
	"encoding/base64"
	"sync"
	"time"

	"fondaco/config"
	"fondaco/config/project"
	"fondaco/config/spec"
	"fondaco/routes"
	"fondaco/server/auth"
)

// citizen is the made-up person who calls in the demo.
var citizen = auth.Person{Subject: "mario.rossi", FiscalCode: "RSSMRA80A01L736U", Level: 2, Channel: "web", Roles: []string{"operatore"}}

// demoLogins stand in the place of a project's login services: the tokens of the made-up citizen are checked by keys
// that the demo has made, and no service is asked for its own. Safe for concurrent use.
type demoLogins struct {
	source config.Source
	now    func() time.Time

	mu    sync.Mutex
	mints map[string]*auth.Mint // by scheme; a key stays good when the project is read again
	keys  map[string]string     // by scheme by API keys or passwords: the header by which the made-up program is let in
}

// demoKeys is the file with the demo's keys, laid over the project.
const demoKeys = "demo.jwks"

// schemes makes the schemes of a project.
func (d *demoLogins) schemes(t *routes.Typed) (map[string]auth.Scheme, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := map[string]auth.Scheme{}
	for _, s := range t.Model.Project.Auth {
		name := s.Name.Value
		if s.Keyed != nil {
			var err error
			if all[name], err = d.keyed(s); err != nil {
				return nil, err
			}
			continue
		}
		if s.JWT == nil {
			continue
		}
		j, err := auth.JWTOf(s.JWT, d.source.Lookup)
		if err != nil {
			return nil, err
		}
		j.Introspection, j.StatusList = auth.Introspection{}, auth.StatusList{} // nobody knows the demo's tokens
		j.Keys, j.Algorithms = demoKeys, []string{auth.MintAlgorithm}
		mint := d.mints[name]
		if mint == nil {
			if mint, err = auth.NewMint(j); err != nil {
				return nil, err
			}
			d.mints[name] = mint
		}
		keys, err := mint.JWKS()
		if err != nil {
			return nil, err
		}
		if all[name], err = auth.NewJWT(j, auth.Deps{FS: overlay{d.source.FS, map[string][]byte{demoKeys: keys}}, Now: d.now}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// program is the name of the made-up program that calls in the demo.
const program = "demo"

// keyed makes a scheme by API keys or passwords which lets the made-up program in, and nobody of the project's file: their secrets are for
// the real thing.
func (d *demoLogins) keyed(s *project.Scheme) (auth.Scheme, error) {
	made := *s.Keyed
	caller := &project.Caller{Name: config.Text{Value: program}, Roles: citizen.Roles}
	made.Callers, made.Quota = []*project.Caller{caller}, spec.Rate{}
	secret := d.keys[s.Name.Value]
	if secret == "" {
		secret, _ = auth.NewKey()
		d.keys[s.Name.Value] = secret
	}
	if !made.Basic {
		caller.Keys = [][32]byte{auth.KeySum(secret)}
		return auth.NewAPIKey(&made, d.now), nil
	}
	var err error
	if caller.Password, err = auth.PasswordDigest(secret); err != nil {
		return nil, err
	}
	return auth.NewBasic(s.Name.Value, &made, d.now)
}

// header returns the header by which routes of a scheme may be called, "" if the project has no scheme of that name.
func (d *demoLogins) header(s *project.Scheme) string {
	if s == nil {
		return ""
	}
	if s.Keyed == nil {
		if token := d.token(s.Name.Value); token != "" {
			return "Authorization: Bearer " + token
		}
		return ""
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch secret := d.keys[s.Name.Value]; {
	case secret == "":
		return ""
	case s.Keyed.Basic:
		return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(program+":"+secret))
	default:
		return s.Keyed.Header + ": " + secret
	}
}

// token mints a token of the made-up citizen for a scheme, "" if the project has none of that name.
func (d *demoLogins) token(scheme string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	mint := d.mints[scheme]
	if mint == nil {
		return ""
	}
	token, err := mint.Token(citizen, d.now(), 24*time.Hour)
	if err != nil {
		return ""
	}
	return token
}
