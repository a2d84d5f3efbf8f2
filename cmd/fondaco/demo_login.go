package main

import (
	"sync"
	"time"

	"fondaco/config"
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
}

// demoKeys is the file with the demo's keys, laid over the project.
const demoKeys = "demo.jwks"

// schemes makes the schemes of a project.
func (d *demoLogins) schemes(t *routes.Typed) (map[string]auth.Scheme, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := map[string]auth.Scheme{}
	for _, s := range t.Model.Project.Auth {
		if s.JWT == nil {
			continue
		}
		name := s.Name.Value
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
