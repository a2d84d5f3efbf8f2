package main

import (
	"context"
	"net/http"

	"fondaco/config"
	"fondaco/routes"
	"fondaco/routes/routestest"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/server"
	"fondaco/server/auth"
)

// doorOf returns the door of a project's tests: the server itself, as the project configures it, in memory.
func doorOf(t *routes.Typed, now config.Clock) routestest.Door {
	conf, failed := server.ConfigOf(&t.Model.Project.Server, t.Model.Source.Lookup)
	return func(ctx context.Context, s routestest.Served, request []byte) (*http.Response, error) {
		if failed != nil {
			return nil, failed
		}
		p := server.Program{Routes: s.Routes, Schemes: map[string]auth.Scheme{}, Language: trigger.Language(s.Project.Language)}
		for name, user := range s.Callers {
			p.Schemes[name] = known{user, now}
		}
		return server.Ask(ctx, conf, p, request)
	}
}

// known is the way to log in of a caller who is known already.
type known struct {
	value schema.Value
	now   config.Clock
}

// Authenticate returns the caller, who logged in just now.
func (k known) Authenticate(context.Context, http.Header) (*auth.User, error) {
	u := &auth.User{Value: k.value, Subject: k.value.Get("subject").Str(), Login: k.now.Now()}
	if level := k.value.Get("level"); level.Kind() == schema.KindInt {
		u.Level = int(level.Int())
	}
	if roles := k.value.Get("roles"); roles.Kind() == schema.KindList {
		for _, role := range roles.Items() {
			u.Roles = append(u.Roles, role.Str())
		}
	}
	return u, nil
}

// Challenge returns what a caller who is known but not surely enough is told.
func (known) Challenge(string, string, auth.Need) string { return "Bearer" }
