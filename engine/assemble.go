package engine

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"fondaco/config"
	"fondaco/engine/work"
	"fondaco/openapi"
	"fondaco/openapi/texts"
	"fondaco/openapi/ui"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/server"
	"fondaco/server/auth"
)

// assembled is a checked project, started, as it goes into service: what answers requests, what works without them, and what ends
// both.
type assembled struct {
	http  server.Program
	work  work.Program
	close func(ctx context.Context) error
}

// assemble makes what the server serves of a checked project: its program, started, and the pages that describe it.
// servers are where it answers; who calls is found out by schemes, nil for those that the project declares, with
// what is held of their keys. Systems that could not be opened are told by the error notReady, and the rest is served.
func assemble(ctx context.Context, t *routes.Typed, src config.Source, servers []openapi.Server, deps routes.Deps, schemes schemesOf,
	keys *auth.KeyCache,
) (p assembled, notReady, err error) {
	base, err := basePath(servers)
	if err != nil {
		return p, nil, err
	}
	guard, err := t.Model.Network()
	if err != nil {
		return p, nil, err
	}
	program := routes.Compile(t)
	notReady = program.Start(ctx, deps)
	p = assembled{
		http: server.Program{
			Routes: program.Routes, BasePath: base, Systems: t.Model.Systems,
			Language: trigger.Language(t.Model.Project.Language),
		},
		work: work.Program{
			Consumers: program.Consumers, Schedules: program.Schedules, Collectors: program.Collectors, Watches: program.Watches,
		},
		close: program.Close,
	}
	fail := func(err error) (assembled, error, error) {
		_ = program.Close(ctx)
		return assembled{}, nil, err
	}
	if schemes == nil {
		schemes = func(t *routes.Typed) (map[string]auth.Scheme, error) {
			return auth.Schemes(t.Model.Project.Auth, src.Lookup,
				auth.Deps{FS: src.FS, Now: deps.Now, Keys: keys, Client: &http.Client{Transport: guard.Transport()}})
		}
	}
	if p.http.Schemes, err = schemes(t); err != nil {
		return fail(err)
	}
	if p.http.Pages, err = Pages(t, src, servers); err != nil {
		return fail(err)
	}
	return p, notReady, nil
}

// basePath is the path of the address where callers find the API: links in answers begin with it. A gateway in front of
// the process may answer below a path that the process never sees.
func basePath(servers []openapi.Server) (string, error) {
	if servers[0].Sandbox { // callers come to this machine itself
		return "", nil
	}
	u, err := url.Parse(servers[0].URL)
	if err != nil {
		return "", fmt.Errorf("server.public_url: %w", err)
	}
	return strings.TrimRight(u.EscapedPath(), "/"), nil
}

// schemesOf makes the schemes of a project, by name.
type schemesOf func(t *routes.Typed) (map[string]auth.Scheme, error)

// Pages returns the documents of the API and of its topics, and the page that shows them. That the documents can be written is
// checked here;
// they are written when somebody asks for them.
func Pages(t *routes.Typed, src config.Source, servers []openapi.Server) (map[string]http.Handler, error) {
	info := t.Info(servers)
	if err := openapi.Check(info, t.Operations()); err != nil {
		return nil, fmt.Errorf("the OpenAPI document: %w", err)
	}
	all := map[string]http.Handler{}
	for path, version := range map[string]string{"/openapi.json": "3.0.3", "/openapi-3.1.json": "3.1.0"} {
		all[path] = jsonPage(func() ([]byte, error) { return openapi.Write(info, t.Operations(), version) })
	}
	events, err := eventPages(t, src, all)
	if err != nil {
		return nil, err
	}
	docs, err := ui.Handler(ui.Page{Title: info.Title, Language: string(t.Language()), Documents: append([]ui.Document{
		{Name: "OpenAPI 3.0.3", URL: "../openapi.json"}, {Name: "OpenAPI 3.1", URL: "../openapi-3.1.json"},
	}, events...)})
	if err != nil {
		return nil, err
	}
	all["/docs"], all["/docs/"] = docs, docs
	return all, nil
}

// ServersOf lists where the API answers: at its public address, if the project says one, and on this machine.
func ServersOf(t *routes.Typed, src config.Source, local string, localFirst bool) []openapi.Server {
	here := openapi.Server{URL: "http://" + local, Description: t.Language().Text(texts.ThisMachine), Sandbox: true}
	url, _, err := t.Model.Project.Server.PublicURL.Resolve(src.Lookup)
	if err != nil || url == "" {
		return []openapi.Server{here}
	}
	public := openapi.Server{URL: url, Description: t.Language().Text(texts.Production)}
	if localFirst {
		return []openapi.Server{here, public}
	}
	return []openapi.Server{public, here}
}

// NewLogger writes lines from a level on, of JSON or, for people, of text, without ever holding up the traffic.
func NewLogger(w *World, level slog.Level, text bool) (*slog.Logger, *LogQueue) {
	q, o := NewLogQueue(w.Stderr), &slog.HandlerOptions{Level: level}
	if text {
		return slog.New(slog.NewTextHandler(q, o)), q
	}
	return slog.New(slog.NewJSONHandler(q, o)), q
}
