package routes

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/routes/trigger"
)

// Route is a path that a running Program answers: what a server needs to know of it, and what it calls. Its fields are not changed
// after Compile.
type Route struct {
	ID           string
	Former       []string // the names that it had before
	Method, Path string   // "" for a sub-route; Path as in OpenAPI, /multe/{numero}
	Summary      string
	Pos          diag.Pos
	Auth         Auth
	Timeout      time.Duration // of the whole exchange
	MaxBody      int64         // bytes of a request's body; 0 means the server's limit
	HasBody      bool          // it takes a body
	Form         bool          // its body is multipart/form-data, otherwise JSON
	Keyed        bool          // it is done at once under an Idempotency-Key
	Inquires     bool          // a call of it whose effect is once can be asked about: see trigger.Request.Exchange
	PassesToken  bool          // it calls systems with the caller's token: see connectors.WithCallerToken
	Upload       string        // the media type of a body that is sent on as it comes; "" for none
	Other        bool          // its answers are of another media type than JSON
	Raw          bool          // it judges media types and bodies itself, as services do
	Rate         Rate          // zero: no limit
	Slashes      []bool        // of the path's parameters, in their order: whether a value may hold a slash, sent as %2F
	Takes, Sets  []string      // the headers that it reads of requests, and those that its answers may have
	Steps        []*Step

	// Serve runs one exchange: it reads the parameters and the body, runs the steps and writes the answer. The error is
	// always a *trigger.Problem, with the cause inside; a cancelled ctx has its problem too. It owns the request. Safe for concurrent
	// use.
	Serve func(ctx context.Context, req *trigger.Request) (*trigger.Response, error)

	// Accept reads a request of a route with accept: async, all of it, so that what is wrong with it is told now, and returns
	// what is to be kept. The error is a *trigger.Problem. id is the operation's. It is nil for a route that is done at once. Safe for
	// concurrent use.
	Accept func(ctx context.Context, id string, req *trigger.Request) (*Acceptance, error)

	down     error                        // why it is not ready; set by Start alone
	bindings map[*binding]bool            // the calls that it makes
	check    func(*trigger.Request) error // see Stand
}

// Kept returns the name under which the state knows the route: its oldest one.
func (r *Route) Kept() string {
	if len(r.Former) == 0 {
		return r.ID
	}
	return r.Former[len(r.Former)-1]
}

// Auth says who may call a route.
type Auth struct {
	None   bool          // anyone: "auth: none"
	Scheme string        // a name under auth: in fondaco.yaml
	Level  int           // how surely the person must be identified, 0 if it does not matter
	MaxAge time.Duration // how long ago the person logged in at most, 0 if it does not matter
	Roles  []string      // one of these; empty if it does not matter
	Pos    diag.Pos
}

// Refuses returns why a known caller may not call: 401 for a level of identification that is too low, 403 for a role that
// is missing; nil if neither is. How long ago the caller logged in is not looked at.
func (a Auth) Refuses(level int, roles []string) *trigger.Problem {
	switch {
	case level < a.Level:
		return &trigger.Problem{Status: http.StatusUnauthorized, Detail: "A higher level of identification is needed."}
	case len(a.Roles) > 0 && !slices.ContainsFunc(a.Roles, func(role string) bool { return slices.Contains(roles, role) }):
		return &trigger.Problem{Status: http.StatusForbidden, Detail: "The caller lacks the role for this operation."}
	}
	return nil
}

// Rate is how often one caller may call a route.
type Rate struct {
	Count int
	Per   time.Duration
}

// Ready reports why the route answers 503 to everything, nil if it serves: a system that it needs could not be opened.
func (r *Route) Ready() error { return r.down }

// String says who may call, in the words of the route's file.
func (a Auth) String() string {
	if a.None {
		return "none"
	}
	text := a.Scheme
	if a.Level > 0 {
		text += fmt.Sprintf(", level %d", a.Level)
	}
	if a.MaxAge > 0 {
		text += fmt.Sprintf(", logged in within %s", spec.Short(a.MaxAge))
	}
	if len(a.Roles) > 0 {
		text += ", role " + strings.Join(a.Roles, " or ")
	}
	return text
}

// whoMayCall says who may call, for people.
func (a Auth) whoMayCall() string {
	if a.None {
		return "none, anybody may call"
	}
	return a.String()
}
