package engine

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/routes"
	"fondaco/server"
	"fondaco/server/auth"
)

// StartProblems reports what the start would refuse, as far as that is known without a connection: addresses, places of
// storage, login schemes. What flags say instead of the project is not looked at, nor what hangs on an environment or a secret
// that is not set here.
func (p *Folder) StartProblems(ctx context.Context, t *routes.Typed, f Flags, out *diag.List) {
	m := t.Model.Project
	secretProblems(t.Model.Source, out)
	p.serverProblems(&m.Server, f, out)
	if _, err := m.Network.ProxyAddress(p.Source.Lookup); err != nil && !errors.Is(err, config.ErrNoReference) &&
		!m.Network.Proxy.IsLiteral() {
		m.Network.Proxy.Text.Report(out, diag.BadValue, "network.proxy: %s", err.Error())
	}
	p.storageProblems(ctx, t, out)
	for _, s := range m.Auth {
		p.schemeProblems(s, &m.Server, out)
	}
	if _, err := basePath(ServersOf(t, p.Source, "127.0.0.1:8080", false)); err != nil {
		m.Server.PublicURL.Text.Report(out, diag.BadValue,
			"server.public_url: found something else than an address, expected one as https://api.city.example")
	}
}

// Console returns the console's address that the project says, "" if it says none or cannot be read: it is only looked at, and problems are
// those of other commands.
func (p *Folder) Console() string {
	read := project.Read(p.Source.FS, &diag.List{})
	if read == nil {
		return ""
	}
	text, ok := p.known(read.Server.Console)
	if _, port, err := net.SplitHostPort(text); !ok || err != nil || port == "0" {
		return ""
	}
	return text
}

// known resolves a reference; false if something that it names is not set.
func (p *Folder) known(r config.Ref) (string, bool) {
	text, _, err := r.Resolve(p.Source.Lookup)
	return text, err == nil
}

func (p *Folder) serverProblems(s *project.Server, f Flags, out *diag.List) {
	taken := map[string]string{} // what has an address
	for _, one := range []struct {
		name, instead string
		ref           config.Ref
		check         func(string) error
	}{
		{"server.listen", f.Listen, s.Listen, server.CheckAddress},
		{"server.console", f.Console, s.Console, server.CheckConsole},
		{"server.health", f.Health, s.Health, server.CheckAddress},
	} {
		text, ok := p.known(one.ref)
		if !ok || text == "" || one.instead != "" {
			continue
		}
		if err := one.check(text); err != nil {
			one.ref.Text.Report(out, diag.BadValue, "%s: %s", one.name, err.Error())
			continue
		}
		_, port, _ := net.SplitHostPort(text)
		if other := taken[text]; other != "" && port != "0" && port != "" {
			one.ref.Text.Report(out, diag.BadValue, "%s: found %q, which is the address of %s; expected another", one.name, text, other)
			continue
		}
		taken[text] = one.name
	}
}

// clearPasswords warns of a scheme by passwords where nothing is said of who ends TLS: requests with passwords are refused then, unless
// they come from this machine.
func (p *Folder) clearPasswords(s *project.Scheme, server *project.Server, out *diag.List) {
	listen, known := p.known(server.Listen)
	host, _, err := net.SplitHostPort(listen)
	if len(server.Proxies) > 0 || !known || err != nil {
		return
	}
	if at, err := netip.ParseAddr(host); err == nil && at.IsLoopback() || host == "localhost" {
		return
	}
	out.Report(diag.BadValue, s.Keyed.Pos, "the scheme %s takes passwords over TLS alone, and the server has no proxy that ends it: requests "+
		"from other machines are answered 403", s.Name.Value).
		WithHint("say the proxy's address under server: trusted_proxies, or a loopback address under server: listen").AsWarning()
}

func (p *Folder) schemeProblems(s *project.Scheme, server *project.Server, out *diag.List) {
	if s.Keyed != nil && s.Keyed.Basic {
		p.clearPasswords(s, server, out)
	}
	if s.JWT == nil {
		return
	}
	j, err := auth.JWTOf(s.JWT, standIn(p.Source.Lookup))
	if err != nil {
		return
	}
	_, keysKnown := p.known(s.JWT.Keys)
	if !keysKnown {
		j.Keys = "https://keys.invalid/" // good in its form, and not asked
	}
	if _, known := p.known(s.JWT.Introspection.Endpoint); s.JWT.Introspection.Given && !known {
		j.Introspection.Endpoint = "https://login.invalid/"
	}
	if list := &s.JWT.StatusList; list.Given {
		if _, known := p.known(list.URI); !known {
			j.StatusList.URI = "https://login.invalid/"
		}
		if _, known := p.known(list.Keys); !known && !list.Keys.IsZero() {
			j.StatusList.Keys = "https://keys.invalid/"
		}
	}
	err = auth.CheckJWT(j, auth.Deps{FS: p.Source.FS})
	switch {
	case err == nil:
	case strings.HasPrefix(err.Error(), "jwt: keys"):
		s.JWT.Keys.Text.Report(out, diag.BadValue, "%s", err.Error())
	case strings.HasPrefix(err.Error(), "jwt: introspection"):
		s.JWT.Introspection.Endpoint.Text.Report(out, diag.BadValue, "%s", err.Error())
	case strings.HasPrefix(err.Error(), "jwt: status_list: jwt: keys"):
		s.JWT.StatusList.Keys.Text.Report(out, diag.BadValue, "%s", err.Error())
	case strings.HasPrefix(err.Error(), "jwt: status_list"):
		s.JWT.StatusList.URI.Text.Report(out, diag.BadValue, "%s", err.Error())
	default:
		s.Name.Report(out, diag.BadValue, "%s: %s", s.Name.Value, err.Error())
	}
}
