package server

import (
	"fmt"

	"fondaco/config"
	"fondaco/config/project"
)

// Lookup gives what a reference in the project's file names: of env, of secret.
type Lookup = func(space, name string) (value string, secret, ok bool)

// ConfigOf gives what a project says of its server, with its references resolved.
func ConfigOf(s *project.Server, lookup Lookup) (Config, error) {
	c := Config{
		Proxies: s.Proxies, MaxBody: s.Limits.Body, MaxHead: int(s.Limits.Headers), MaxTarget: int(s.Limits.URI), MaxConns: s.Limits.Connections,
		Timeout: s.Limits.Time, DrainDelay: s.DrainDelay, Grace: s.Grace,
	}
	for _, origin := range s.Origins {
		c.Origins = append(c.Origins, origin.Value)
	}
	for to, from := range map[*string]config.Ref{&c.Listen: s.Listen, &c.Console: s.Console} {
		text, _, err := from.Resolve(lookup)
		if err != nil {
			return c, fmt.Errorf("%s: %w", from.Text.Pos, err)
		}
		*to = text
	}
	return c, nil
}
