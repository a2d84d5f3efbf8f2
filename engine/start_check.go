package engine

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/engine/storage"
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

// storageProblems reports places of storage that cannot be opened. Of a project that keeps nothing they are warnings:
// they are not opened.
func (p *Folder) storageProblems(ctx context.Context, t *routes.Typed, out *diag.List) {
	s := &t.Model.Project.Storage
	if address, err := s.CacheAddress(p.Source.Lookup); err != nil && !errors.Is(err, config.ErrNoReference) {
		s.Cache.Text.Report(out, diag.BadValue, "storage.cache: %s", err.Error())
	} else if err == nil && address != "" {
		if err := storage.CheckCache(address); err != nil {
			s.Cache.Text.Report(out, diag.BadValue, "storage.cache: %s", err.Error())
		}
	}
	report := func(name string, r config.Ref, err error) {
		if err == nil {
			return
		}
		text := r.Text
		if r.IsZero() {
			text.Pos = t.Model.Project.Pos
		}
		problem := text.Report(out, diag.BadValue, "%s: %s", name, err.Error())
		problem.Warning = problem.Warning || !storage.Needed(t)
	}
	state, stateKnown := p.stateText(s)
	shared := storage.SharedState(state)
	var err error
	if stateKnown {
		dir := p.dir
		if !shared {
			dir = p.keptIn()
		}
		if err = storage.CheckState(dir, state, t.Model.Project.Name.Value); err == nil && !shared {
			err = storage.UnfinishedRestore(p.placed(state))
		}
		report("storage.state", s.State, err)
	}
	file := ""
	if stateKnown && err == nil && !shared {
		file = p.placed(state)
	}
	if shared {
		state = storage.DefaultState // beside which its own files are
	}
	p.encryptionProblems(ctx, t, file, out)
	topics, ok := p.known(s.Topics)
	switch {
	case ok && (topics == "" || topics == "embedded"):
		if stateKnown && err == nil {
			at := s.Topics
			if at.IsZero() {
				at = s.State
			}
			report("storage.topics", at, storage.CheckFile(p.keptIn(), storage.TopicsFile(state)))
		}
	case ok || loginOnly(s.Topics, p.Source.Lookup):
		text, _, _ := s.Topics.Resolve(standIn(p.Source.Lookup))
		err := storage.CheckTopics(p.dir, t.Model.Project.Name.Value, text, s.Topics.HasSecret())
		report("storage.topics", s.Topics, err)
		if err == nil {
			promises, broker := storage.Promised(text)
			t.Unkept(promises, broker, out)
		}
	}
}

// stateText returns what storage.state says, the default for nothing; false if that is not known. Of an address whose password alone
// is not set all else is.
func (p *Folder) stateText(s *project.Storage) (string, bool) {
	known := p.Source.Lookup
	if loginOnly(s.State, known) {
		known = standIn(known)
	}
	text, err := s.StateAddress(known)
	return cmp.Or(text, storage.DefaultState), err == nil
}

// keptIn returns the folder that relative places of what is kept are in.
func (p *Folder) keptIn() string { return cmp.Or(p.data, p.dir) }

// placed returns where a file is in which the project keeps something.
func (p *Folder) placed(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(p.keptIn(), file)
}

// standIn returns a text for what is not set.
func standIn(known storage.Lookup) storage.Lookup {
	return func(space, name string) (string, bool, bool) {
		if value, secret, ok := known(space, name); ok {
			return value, secret, true
		}
		return "1", space == "secret", true
	}
}

// loginOnly reports whether all that an address names and that is not set stands in its user:password@ part: what
// stands for it does not change whether the address is good.
func loginOnly(r config.Ref, known storage.Lookup) bool {
	at := strings.LastIndex(r.Text.Value, "@")
	if at < 0 {
		return false
	}
	inLogin := strings.Count(r.Text.Value[:at], "${") - strings.Count(r.Text.Value[:at], "$${")
	for i, n := range r.Names() {
		if _, _, ok := known(n.Space, n.Name); !ok && i >= inLogin {
			return false
		}
	}
	return true
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

// StrandedProblems reports what waits on embedded topics, as they are now, for nobody.
func (p *Folder) StrandedProblems(ctx context.Context, t *routes.Typed, out *diag.List) {
	s := &t.Model.Project.Storage
	topics, err := s.TopicsAddress(p.Source.Lookup)
	state, known := p.stateText(s)
	if err != nil || topics != "" || !known {
		return
	}
	if storage.SharedState(state) {
		state = storage.DefaultState
	}
	for _, text := range storage.StrandedAt(ctx, t, p.placed(state)) {
		out.Report(diag.BadReference, t.Model.Project.Pos, "%s", text).AsWarning()
	}
}
