package pages

import (
	"fmt"
	"slices"
	"sort"

	"fondaco/connectors"
	"fondaco/routes"
)

// routeRow is a route in the list.
type routeRow struct {
	ID, Trigger, Summary string
	Systems              []string
	Calls                int
	Once                 []string // the operations that it may not call twice
	State                string   // of its work on messages, "" if it has none
}

// routes lists the routes that something starts.
func (s *site) routes(v *visit) (any, error) {
	if v.typed == nil {
		return list[routeRow]{}, nil
	}
	states := map[string]string{}
	if v.api != nil {
		states = v.api.States()
	}
	var all []routeRow
	for _, r := range v.typed.Started() {
		title, _ := r.Trigger(v.Now)
		row := routeRow{
			ID: r.Model.ID.Value, Trigger: title, Summary: r.Model.Summary, Calls: len(r.Calls), Once: once(r), State: states[r.Model.ID.Value],
		}
		for _, c := range r.Calls {
			if !slices.Contains(row.Systems, c.System) {
				row.Systems = append(row.Systems, c.System)
			}
		}
		sort.Strings(row.Systems)
		all = append(all, row)
	}
	return part(v, all, func(r routeRow) []string { return append([]string{r.ID, r.Trigger, r.Summary}, r.Systems...) }), nil
}

// once names the operations of a route's calls that have their effect each time they are made.
func once(r *routes.TypedRoute) (names []string) {
	for _, c := range r.Calls {
		if name := c.System + "." + c.Operation; c.Effect == connectors.Once && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// routePage is one route.
type routePage struct {
	ID, Trigger, Summary, Place string
	About                       []string
	Steps                       []*routes.Step
	Graph                       *graph
	Status                      int
	Failures                    []failure
	Once                        []string
	State                       string
}

// failure is one way in which a step fails.
type failure struct {
	Step string
	routes.Outcome
}

// route shows one route as it runs.
func (s *site) route(v *visit) (any, error) {
	id := v.r.PathValue("id")
	r := find(v, id)
	if r == nil {
		return nil, missing{fmt.Errorf("%s", v.T("route.none", id))}
	}
	title, about := r.Trigger(v.Now)
	p := &routePage{
		ID: id, Trigger: title, About: about, Summary: r.Model.Summary, Place: r.Model.Pos.String(), Steps: r.Steps, Status: r.Status,
		Once: once(r), Graph: draw(title, r),
	}
	if v.api != nil {
		p.State = v.api.States()[id]
	}
	var walk func(steps []*routes.Step)
	walk = func(steps []*routes.Step) {
		for _, x := range steps {
			name := x.ID
			if x.Call != nil {
				name = x.Title
			}
			for _, o := range x.Outcomes {
				p.Failures = append(p.Failures, failure{name, o})
			}
			walk(x.Steps)
		}
	}
	walk(r.Steps)
	return p, nil
}

// find returns the route of a name, nil if there is none in service.
func find(v *visit, id string) *routes.TypedRoute {
	if v.typed == nil {
		return nil
	}
	for _, r := range append(v.typed.Started(), v.typed.Subs...) {
		if r.Model.ID.Value == id {
			return r
		}
	}
	return nil
}
