package routestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"fondaco/config/project"
	"fondaco/connectors/simulate"
	"fondaco/openapi"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/parts"
)

// Door serves routes to one request, given as its octets, and returns the answer: as the public API does, with all that a request over
// the network goes through.
type Door func(ctx context.Context, s Served, request []byte) (*http.Response, error)

// Served is what a Door serves.
type Served struct {
	Project *project.Project
	Routes  []*routes.Route
	Callers map[string]schema.Value // who calls, by the Scheme of a route's Auth; of trigger.UserType
}

// ask sends the test's request through the door and compares the answer.
func (t *Test) ask(ctx context.Context, program *routes.Program, typed *routes.Typed, door Door) string {
	request, problem := t.octets(fitting(program.Routes, t.Request.Method, t.Request.Path))
	if problem != "" {
		return problem
	}
	told := &told{}
	answer, err := door(ctx, t.served(program, typed.Model.Project, told), request)
	if err != nil {
		return errors.Join(err, told.cause()).Error()
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err.Error()
	}
	if form := told.parts(); form != nil {
		if body, err = severalAsJSON(form, answer.Header.Get("Content-Type"), body); err != nil {
			return "the parts of the answer cannot be read: " + err.Error()
		}
	}
	if answer.Header.Get("Content-Type") == trigger.ProblemType && t.Answer.Body.Get("request_id") == nil {
		body = withoutID(body, answer.Header.Get("X-Request-Id"))
	}
	var headers []trigger.Header
	for name, values := range answer.Header {
		for _, value := range values {
			headers = append(headers, trigger.Header{Name: name, Value: value})
		}
	}
	return t.Answer.compare(answer.StatusCode, headers, body, told.cause())
}

// withoutID returns a problem without the id of its request, which is another one each time.
func withoutID(problem []byte, id string) []byte {
	return bytes.Replace(problem, []byte(`,"request_id":`+strconv.Quote(id)), nil, 1)
}

// served returns what the door serves: the routes of a program as they are for one request that is done at once, each with its own caller.
func (t *Test) served(program *routes.Program, p *project.Project, told *told) Served {
	s := Served{Project: p, Callers: map[string]schema.Value{}}
	for _, r := range program.Routes {
		one := *r
		one.Accept, one.Keyed = nil, false // a test shows what the request comes to
		if !one.Auth.None {
			one.Auth.Scheme = r.ID
			s.Callers[r.ID] = user(t.Request.User, r.Auth)
		}
		one.Serve = func(ctx context.Context, req *trigger.Request) (*trigger.Response, error) {
			res, err := r.Serve(traced(ctx), req)
			told.note(res, err)
			return res, err
		}
		s.Routes = append(s.Routes, &one)
	}
	return s
}

// told is why an exchange ended otherwise than at its end: those who write tests see it, callers do not.
type told struct {
	mu   sync.Mutex
	err  error
	form *parts.Form // of an answer of several parts
}

func (t *told) note(res *trigger.Response, err error) {
	if err == nil && res != nil {
		err = res.Failure
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err = err; res != nil {
		t.form = res.Form
	}
}

func (t *told) parts() *parts.Form {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.form
}

func (t *told) cause() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// octets writes the request as a client does. What the test says of it is sent as it is: what the door refuses of callers it refuses of
// tests. Only how a body is written follows from the route that it is for, which is nil where there is none. It returns what is wrong
// with the test.
func (t *Test) octets(route *routes.Route) ([]byte, string) {
	head := http.Header{}
	for _, h := range t.Request.Headers {
		if strings.ContainsAny(h[0]+h[1], "\r\n") {
			return nil, fmt.Sprintf("the header %q holds the end of a line", h[0])
		}
		head[http.CanonicalHeaderKey(h[0])] = append(head[http.CanonicalHeaderKey(h[0])], h[1])
	}
	body, media, problem := t.Request.body(route)
	if problem != "" {
		return nil, problem
	}
	if media != "" && head.Get("Content-Type") == "" {
		head.Set("Content-Type", media)
	}
	if body != nil && head["Content-Length"] == nil && head["Transfer-Encoding"] == nil {
		head.Set("Content-Length", strconv.Itoa(len(body)))
	}
	if head["X-Request-Id"] == nil {
		head.Set("X-Request-Id", testID)
	}
	if head["Host"] == nil {
		head.Set("Host", "test.example")
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", t.Request.Method, t.Request.Path)
	for name, values := range head {
		for _, value := range values {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes(), ""
}

// body returns the octets of the body, nil for none, and its media type.
func (r *Request) body(route *routes.Route) (octets []byte, media, problem string) {
	switch {
	case r.Body == nil:
		return nil, "", ""
	case route != nil && route.Upload != "":
		return []byte(r.Body.Text.Value), route.Upload, ""
	case route != nil && route.Form:
		return r.form()
	}
	return codec.AppendJSON([]byte{}, simulate.Plain(r.Body)), openapi.JSONMedia(r.Method), ""
}

// fitting returns the route that a path is for as far as its segments show, nil if there is none; fixed segments go before holes.
func fitting(all []*routes.Route, method, target string) (best *routes.Route) {
	path, _, _ := strings.Cut(target, "?")
	for _, r := range all {
		if r.Method == method && fits(r.Path, path) &&
			(best == nil || strings.Count(r.Path, "{") < strings.Count(best.Path, "{")) {
			best = r
		}
	}
	return best
}

func fits(pattern, path string) bool {
	return slices.EqualFunc(strings.Split(pattern, "/"), strings.Split(path, "/"), func(want, got string) bool {
		text, err := url.PathUnescape(got)
		return err == nil && (strings.HasPrefix(want, "{") || want == text)
	})
}
