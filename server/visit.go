package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"fondaco/connectors"
	"fondaco/routes/trigger"
	"fondaco/server/auth"
	"fondaco/server/door"
	"fondaco/store/traces"
)

// The values of headers that are the same in all answers; nobody changes them.
var (
	problemType = []string{trigger.ProblemType}
	nosniff     = []string{"nosniff"}
	noStore     = []string{"no-store"}
	nothingMore = []string{"default-src 'none'; frame-ancestors 'none'"}
	closing     = []string{"close"}
	retrySoon   = []string{"5"}
	varyOrigin  = "Origin"
)

// visit is one request on its way through the server.
type visit struct {
	s        *Server
	w        http.ResponseWriter
	r        *http.Request
	began    time.Time
	trace    *connectors.Trace
	route    *bound // nil as long as it is not known
	base     string // what comes before paths in links to this API
	status   int
	bytes    int
	failure  *trigger.Problem
	language trigger.Language // of the problems that are answered
	refused  string           // why the caller was turned away, in words of ours without a value of the token; "" if they were not
	from     netip.Addr       // see address
	located  bool
	holding  sync.Mutex
	held     int64  // bytes booked of what may be in flight
	holder   string // for whom: the caller's address

	recording traces.Recording
	accepted  string // the id of the operation that was accepted, "" for none
}

// ServeHTTP answers one request of the public listener.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := &visit{s: s, w: w, r: r, began: time.Now(), trace: traceOf(r.Header), language: s.spoken()}
	h := w.Header()
	h["X-Request-Id"] = []string{v.trace.RequestID}
	h["X-Content-Type-Options"] = nosniff
	h["Cache-Control"] = noStore
	if s.draining.Load() {
		h["Connection"] = closing
	}
	if s.traces != nil {
		s.traces.Begin(&v.recording, v.began)
		v.trace.Recorder = &v.recording
	}
	s.metrics.inFlight.Inc()
	defer v.end()
	if refusal := door.RefusalOf(r); refusal != nil {
		h["Connection"] = closing
		if refusal.Status == http.StatusMethodNotAllowed {
			h["Allow"] = []string{strings.Join(methods[:], ", ") + ", HEAD, OPTIONS"}
		}
		s.metrics.refused.Inc()
		v.refuse(refusal.Status, refusal.Detail)
		return
	}
	g, lease := s.programs.Take()
	if g == nil {
		v.refuse(http.StatusServiceUnavailable, "The service is starting or stopping.")
		return
	}
	defer lease.Release()
	v.answer(g)
}

// end books the visit, and turns a panic into a problem: the process lives on.
func (v *visit) end() {
	cause := recover()
	if cause == http.ErrAbortHandler { //nolint:errorlint // it is the value itself
		defer panic(cause) // half an answer is out: the connection must not be used again
	} else if cause != nil {
		// The text of a panic may hold a value of the message: its kind and its place are enough.
		kind := fmt.Sprintf("%T", cause)
		var broken runtime.Error
		if err, ok := cause.(error); ok && errors.As(err, &broken) {
			kind = broken.Error()
		}
		v.s.log.Error("panic", "route", v.routeID(), "kind", kind, "request_id", v.trace.RequestID, "stack", string(debug.Stack()))
		if v.status != 0 {
			panic(http.ErrAbortHandler) // half an answer is out: the connection must not be used again
		}
		v.problem(&trigger.Problem{Status: http.StatusInternalServerError})
	}
	v.letGo()
	v.s.metrics.inFlight.Dec()
	took := time.Since(v.began)
	m := v.s.metrics.unrouted
	if v.route != nil {
		m = v.route.metrics
	}
	m.observe(v.status, took)
	v.s.access(v, took)
	v.traced(took)
}

func (v *visit) routeID() string {
	if v.route == nil {
		return ""
	}
	return v.route.ID
}

// answer finds the route and runs the exchange. What is cheap to refuse is refused first, and the body is read last.
func (v *visit) answer(g *Routing) {
	path, method := decoded(v.r.URL), v.r.Method
	v.base, v.language = g.program.BasePath, g.program.Language
	v.s.cors(v, g)
	if strings.IndexByte(path, encodedSlash) >= 0 && !g.router.takesSlashes(path) {
		v.refuse(http.StatusBadRequest, slashRefused)
		return
	}
	if method == http.MethodOptions {
		v.options(g, path)
		return
	}
	holes, found := v.find(g, method, path)
	if !found {
		return
	}
	if p := checkHead(v.r, v.route.Raw || v.route.Other); p != nil {
		v.problem(p)
		return
	}
	timeout, p := v.timeout()
	if p != nil {
		v.problem(p)
		return
	}
	ctx, cancel := context.WithDeadline(connectors.WithTrace(v.r.Context(), v.trace), v.began.Add(timeout))
	defer cancel()
	req := trigger.Request{Path: holes, Host: v.r.Host, Query: v.r.URL.RawQuery, Header: v.r.Header}
	var user *auth.User
	if !v.route.Auth.None {
		if user = v.authenticate(ctx); user != nil && (v.s.topics.Alone || v.s.topics.Sealed) {
			v.trace.Marks = func() (string, error) { return v.marked(user) }
		}
		if user == nil {
			return
		}
		req.User = user.Value
		if v.route.PassesToken {
			ctx = connectors.WithCallerToken(ctx, bearer(v.r.Header))
		}
	}
	v.trace.Behalf = v.behalf(user)
	if !v.within(ctx, user) || v.route.limit != nil && !v.admit(ctx, user) {
		return
	}
	if v.route.Upload != "" {
		req.Upload, p = v.upload()
	} else {
		req.Body, p = v.body()
	}
	if p != nil {
		v.problem(p)
		return
	}
	if v.route.Accept != nil {
		v.accept(ctx, &req, user)
		return
	}
	req.Account = v
	if key := v.r.Header["Idempotency-Key"]; v.route.Keyed && len(key) > 0 {
		v.once(ctx, key[0], &req, user)
		return
	}
	res, err := v.route.Serve(ctx, &req)
	if err != nil {
		res.Release()
		v.failed(err)
		return
	}
	v.answered(res)
}

// find finds the route, and returns the values of its path's holes; where there is none it has answered.
func (v *visit) find(g *Routing, method, path string) (holes []string, found bool) {
	if m := methodIndex(method); m >= 0 && path != "" && path[0] == '/' {
		v.route, holes = g.router.find(m, path)
	}
	switch {
	case v.route == nil:
		v.unrouted(g, path)
	case !v.route.unslash(holes):
		v.refuse(http.StatusBadRequest, slashRefused)
	default:
		return holes, true
	}
	return nil, false
}

// answered sends what a route answers, and releases it.
func (v *visit) answered(res *trigger.Response) {
	if res.Failure != nil {
		v.failure = &trigger.Problem{Status: res.Status, Err: res.Failure}
		if f := connectors.AsFault(res.Failure); f != nil {
			v.s.metrics.fault(f)
		}
	}
	v.letGo() // of the request nothing is held any more
	if res.Stream != nil {
		v.stream(res)
		return
	}
	if len(res.Body) >= heldFrom {
		if p := v.hold(int64(len(res.Body))); p != nil {
			res.Release()
			v.problem(p)
			return
		}
	}
	v.respond(res)
	res.Release()
}

// failed answers an exchange that ended with an error.
func (v *visit) failed(err error) {
	if f := connectors.AsFault(err); f != nil {
		v.s.metrics.fault(f)
	}
	p := problemOf(err)
	if v.r.Context().Err() != nil && !v.s.draining.Load() {
		p = &trigger.Problem{Status: clientGone, Title: "Client Closed Request", Err: err}
	}
	v.problem(p)
}

// unrouted answers where there is no route: a page, 405, or 404.
func (v *visit) unrouted(g *Routing, path string) {
	allow := g.router.allow(path)
	if allow != "" {
		v.w.Header()["Allow"] = []string{allow}
		v.refuse(http.StatusMethodNotAllowed, "This path does not support that method; the header Allow lists those it supports.")
		return
	}
	read := v.r.Method == http.MethodGet || v.r.Method == http.MethodHead
	page := g.router.page(path)
	switch {
	case strings.HasPrefix(strings.TrimPrefix(path, v.base), OperationsPath):
		v.operation(g, path)
	case page != nil && read:
		v.page(page)
	case path == "/status" && read:
		v.statusPage()
	case page != nil || path == "/status":
		v.w.Header()["Allow"] = []string{"GET, HEAD, OPTIONS"}
		v.refuse(http.StatusMethodNotAllowed, "This path supports GET and HEAD alone.")
	default:
		v.refuse(http.StatusNotFound, "There is nothing under this path.")
	}
}

// page serves a fixed document.
func (v *visit) page(h http.Handler) {
	delete(v.w.Header(), "Cache-Control")
	seen := &witness{ResponseWriter: v.w}
	_ = v.deadline(1 << 20)
	h.ServeHTTP(seen, v.r)
	v.status, v.bytes = max(seen.status, http.StatusOK), seen.bytes
}

// witness notes what a page answers.
type witness struct {
	http.ResponseWriter
	status, bytes int
}

// WriteHeader notes the status.
func (w *witness) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (w *witness) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController through.
func (w *witness) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// statusPage answers GET /status, as the Italian rules for APIs have it.
func (v *visit) statusPage() {
	if v.s.draining.Load() {
		v.refuse(http.StatusServiceUnavailable, "The service is stopping.")
		return
	}
	v.w.Header()["Content-Type"] = problemType
	v.write(http.StatusOK, []byte(`{"type":"about:blank","title":"OK","status":200,"detail":"The service is up."}`))
}
