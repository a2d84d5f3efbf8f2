package routes

import (
	"fmt"
	"net/http"
	"strings"

	"fondaco/connectors"
)

// faultStatus gives the HTTP status that a fault becomes when the route does not catch it.
func faultStatus(k connectors.FaultKind) int {
	switch k {
	case connectors.Unavailable:
		return http.StatusServiceUnavailable
	case connectors.Timeout:
		return http.StatusGatewayTimeout
	case connectors.Refused:
		return http.StatusUnprocessableEntity
	case connectors.NotFound:
		return http.StatusNotFound
	case connectors.Conflict:
		return http.StatusConflict
	}
	return http.StatusBadGateway
}

func statusLine(k connectors.FaultKind) string {
	s := faultStatus(k)
	line := fmt.Sprintf("%d %s", s, http.StatusText(s))
	if k == connectors.Unknown {
		line += ", saying that the outcome is unknown"
	}
	return line
}

func list(names []string) string { return strings.Join(names, ", ") }
