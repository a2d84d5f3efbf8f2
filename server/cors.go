package server

import (
	"cmp"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"fondaco/routes"
)

// The headers that pages of other origins may send and read, whatever the routes are.
var (
	corsSend = []string{
		"Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Traceparent", "Tracestate", "X-Request-Id",
		"X-Request-Timeout",
	}
	corsRead = []string{
		"Content-Location", "ETag", "Location", "Retry-After", "WWW-Authenticate", "X-Correlation-ID", "X-RateLimit-Limit",
		"X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-Id",
	}
	corsAge    = []string{"600"}
	corsAnyone = []string{"*"}
)

// corsHeaders are what pages of other origins may send to a program's routes, and read of their answers, as headers have
// it.
type corsHeaders struct{ send, read []string }

// corsHeadersOf adds what the routes read and set to what all have.
func corsHeadersOf(list []*routes.Route) corsHeaders {
	send, read := slices.Clone(corsSend), slices.Clone(corsRead)
	for _, r := range list {
		send, read = append(send, r.Takes...), append(read, r.Sets...)
	}
	return corsHeaders{headerList(send), headerList(read)}
}

// headerList is the value of a header that lists others, each once.
func headerList(names []string) []string {
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	names = slices.CompactFunc(names, strings.EqualFold)
	return []string{strings.Join(names, ", ")}
}

// cors says in the answer whether a page of another origin may read it. Cookies are never allowed: callers bring
// tokens.
func (s *Server) cors(v *visit, g *Routing) {
	if len(s.config.Origins) == 0 && !s.config.LocalOrigins {
		return
	}
	h := v.w.Header()
	if slices.Contains(s.config.Origins, "*") {
		h["Access-Control-Allow-Origin"] = corsAnyone
		h["Access-Control-Expose-Headers"] = g.cors.read
		return
	}
	v.vary(varyOrigin)
	origin := v.r.Header["Origin"]
	if len(origin) == 1 && (slices.Contains(s.config.Origins, origin[0]) || s.config.LocalOrigins && localOrigin(origin[0])) {
		h["Access-Control-Allow-Origin"] = origin
		h["Access-Control-Expose-Headers"] = g.cors.read
	}
}

// localOrigin reports whether an origin, as browsers write it (RFC 6454 §6.2), is a server of this machine: of its loopback interface, or
// of a name that never means another machine (RFC 6761 §6.3).
func localOrigin(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || origin != u.Scheme+"://"+u.Host {
		return false
	}
	host := u.Hostname()
	if at, err := netip.ParseAddr(host); err == nil {
		return at.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// options answers OPTIONS: which methods a path has, and to a browser whether a page may use them.
func (v *visit) options(g *Routing, path string) {
	allow := ""
	if path != "" && path[0] == '/' {
		allow = cmp.Or(g.router.allow(path), v.allowUnrouted(g, path))
	}
	if allow == "" && path != "*" {
		v.refuse(http.StatusNotFound, "There is nothing under this path.")
		return
	}
	h := v.w.Header()
	if allow != "" {
		h["Allow"] = []string{allow}
	}
	if h["Access-Control-Allow-Origin"] != nil && v.r.Header["Access-Control-Request-Method"] != nil {
		h["Access-Control-Allow-Methods"] = h["Allow"]
		h["Access-Control-Allow-Headers"] = g.cors.send
		h["Access-Control-Max-Age"] = corsAge
	}
	v.write(http.StatusNoContent, nil)
}

// allowUnrouted lists the methods of a path that no route answers, "" if there is no such path.
func (v *visit) allowUnrouted(g *Routing, path string) string {
	if _, result, ok := operationPath(v.base, path); ok && v.s.topics.Operations != nil {
		if result {
			return resultMethods
		}
		return operationMethods
	}
	if g.router.page(path) != nil || path == "/status" {
		return "GET, HEAD, OPTIONS"
	}
	return ""
}
