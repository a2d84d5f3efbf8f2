package routes

import (
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/connectors"
	"fondaco/connectors/policy"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
)

// Model is a project as it was read: nothing is typed yet. It is not changed after Load.
type Model struct {
	Project *project.Project
	Systems []*connectors.System // in the project's order
	Routes  []*RouteModel        // in the order of files and lines
	Source  config.Source

	policies map[string]*policy.Set // by the systems' names
}

// System finds a system by its name, nil if there is none.
func (m *Model) System(name string) *connectors.System {
	for _, s := range m.Systems {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Route finds a route by its name, nil if there is none.
func (m *Model) Route(name string) *RouteModel {
	for _, r := range m.Routes {
		if r.ID.Value == name {
			return r
		}
	}
	return nil
}

func (m *Model) systemNames() []string {
	names := make([]string, len(m.Systems))
	for i, s := range m.Systems {
		names[i] = s.Name
	}
	return names
}

// RouteModel is a route as it was read.
type RouteModel struct {
	ID                        config.Text
	Summary, Description, Tag string
	Deprecated                bool
	HTTP                      config.Text
	Pattern                   trigger.Pattern
	Auth                      Auth
	authGiven                 bool
	Params                    map[string][]trigger.Param // by path, query, header and cookie
	Body                      *schema.Type               // nil if it takes none
	Input                     *schema.Type               // of a sub-route, nil otherwise
	Timeout                   time.Duration
	MaxBody                   int64
	Rate                      Rate
	Steps                     []stepModel
	Respond                   *respond // nil if it gives nothing
	Pos                       diag.Pos
}

// respond is what a route answers.
type respond struct {
	status  int
	headers []headerModel
	body    transform.Mapping
	pos     diag.Pos
}

type headerModel struct {
	name  config.Text
	value transform.Mapping
}

// stepModel is a step as it was read.
type stepModel struct {
	kind string
	id   config.Text
	when config.Text
	pos  diag.Pos
	step step
}

// step is one kind of step: it reads itself by Spec, types itself by Check and gives what it does by Compile.
type step interface {
	// Check types the step over the names in scope and declares what it names. It may run several times, each over
	// another scope.
	Check(s *Scope) *Step
}

// step's own fields are declared by this, with the reader for steps inside.
type stepSpec interface {
	step
	spec(o *fields)
}
