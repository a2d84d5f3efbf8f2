package main

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/routes"
	"fondaco/server"
	"fondaco/server/auth"
	"fondaco/store/redis"
)

// startProblems reports what the start would refuse, as far as that is known without a connection: addresses, places of
// storage, login schemes. What flags say instead of the project is not looked at, nor what hangs on an environment or a secret that is not set here.
func (p *folderOf) startProblems(ctx context.Context, t *routes.Typed, f runFlags, out *diag.List) {
	m := t.Model.Project
	secretProblems(t.Model.Source, out)
	p.serverProblems(&m.Server, f, out)
	if _, err := m.Network.ProxyAddress(p.source.Lookup); err != nil && !errors.Is(err, config.ErrNoReference) && !m.Network.Proxy.IsLiteral() {
		m.Network.Proxy.Text.Report(out, diag.BadValue, "network.proxy: %s", err.Error())
	}
	p.storageProblems(ctx, t, out)
	for _, s := range m.Auth {
		p.schemeProblems(s, out)
	}
	if _, err := basePath(serversOf(t, p.source, "127.0.0.1:8080", false)); err != nil {
		m.Server.PublicURL.Text.Report(out, diag.BadValue, "server.public_url: found something else than an address, expected one as https://api.city.example")
	}
}

// known resolves a reference; false if something that it names is not set.
func (p *folderOf) known(r config.Ref) (string, bool) {
	text, _, err := r.Resolve(p.source.Lookup)
	return text, err == nil
}

func (p *folderOf) serverProblems(s *project.Server, f runFlags, out *diag.List) {
	taken := map[string]string{} // what has an address
	for _, one := range []struct {
		name, instead string
		ref           config.Ref
		check         func(string) error
	}{
		{"server.listen", f.listen, s.Listen, server.CheckAddress},
		{"server.console", f.console, s.Console, server.CheckConsole},
		{"server.health", f.health, s.Health, server.CheckAddress},
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
func (p *folderOf) storageProblems(ctx context.Context, t *routes.Typed, out *diag.List) {
	s := &t.Model.Project.Storage
	if address, err := s.CacheAddress(p.source.Lookup); err != nil && !errors.Is(err, config.ErrNoReference) {
		s.Cache.Text.Report(out, diag.BadValue, "storage.cache: %s", err.Error())
	} else if err == nil && address != "" {
		if err := redis.CheckAddress(address); err != nil {
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
		problem.Warning = problem.Warning || !needsStorage(t)
	}
	state, stateKnown := p.known(s.State)
	if state == "" {
		state = defaultState
	}
	var err error
	if stateKnown {
		if err = checkState(p.dir, state); err == nil {
			err = unfinishedRestore(p.placed(state))
		}
		report("storage.state", s.State, err)
	}
	file := ""
	if stateKnown && err == nil {
		file = p.placed(state)
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
			report("storage.topics", at, checkState(p.dir, topicsFile(state)))
		}
	case ok || loginOnly(s.Topics, p.source.Lookup):
		text, _, _ := s.Topics.Resolve(standIn(p.source.Lookup))
		report("storage.topics", s.Topics, checkTopics(p.dir, t.Model.Project.Name.Value, text, s.Topics.HasSecret()))
	}
}

// placed returns where a file is that the project names.
func (p *folderOf) placed(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(p.dir, file)
}

// checkTopics reports why a cluster of Kafka cannot be opened at an address. Of one that holds a secret nothing is shown.
func checkTopics(dir, project, address string, secret bool) error {
	o, err := kafkaOptions(dir, project, address)
	if err == nil {
		err = o.Check()
	}
	if err != nil && secret && !strings.Contains(err.Error(), "TLS") {
		return errors.New("the address is not understood, expected kafka://[user:password@]host:port")
	}
	return err
}

// lookup finds what a reference stands for.
type lookup = func(space, name string) (value string, secret, ok bool)

// standIn returns a text for what is not set.
func standIn(known lookup) lookup {
	return func(space, name string) (string, bool, bool) {
		if value, secret, ok := known(space, name); ok {
			return value, secret, true
		}
		return "1", space == "secret", true
	}
}

// loginOnly reports whether all that an address names and that is not set stands in its user:password@ part: what
// stands for it does not change whether the address is good.
func loginOnly(r config.Ref, known lookup) bool {
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

func (p *folderOf) schemeProblems(s *project.Scheme, out *diag.List) {
	if s.JWT == nil {
		return
	}
	j, err := auth.JWTOf(s.JWT, standIn(p.source.Lookup))
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
	err = auth.CheckJWT(j, auth.Deps{FS: p.source.FS})
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
