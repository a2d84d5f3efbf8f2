package routes

import (
	"context"
	"slices"
	"time"

	"fondaco/openapi"
	"fondaco/routes/trigger"
)

// Stand returns a route that stands for this one without its systems: anybody may call it as often as they like, requests are read and
// refused as the route refuses them, and those that it would run are answered by serve. It may be called before Program.Start.
func (r *Route) Stand(serve func(ctx context.Context, req *trigger.Request) (*trigger.Response, error)) *Route {
	s := *r
	s.Auth = Auth{None: true, Pos: r.Auth.Pos}
	s.Rate, s.Keyed, s.Inquires, s.PassesToken, s.Accept, s.down, s.bindings = Rate{}, false, false, false, nil, nil, nil
	s.Takes, s.Sets = slices.Clone(r.Takes), slices.Clone(r.Sets)
	check := r.check
	s.Serve = func(ctx context.Context, req *trigger.Request) (*trigger.Response, error) {
		if err := check(req); err != nil {
			return nil, err
		}
		resp, err := serve(ctx, req)
		if err != nil {
			return nil, problemOf(err)
		}
		return resp, nil
	}
	return &s
}

// Results are the successes with which requests of a route end that accepts them to do them later; nil of any other route.
func (t *Typed) Results(id string) []openapi.Response {
	for _, r := range t.Routes {
		if r.Model.ID.Value == id && r.Model.Async {
			return r.responses(t.Language())
		}
	}
	return nil
}

// check reads a request, and returns the problem by which it is refused, nil if the route would run it. Who calls is not looked at.
func (e *entry) check(req *trigger.Request) (err error) {
	defer contained(&err)
	x := e.unit.begin(func() time.Time { return time.Time{} }, &shared{idle: e.route.Timeout})
	defer e.unit.end(x)
	x.Frame.Account = req.Account
	anybody := *e
	anybody.userSlot = -1
	if err := anybody.read(x, req); err != nil {
		return problemOf(err)
	}
	return nil
}
