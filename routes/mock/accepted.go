package mock

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"fondaco/openapi"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/store"
)

// The paths at which the server answers for accepted requests.
const (
	operationPath = "/operations/{id}"
	resultPath    = "/operations/{id}/result"
)

// How long an accepted request waits until work on it begins, and until it is done.
const (
	begins = time.Second
	done   = 2 * time.Second
)

// ofAccepted reports whether the operation takes requests on to do them later.
func (a *answers) ofAccepted() bool {
	at, status := a.own()
	return status == http.StatusAccepted && a.results != nil && a.op.Responses[at].Body != nil
}

// accepted answers a request that is done later. Nothing is kept: the id says when it was accepted, and by which operation.
func (a *answers) accepted(resp *trigger.Response) {
	id := strconv.FormatInt(a.o.Now.Now().UnixMilli(), 36) + "-" + a.op.ID
	resp.Status, resp.ContentType = http.StatusAccepted, "application/json"
	resp.Body = fmt.Appendf(resp.Body, `{"id":%q,"state":%q}`, id, store.Accepted)
	resp.Header = append(resp.Header, trigger.Header{Name: "Location", Value: "/operations/" + id},
		trigger.Header{Name: "Retry-After", Value: "1"})
	for _, r := range a.op.Responses {
		for _, h := range r.Headers {
			if r.Status == http.StatusAccepted && h.Required && h.Name != "Location" && h.Name != "Retry-After" {
				resp.Header = append(resp.Header, trigger.Header{Name: h.Name, Value: id})
			}
		}
	}
}

// later answers for requests that were accepted.
type later struct {
	answers
	of map[string]*answers // the operations that accept requests, by their id
}

// serve answers for an accepted request; with a preference for a status or an example as every operation does.
func (l *later) serve(ctx context.Context, req *trigger.Request) (*trigger.Response, error) {
	if w, p := wishOf(req.Header); p != nil || len(w.words) > 0 {
		return l.answers.serve(ctx, req)
	}
	when, name, _ := strings.Cut(req.Path[0], "-")
	at, err := strconv.ParseInt(when, 36, 64)
	by := l.of[name]
	now := l.o.Now.Now()
	created := time.UnixMilli(at)
	if err != nil || by == nil || created.After(now) {
		return nil, trigger.NewProblem(http.StatusNotFound, "There is no such operation.")
	}
	age := now.Sub(created)
	switch {
	case l.op.Method == http.MethodDelete && age >= begins:
		return nil, trigger.NewProblem(http.StatusConflict, "Work on the request has begun: it cannot be cancelled any more.")
	case l.op.Method == http.MethodDelete:
		return state(req.Path[0], store.Cancelled, created, now), nil
	case l.op.Path == resultPath && age < done:
		return nil, trigger.NewProblem(http.StatusNotFound, "The operation has not ended.")
	case l.op.Path == resultPath:
		return by.result(ctx, req)
	}
	return l.state(req, created, age), nil
}

// state answers how far a request is, as the server does: 200 until it has ended, then 303.
func (l *later) state(req *trigger.Request, created time.Time, age time.Duration) *trigger.Response {
	var resp *trigger.Response
	switch {
	case age < begins:
		resp = state(req.Path[0], store.Accepted, created, created)
	case age < done:
		resp = state(req.Path[0], store.Working, created, created.Add(begins))
	default:
		resp = state(req.Path[0], store.Done, created, created.Add(done))
		resp.Status = http.StatusSeeOther
		resp.Header = append(resp.Header, trigger.Header{Name: "Location", Value: "/operations/" + req.Path[0] + "/result"})
	}
	tag := fmt.Sprintf("%q", strconv.FormatInt(min(age, done).Truncate(begins).Milliseconds()+created.UnixMilli(), 36))
	resp.Header = append(resp.Header, trigger.Header{Name: "ETag", Value: tag})
	if resp.Status == http.StatusOK {
		resp.Header = append(resp.Header, trigger.Header{Name: "Retry-After", Value: "1"})
		if trigger.NoneMatch(req.Header["If-None-Match"], tag) {
			resp.Status, resp.ContentType, resp.Body = http.StatusNotModified, "", resp.Body[:0]
		}
	}
	return resp
}

func state(id string, s store.OperationState, created, updated time.Time) *trigger.Response {
	resp := trigger.NewResponse()
	resp.Status, resp.ContentType = http.StatusOK, "application/json"
	resp.Body = append(resp.Body, openapi.JSON(schema.MapOf(&schema.Map{
		Keys: []string{"id", "state", "created", "updated"},
		Values: []schema.Value{
			schema.Text(id), schema.Text(string(s)), schema.Text(created.UTC().Format(time.RFC3339)),
			schema.Text(updated.UTC().Format(time.RFC3339)),
		},
	}))...)
	return resp
}

// result answers what the operation itself answers once its request is done.
func (a *answers) result(ctx context.Context, req *trigger.Request) (*trigger.Response, error) {
	resp := trigger.NewResponse()
	at, status := a.results.own()
	if err := a.results.fill(ctx, resp, at, status, &wish{}, req); err != nil {
		resp.Release()
		return nil, err
	}
	return resp, nil
}
