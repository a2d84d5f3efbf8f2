package server

import (
	"net/http"

	"fondaco/connectors"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/server/auth"
)

// Program is what the server serves, until another takes its place. It is not changed once it is given to Routing.
type Program struct {
	Routes   []*routes.Route
	Schemes  map[string]auth.Scheme  // by the names that Route.Auth uses
	Pages    map[string]http.Handler // GET of fixed paths, as /openapi.json; a path that ends with / stands for all below it
	Systems  []*connectors.System    // that it calls, for the metrics
	Language trigger.Language        // of built-in problems
	BasePath string                  // what comes before the paths where callers find the API, as /dime; "" for nothing
}
