package server

import (
	"context"
	"fmt"
	"strconv"

	"fondaco/routes/trigger"
	"fondaco/store"
)

// Programs are the programs in service, one after the other: an exchange ends on the one it began with.
type Programs interface {
	// Take returns the program in service, and the lease that ends its use; nil and nil if there is none. It is called concurrently.
	Take() (*Routing, Lease)
	// Stop is called once, when the last request has ended or was cut off, and before the console and the probes are closed: it ends
	// what else works on the programs, and the programs. What has not ended when ctx does is left, and its error says so.
	Stop(ctx context.Context) error
}

// Lease is the use of a program, which does not end before Release, called once.
type Lease interface{ Release() }

// Routing is a program made ready for requests: its routes are found by method and path, and what each needs was looked up. It does not
// change.
type Routing struct {
	program Program
	router  *router
	cors    corsHeaders
}

// Routing makes a program ready for this server's requests. Its error says which route cannot be served.
func (s *Server) Routing(p Program) (*Routing, error) {
	g := &Routing{program: p, router: &router{pages: sortPages(p.Pages)}, cors: corsHeadersOf(p.Routes)}
	for _, r := range p.Routes {
		b := &bound{Route: r, metrics: s.metrics.route(r.ID)}
		if !r.Auth.None {
			if b.scheme = p.Schemes[r.Auth.Scheme]; b.scheme == nil {
				return nil, fmt.Errorf("route %s: there is no scheme %q", r.ID, r.Auth.Scheme)
			}
		}
		if r.Rate.Count > 0 && r.Rate.Per > 0 {
			b.limit = []string{strconv.Itoa(r.Rate.Count)}
			b.rate = store.Rate{Count: r.Rate.Count, Per: r.Rate.Per}
		}
		if err := g.router.add(b); err != nil {
			return nil, err
		}
	}
	s.language.Store(&p.Language)
	return g, nil
}

// spoken returns the language of the latest program, for what is answered without one: at the door, and before and after
// all programs.
func (s *Server) spoken() trigger.Language {
	if l := s.language.Load(); l != nil {
		return *l
	}
	return ""
}
