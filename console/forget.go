package console

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/routes/letters"
	"fondaco/store"
)

// Forgotten is what waits for nobody, and whether it was let go.
type Forgotten struct {
	Topic    string `json:"topic"`
	Group    string `json:"group,omitempty"`
	Messages int64  `json:"messages"`
	Gone     bool   `json:"gone"`

	Operations int `json:"operations,omitempty"` // of the route, that have no request and are not ended yet; Gone ends them
}

// forget counts what nobody reads of a topic, or of a former route or group, and lets go of it if that is asked for.
func (api *API) forget(r *http.Request) (any, error) {
	name, yes := r.URL.Query().Get("name"), r.URL.Query().Get("yes") == "true"
	if name == "" {
		return nil, wrongRequest{fmt.Errorf("found no name, expected that of a topic, or of a route that is gone")}
	}
	by := store.Act{At: api.Clock.Now()}
	if yes {
		var err error
		if by, err = api.actOf(r.URL.Query()); err != nil {
			return nil, err
		}
	}
	found, err := api.Stranded(r.Context())
	if err != nil {
		return nil, err
	}
	rows := []Forgotten{}
	for _, c := range found {
		if c.Topic != name && c.Topic != routes.AsyncTopic(name) && c.Group != name {
			continue
		}
		row := Forgotten{Topic: c.Topic, Group: c.Group, Messages: c.Waiting}
		if yes {
			on := "topic " + c.Topic
			if c.Group != "" {
				on += ", group " + c.Group
			}
			if err := letters.Audited(r.Context(), api.State.Audit(), api.Log, store.AuditForget, on, by); err != nil {
				return nil, err
			}
			if err := api.endOperations(r.Context(), c.Topic); err != nil {
				return nil, err
			}
			if err := api.LetGo(r.Context(), c); err != nil {
				return nil, err
			}
			row.Gone = true
			api.Log.Warn("messages that nobody read were let go", "topic", c.Topic, "group", c.Group, "messages", c.Waiting)
		}
		rows = append(rows, row)
	}
	ended, err := api.forgetLost(r.Context(), name, yes, by)
	if err != nil {
		return nil, err
	}
	rows = append(rows, ended...)
	if yes {
		_, err = api.Stranded(r.Context())
	}
	return rows, err
}

// forgetLost counts the operations of a route whose requests are nowhere, and ends them if that is asked for.
func (api *API) forgetLost(ctx context.Context, name string, yes bool, by store.Act) ([]Forgotten, error) {
	if api.Fit == nil {
		return nil, nil
	}
	route := strings.TrimPrefix(name, messaging.EnginePrefix)
	ids := api.Fit.Lost(route)
	if len(ids) == 0 {
		return nil, nil
	}
	row := Forgotten{Topic: routes.AsyncTopic(route), Operations: len(ids)}
	if !yes {
		return []Forgotten{row}, nil
	}
	if err := letters.Audited(ctx, api.State.Audit(), api.Log, store.AuditForget, "operations without a request of the route "+route,
		by); err != nil {
		return nil, err
	}
	if err := api.Fit.End(ctx, ids); err != nil {
		return nil, err
	}
	row.Gone = true
	api.Log.Warn("operations without a request were ended as failed", "route", route, "operations", len(ids))
	_, err := api.Fit.Look(ctx)
	return []Forgotten{row}, err
}
