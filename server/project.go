package server

import (
	"fmt"
	"net"
	"strings"

	"fondaco/config"
	"fondaco/config/project"
)

// Lookup returns what a reference in the project's file names: of env, of secret.
type Lookup = func(space, name string) (value string, secret, ok bool)

// ConfigOf returns what a project says of its server, with its references resolved.
func ConfigOf(s *project.Server, lookup Lookup) (Config, error) {
	c := Config{
		Proxies: s.Proxies, MaxBody: s.Limits.Body, MaxHead: int(s.Limits.Headers), MaxTarget: int(s.Limits.URI), MaxConns: s.Limits.Connections,
		MinRate: int(s.Limits.Rate), InFlight: s.Limits.InFlight, CallerShare: s.Limits.CallerShare,
		Timeout: s.Limits.Time, DrainDelay: s.DrainDelay, Grace: s.Grace,
	}
	for _, origin := range s.Origins {
		c.Origins = append(c.Origins, origin.Value)
	}
	for _, host := range s.Hosts {
		c.ConsoleHosts = append(c.ConsoleHosts, host.Value)
	}
	for to, from := range map[*string]config.Ref{&c.Listen: s.Listen, &c.Console: s.Console, &c.Health: s.Health} {
		text, _, err := from.Resolve(lookup)
		if err != nil {
			return c, fmt.Errorf("%s: %w", from.Text.Pos, err)
		}
		*to = text
	}
	return c, nil
}

// CheckAddress reports what keeps an address from being listened at, as far as its text shows.
func CheckAddress(text string) error {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return fmt.Errorf("found %q, expected host:port or :port, as :8080", text)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return fmt.Errorf("found the port %q, expected 0 to 65535", port)
	}
	if strings.ContainsAny(host, "/ @") {
		return fmt.Errorf("found the host %q, expected a name or an address", host)
	}
	return nil
}
