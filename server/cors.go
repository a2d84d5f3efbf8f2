package server

import (
	"net/http"
	"slices"
)

// What pages of other origins may send and read.
var (
	corsSend   = []string{"Authorization, Content-Type, Idempotency-Key, If-None-Match, Traceparent, Tracestate, X-Request-Id, X-Request-Timeout"}
	corsRead   = []string{"Content-Location, ETag, Location, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id"}
	corsAge    = []string{"600"}
	corsAnyone = []string{"*"}
)

// cors tells a browser whether a page of another origin may read the answer. Cookies are never allowed: callers bring
// tokens.
func (s *Server) cors(v *visit) {
	if len(s.config.Origins) == 0 {
		return
	}
	h := v.w.Header()
	if slices.Contains(s.config.Origins, "*") {
		h["Access-Control-Allow-Origin"] = corsAnyone
		h["Access-Control-Expose-Headers"] = corsRead
		return
	}
	v.vary(varyOrigin)
	origin := v.r.Header["Origin"]
	if len(origin) == 1 && slices.Contains(s.config.Origins, origin[0]) {
		h["Access-Control-Allow-Origin"] = origin
		h["Access-Control-Expose-Headers"] = corsRead
	}
}

// options answers OPTIONS: which methods a path has, and to a browser whether a page may use them.
func (v *visit) options(g *generation, path string) {
	allow := ""
	if path != "" && path[0] == '/' {
		if allow = g.router.allow(path); allow == "" && (g.router.page(path) != nil || path == "/status") {
			allow = "GET, HEAD, OPTIONS"
		}
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
		h["Access-Control-Allow-Headers"] = corsSend
		h["Access-Control-Max-Age"] = corsAge
	}
	v.write(http.StatusNoContent, nil)
}
