package mock

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"fondaco/openapi"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/funcs"
	"fondaco/transform/parts"
)

// answers are those of one operation.
type answers struct {
	op    *openapi.Operation
	o     Options
	forms map[int]*parts.Form // of answers of several parts, by their places

	results *answers // what requests that are accepted end with; nil of an operation that answers at once
}

// answersOf prepares the answers of an operation. The error says of which none can be made.
func answersOf(op *openapi.Operation, o Options) (*answers, error) {
	if len(op.Responses) == 0 {
		return nil, fmt.Errorf("%s: %s %s has no answer", op.Pos, op.Method, op.Path)
	}
	a := &answers{op: op, o: o, forms: map[int]*parts.Form{}}
	for i := range op.Responses {
		r := &op.Responses[i]
		if strings.HasPrefix(r.ContentType, "multipart/") && r.Body != nil {
			form, err := formOf(r.Body, r.Encoding)
			if err != nil {
				return nil, fmt.Errorf("%s: %s %s, answer %d: %w", op.Pos, op.Method, op.Path, r.Status, err)
			}
			a.forms[i] = form
		}
	}
	return a, nil
}

// serve answers a request that was checked.
func (a *answers) serve(ctx context.Context, req *trigger.Request) (*trigger.Response, error) {
	w, p := wishOf(req.Header)
	if p != nil {
		return nil, p
	}
	at, status, p := a.choose(&w)
	if p != nil {
		return nil, p
	}
	if w.delay > 0 {
		wait := time.NewTimer(w.delay)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	resp := trigger.NewResponse()
	var err error
	if w.code == 0 && w.example == "" && a.ofAccepted() {
		a.accepted(resp)
	} else {
		err = a.fill(ctx, resp, at, status, &w, req)
	}
	if err != nil {
		resp.Release()
		return nil, err
	}
	if len(w.words) > 0 {
		resp.Header = append(resp.Header, trigger.Header{Name: applied, Value: strings.Join(w.words, ", ")})
	}
	return resp, nil
}

// choose returns the place of the answer that is wanted, and its status.
func (a *answers) choose(w *wish) (at, status int, p *trigger.Problem) {
	switch {
	case w.code != 0:
		if at = a.of(w.code); at < 0 {
			return 0, 0, trigger.NewProblem(400, fmt.Sprintf("Prefer: this operation has no answer %d; it has %s.", w.code, a.statuses()))
		}
		status = w.code
	default:
		at, status = a.own()
	}
	if w.example == "" || has(a.op.Responses[at].Examples, w.example) {
		return at, status, nil
	}
	var names []string
	for i := range a.op.Responses {
		r := &a.op.Responses[i]
		if w.code != 0 && i != at {
			continue
		}
		if has(r.Examples, w.example) {
			return i, statusOf(r), nil
		}
		for _, e := range r.Examples {
			if e.Name != "" {
				names = append(names, e.Name)
			}
		}
	}
	return 0, 0, trigger.NewProblem(400, fmt.Sprintf("Prefer: there is no example of that name; there are: %s.", listed(names)))
}

func has(list []openapi.Example, name string) bool {
	return slices.ContainsFunc(list, func(e openapi.Example) bool { return e.Name == name })
}

// of returns the place of the answer of a status: named, or of its range; where the document names no failure, also every other one. It is
// -1 if there is none.
func (a *answers) of(status int) int {
	find := func(declared int) int {
		return slices.IndexFunc(a.op.Responses, func(r openapi.Response) bool { return r.Status == declared })
	}
	if at := find(status); at >= 0 {
		return at
	}
	if at := find(status / 100); at >= 0 {
		return at
	}
	failures := slices.ContainsFunc(a.op.Responses, func(r openapi.Response) bool {
		return r.Status >= 400 || r.Status == 4 || r.Status == 5
	})
	if status >= 400 && !failures {
		return find(0)
	}
	return -1
}

// own returns the answer of the operation where nobody prefers another: its least success, else the first that it has.
func (a *answers) own() (at, status int) {
	at = -1
	for i := range a.op.Responses {
		r := &a.op.Responses[i]
		if s := statusOf(r); r.Status != 0 && s/100 == 2 && (at < 0 || s < status) {
			at, status = i, s
		}
	}
	if at >= 0 {
		return at, status
	}
	if only := a.of(0); only >= 0 {
		return only, http.StatusOK
	}
	return 0, statusOf(&a.op.Responses[0])
}

// statusOf returns a status of an answer: of a range its first, of all that are not named 200.
func statusOf(r *openapi.Response) int {
	switch {
	case r.Status == 0:
		return http.StatusOK
	case r.Status < 10:
		return r.Status * 100
	}
	return r.Status
}

// statuses names those that a caller may ask for.
func (a *answers) statuses() string {
	var names []string
	for i := range a.op.Responses {
		switch s := a.op.Responses[i].Status; {
		case s == 0:
		case s < 10:
			names = append(names, strconv.Itoa(s)+"XX")
		default:
			names = append(names, strconv.Itoa(s))
		}
	}
	return listed(names)
}

// seedOf returns the seed of an answer: it hangs on the mock's, and on what is asked for.
func (a *answers) seedOf(status int, req *trigger.Request) uint64 {
	h := fnv.New64a()
	of := []string{strconv.FormatUint(a.o.Seed, 10), a.op.Method, a.op.Path, strconv.Itoa(status), req.Query}
	for _, s := range append(of, req.Path...) {
		_, _ = h.Write([]byte(s))
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}

// value returns the body of an answer as a value: the example that is wanted, or the first, or one made from its type.
func (a *answers) value(r *openapi.Response, t *schema.Type, w *wish, seed uint64) (schema.Value, error) {
	for _, e := range r.Examples {
		if w.example == "" || e.Name == w.example {
			return e.Value, nil
		}
	}
	v, err := schema.SampleOf(t, schema.Every, seed)
	if err != nil {
		v, err = schema.SampleOf(t, nil, seed)
	}
	return v, err
}

// headers adds those that the document describes.
func (a *answers) headers(resp *trigger.Response, r *openapi.Response, seed uint64) {
	for _, h := range r.Headers {
		t := h.Type
		if t == nil {
			t = schema.TypeText
		}
		v, err := schema.SampleOf(t, schema.Every, seed)
		if err != nil || v.IsNil() {
			continue
		}
		text := funcs.Print(v)
		switch http.CanonicalHeaderKey(h.Name) {
		case "Location", "Content-Location":
			text = "/"
		case "Etag":
			text = fmt.Sprintf("%q", strconv.FormatUint(seed, 36))
		case "Www-Authenticate":
			text = "Bearer"
		}
		resp.Header = append(resp.Header, trigger.Header{Name: h.Name, Value: text})
	}
}
