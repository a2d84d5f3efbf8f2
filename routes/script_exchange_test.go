package routes_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/schema"
)

// Request is a request that a test sends.
type Request struct {
	Method, Path string // Path with the query
	Header       http.Header
	User         *User // nil: nobody is known
	Body         string
}

// User is who sends a request. What a test leaves out has a made-up value.
type User struct {
	Subject, Channel string  // "": the token does not tell it
	FiscalCode       *string // nil: the token does not tell it
	Level            int
	Roles            []string // nil: the token does not tell them
}

// MadeUp is a person who does not exist, known at the highest level.
func MadeUp() *User {
	code := "RSSMRA80A01L736X"
	return &User{Subject: "prova", FiscalCode: &code, Level: 3, Channel: "web", Roles: []string{}}
}

// value returns the user as routes see it.
func (u *User) value() schema.Value {
	var code schema.Value
	if u.FiscalCode != nil {
		code = schema.Text(*u.FiscalCode)
	}
	roles := make([]schema.Value, len(u.Roles))
	for i, r := range u.Roles {
		roles[i] = schema.Text(r)
	}
	list := schema.List(roles)
	if u.Roles == nil {
		list = schema.Value{}
	}
	return trigger.WithoutBlanks(schema.RecordOf(trigger.UserType, schema.Text(u.Subject), code, schema.Int(int64(u.Level)),
		schema.Text(u.Channel), list))
}

// Answer is what came of a request, or what should.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	Err    error // why the exchange ended before its end; of an expected answer nil
}

// Do sends a request to a program, as the server would: it finds the route, and knows the caller by the request's user.
func Do(ctx context.Context, p *routes.Program, req Request) Answer {
	path, query, _ := strings.Cut(req.Path, "?")
	route, holes := find(p, req.Method, path)
	if route == nil {
		return failed(trigger.NewProblem(404, "No operation answers "+req.Method+" "+path+"."))
	}
	in := &trigger.Request{Path: holes, Query: query, Header: req.Header, Body: []byte(req.Body)}
	if !route.Auth.None {
		if problem := admit(route.Auth, req.User); problem != nil {
			return failed(problem)
		}
		in.User = req.User.value()
	}
	if in.Header == nil {
		in.Header = http.Header{}
	}
	if req.Body != "" && in.Header.Get("Content-Type") == "" {
		in.Header.Set("Content-Type", "application/json")
	}
	timeout, refused := trigger.Timeout(in.Header, route.Timeout)
	if refused != nil {
		return failed(refused)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	resp, err := route.Serve(ctx, in)
	if err != nil {
		var problem *trigger.Problem
		if !errors.As(err, &problem) {
			problem = &trigger.Problem{Status: 500, Err: err}
		}
		return failed(problem)
	}
	defer resp.Release()
	a := Answer{Status: resp.Status, Header: http.Header{}, Body: string(resp.Body)}
	if resp.ContentType != "" {
		a.Header.Set("Content-Type", resp.ContentType)
	}
	for _, h := range resp.Header {
		a.Header.Add(h.Name, h.Value)
	}
	return a
}

func failed(p *trigger.Problem) Answer {
	contentType, body := trigger.Language("").Answer(p)
	a := Answer{Status: p.Status, Header: http.Header{"Content-Type": {contentType}}, Body: string(body), Err: p}
	if p.RetryAfter > 0 {
		a.Header.Set("Retry-After", strconv.Itoa(int(p.RetryAfter.Seconds())))
	}
	return a
}

// admit refuses callers whom the route does not take.
func admit(auth routes.Auth, u *User) *trigger.Problem {
	switch {
	case u == nil:
		return trigger.NewProblem(401, "This operation wants to know who calls.")
	case u.Level < auth.Level:
		return trigger.NewProblem(401, "This operation wants the caller known more surely.")
	case len(auth.Roles) > 0 && !slices.ContainsFunc(auth.Roles, func(r string) bool { return slices.Contains(u.Roles, r) }):
		return trigger.NewProblem(403, "This operation is for others.")
	}
	return nil
}

// find returns the route for a method and a path, with the values of the path's holes; fixed segments go before holes.
func find(p *routes.Program, method, path string) (*routes.Route, []string) {
	var best *routes.Route
	var holes []string
	for _, r := range p.Routes {
		if r.Method != method {
			continue
		}
		values, ok := fits(r.Path, path)
		if ok && (best == nil || len(values) < len(holes)) {
			best, holes = r, values
		}
	}
	return best, holes
}

func fits(pattern, path string) ([]string, bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	var values []string
	for i, w := range want {
		if strings.HasPrefix(w, "{") {
			value, err := url.PathUnescape(got[i])
			if err != nil || value == "" {
				return nil, false
			}
			values = append(values, value)
		} else if w != got[i] {
			return nil, false
		}
	}
	return values, true
}

// Differences compares an answer with the expected one: the status, the headers that are expected, and the whole body.
// None are nil.
func Differences(want, got Answer) []string {
	var list []string
	if want.Status != got.Status {
		list = append(list, fmt.Sprintf("status: found %d, expected %d", got.Status, want.Status))
	}
	for _, name := range sortedKeys(want.Header) {
		if w, g := want.Header.Get(name), got.Header.Get(name); w != g && w != Anything {
			list = append(list, fmt.Sprintf("header %s: found %q, expected %q", name, g, w))
		}
	}
	switch {
	case want.Body == "" && got.Body != "" && want.Status == 204, want.Body != "" && got.Body == "":
		list = append(list, fmt.Sprintf("body: found %q, expected %q", got.Body, want.Body))
	case want.Body == "":
	case strings.Contains(got.Header.Get("Content-Type"), "json"):
		list = append(list, MatchJSON(want.Body, got.Body)...)
	case want.Body != got.Body:
		list = append(list, fmt.Sprintf("body: found %q, expected %q", got.Body, want.Body))
	}
	if list != nil && got.Err != nil {
		list = append(list, "failed: "+got.Err.Error())
	}
	return list
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
