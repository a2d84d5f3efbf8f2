package server

import (
	"context"
	"net/http"
	"time"

	"fondaco/connectors"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/server/auth"
)

// Program is what the server serves, until another takes its place. It is not changed once it is given to Routing.
type Program struct {
	Routes   []Route
	Schemes  map[string]auth.Scheme  // by the names that Route.Auth uses
	Pages    map[string]http.Handler // GET of fixed paths, as /openapi.json; a path that ends with / stands for all below it
	Systems  []*connectors.System    // that it calls, for the metrics
	BasePath string                  // what comes before the paths where callers find the API, as /dime; "" for nothing
}

// Route is one public operation.
type Route struct {
	ID           string
	Former       []string // names that it had before: operations that were accepted under them are the route's
	Method, Path string   // Path as in OpenAPI, /multe/{numero}
	Auth         routes.Auth
	Timeout      time.Duration // of the whole exchange; 0 means the server's
	MaxBody      int64         // bytes of a request's body, decompressed; 0 means the server's limit
	HasBody      bool          // a JSON body is declared; any other is refused
	Keyed        bool          // requests with an Idempotency-Key are done once
	Inquires     bool          // a call whose effect is once can be asked about; see trigger.Request.Exchange
	Raw          bool          // the route judges media types itself
	Rate         routes.Rate   // for each caller; zero means no limit
	Takes, Sets  []string      // the headers that it reads of requests, and those that its answers may have
	// Accept packs a request that is done later; nil for a route that is done at once. Its error is a *trigger.Problem.
	Accept func(ctx context.Context, id string, req *trigger.Request) (*routes.Acceptance, error)
	// Serve runs one exchange. Its error is a *trigger.Problem, or anything else, which answers 500. It is called
	// concurrently, honours ctx, and owns the request.
	Serve func(ctx context.Context, req *trigger.Request) (*trigger.Response, error)
}

// kept returns the name under which the state knows the route: its oldest one.
func (r *Route) kept() string {
	if len(r.Former) == 0 {
		return r.ID
	}
	return r.Former[len(r.Former)-1]
}

// RouteOf returns the operation that a route with an HTTP trigger is.
func RouteOf(r *routes.Route) Route {
	made := Route{
		ID: r.ID, Former: r.Former, Method: r.Method, Path: r.Path, Auth: r.Auth, Timeout: r.Timeout, MaxBody: r.MaxBody, HasBody: r.HasBody, Keyed: r.Keyed, Inquires: r.Inquires, Raw: r.Raw,
		Rate: r.Rate, Takes: r.Takes, Sets: r.Sets, Serve: r.Serve,
	}
	if r.Async {
		made.Accept = r.Accept
	}
	return made
}
