package console

import (
	"net/http"
	"strings"
	"time"
)

// Watch is a route that is started by what is new in a system, as this process sees it.
type Watch struct {
	Route  string    `json:"route"`
	Watch  string    `json:"watch"`            // system.watch
	Looked time.Time `json:"looked,omitzero"`  // when the system last answered; zero if it never did, or while another process looks
	Since  time.Time `json:"failing,omitzero"` // when looking began to fail; zero while it does not
	Cause  string    `json:"cause,omitempty"`  // why it fails, without values of what is watched
}

// Fails reports whether what is new cannot be looked for.
func (w Watch) Fails() bool { return !w.Since.IsZero() }

// System names the system that is watched.
func (w Watch) System() string {
	name, _, _ := strings.Cut(w.Watch, ".")
	return name
}

// listWatches lists how the watches of this process stand, by route.
func (api *API) listWatches(*http.Request) (any, error) {
	rows := []Watch{}
	if api.Watches == nil {
		return rows, nil
	}
	for _, w := range api.Watches() {
		w.Looked, w.Since = w.Looked.UTC(), w.Since.UTC()
		rows = append(rows, w)
	}
	return rows, nil
}
