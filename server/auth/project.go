package auth

import (
	"fmt"

	"fondaco/config"
	"fondaco/config/project"
)

// Schemes makes the schemes that a project declares, by name, with their references resolved by lookup. An error names
// the scheme's place.
func Schemes(declared []*project.Scheme, lookup func(space, name string) (value string, secret, ok bool), d Deps) (map[string]Scheme,
	error,
) {
	all := make(map[string]Scheme, len(declared))
	for _, one := range declared {
		s, err := schemeOf(one, lookup, d)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", one.Name.Pos, one.Name.Value, err)
		}
		if s != nil {
			all[one.Name.Value] = s
		}
	}
	return all, nil
}

// schemeOf makes one scheme, nil of one that says nothing.
func schemeOf(one *project.Scheme, lookup func(space, name string) (value string, secret, ok bool), d Deps) (Scheme, error) {
	now := config.Clock(d.Now).Now
	switch {
	case one.JWT != nil:
		c, err := JWTOf(one.JWT, lookup)
		if err != nil {
			return nil, err
		}
		return NewJWT(c, d)
	case one.Keyed == nil:
		return nil, nil
	case one.Keyed.Basic:
		return NewBasic(one.Name.Value, one.Keyed, now)
	}
	return NewAPIKey(one.Keyed, now), nil
}

// JWTOf returns what a project says of a scheme, with its references resolved by lookup.
func JWTOf(j *project.JWT, lookup func(space, name string) (value string, secret, ok bool)) (JWT, error) {
	c := JWT{
		Algorithms: j.Algorithms, Required: j.Claims.Required(), Types: j.Types, Levels: j.Levels, KeysMaxAge: j.KeysMaxAge,
		Leeway: j.Leeway, Claims: Claims{
			Subject: j.Claims.Subject.Name, FiscalCode: j.Claims.FiscalCode.Name, Level: j.Claims.Level.Name,
			Channel: j.Claims.Channel.Name, Roles: j.Claims.Roles.Name,
		},
	}
	resolve := func(r config.Ref) (string, error) {
		text, _, err := r.Resolve(lookup)
		return text, err
	}
	var err error
	if c.Issuer, err = resolve(j.Issuer); err != nil {
		return c, err
	}
	if c.Keys, err = resolve(j.Keys); err != nil {
		return c, err
	}
	if i := &j.Introspection; i.Given {
		c.Introspection.Cache = i.Cache
		for to, from := range map[*string]config.Ref{
			&c.Introspection.Endpoint: i.Endpoint, &c.Introspection.ClientID: i.ClientID,
			&c.Introspection.ClientSecret: i.ClientSecret,
		} {
			if *to, err = resolve(from); err != nil {
				return c, err
			}
		}
	}
	if l := &j.StatusList; l.Given {
		c.StatusList.Cache, c.StatusList.Optional = l.Cache, !l.Required
		if c.StatusList.URI, err = resolve(l.URI); err != nil {
			return c, err
		}
		if c.StatusList.Keys, err = resolve(l.Keys); err != nil {
			return c, err
		}
	}
	for _, r := range j.Audience {
		audience, err := resolve(r)
		if err != nil {
			return c, err
		}
		c.Audiences = append(c.Audiences, audience)
	}
	return c, nil
}
