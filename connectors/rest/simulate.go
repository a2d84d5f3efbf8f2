package rest

import (
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/transport"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// played makes the handler of a simulator: every operation on its method and path, requests checked by schema,
// answers from samples. Where the system is known, callers must present its credentials.
func played(c *connectors.Connector, s connectors.Simulation) (http.Handler, error) {
	w, ok := c.Wire.(*wire)
	if !ok {
		return nil, errors.New("the connector says nothing under rest")
	}
	sim := &simulator{simulation: s}
	if system := s.System(); system != nil {
		if err := sim.system(w, system); err != nil {
			return nil, err
		}
	}
	for _, operation := range c.Operations {
		p, ok := operation.Wire.(*op)
		if !ok || p.method == "" || operation.Input == nil {
			continue
		}
		e := &endpoint{operation: operation, op: p}
		if p.bodyType != nil {
			e.decode = codec.CompileJSON(p.bodyType, codec.JSONOptions{})
		}
		sim.endpoints = append(sim.endpoints, e)
	}
	return sim, nil
}

// system has callers present the credentials of a system, at the paths under its endpoint.
func (s *simulator) system(w *wire, system *connectors.System) error {
	o, _, err := w.access.Resolve(system)
	if err != nil {
		return err
	}
	if s.tokens, err = w.access.Tokens(system); err != nil {
		return err
	}
	s.user, s.password, s.bearer = o.Auth.User, o.Auth.Password, o.Auth.Bearer
	s.keyHeader, s.keyQuery, s.key = o.Auth.KeyHeader, o.Auth.KeyQuery, o.Auth.Key
	at, err := base(o.Endpoint)
	if err == nil {
		s.prefix = at.EscapedPath()
	}
	return err
}

type simulator struct {
	simulation               connectors.Simulation
	endpoints                []*endpoint
	prefix                   string
	user, password, bearer   string
	keyHeader, keyQuery, key string
	tokens                   *transport.Tokens // nil if callers bear no token
}

// endpoint is one operation of the simulator.
type endpoint struct {
	operation *connectors.Operation
	op        *op
	decode    *codec.JSONDecoder
}

// maxRequest is how large a request to a simulator may be.
const maxRequest = 10 << 20

func (s *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.tokens != nil && s.tokens.Answer(w, r) {
		return
	}
	if !s.known(r) {
		refuse(w, http.StatusUnauthorized, "unknown caller")
		return
	}
	path, under := strings.CutPrefix(r.URL.EscapedPath(), s.prefix)
	for _, e := range s.endpoints {
		values, fits := e.match(path)
		if !under || !fits || e.op.method != r.Method {
			continue
		}
		in, err := e.input(r, values)
		if err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		s.answer(w, r, e, in)
		return
	}
	refuse(w, http.StatusNotFound, "no operation has this method and path")
}

// known checks the caller's credentials.
func (s *simulator) known(r *http.Request) bool {
	equal := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	switch {
	case s.tokens != nil:
		return s.tokens.Known(r)
	case s.user != "":
		user, password, ok := r.BasicAuth()
		return ok && equal(user, s.user) && equal(password, s.password)
	case s.bearer != "":
		return equal(r.Header.Get("Authorization"), "Bearer "+s.bearer)
	case s.keyHeader != "":
		return equal(r.Header.Get(s.keyHeader), s.key)
	case s.keyQuery != "":
		return equal(r.URL.Query().Get(s.keyQuery), s.key)
	}
	return true
}

// match tells whether a path is the operation's, and gives the values of its holes.
func (e *endpoint) match(path string) (values map[int]string, ok bool) {
	values = map[int]string{}
	for i, seg := range e.op.segments {
		if seg.param < 0 {
			if !strings.HasPrefix(path, seg.text) {
				return nil, false
			}
			path = path[len(seg.text):]
			continue
		}
		end := len(path)
		if i+1 < len(e.op.segments) {
			end = strings.Index(path, e.op.segments[i+1].text)
		} else if j := strings.IndexByte(path, '/'); j >= 0 {
			end = j
		}
		if end <= 0 {
			return nil, false
		}
		text, err := url.PathUnescape(path[:end])
		if err != nil {
			return nil, false
		}
		values[seg.param] = text
		path = path[end:]
	}
	return values, path == ""
}

// input reads the operation's input from a request, by its schema.
func (e *endpoint) input(r *http.Request, path map[int]string) (schema.Value, error) {
	t := e.operation.Wired()
	slots := schema.Slots(t)
	query := r.URL.Query()
	for i := range e.op.params {
		p := &e.op.params[i]
		var texts []string
		switch p.in {
		case "path":
			texts = []string{path[i]}
		case "query":
			texts = query[p.name]
		case "header":
			texts = r.Header.Values(p.name)
		}
		if len(texts) == 0 {
			if t.Fields[p.field].Required {
				return schema.Value{}, errors.New(p.name + " is missing")
			}
			continue
		}
		v, err := parse(texts, p)
		if err != nil {
			return v, errors.New(p.name + ": " + err.Error())
		}
		if wrong := schema.Check(v, p.t); wrong != nil {
			return v, errors.New(p.name + ": " + wrong.Error())
		}
		slots[p.field+1] = v
	}
	if e.decode == nil {
		return schema.Record(t, slots), nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		return schema.Value{}, errors.New("the body ended early")
	}
	if len(body) == 0 && e.op.body == fieldBody {
		return schema.Record(t, slots), nil
	}
	v, err := e.decode.Decode(body)
	if err != nil {
		return v, err
	}
	if e.op.body == fieldBody {
		slots[t.Index("body")+1] = v
		return schema.Record(t, slots), nil
	}
	for i, f := range e.op.bodyType.Fields {
		if j := t.Index(f.Name); j >= 0 {
			slots[j+1] = v.Field(i)
		}
	}
	return schema.Record(t, slots), nil
}

func parse(texts []string, p *param) (schema.Value, error) {
	if p.t.Kind != schema.KindList {
		return schema.ParseText(texts[0], p.t)
	}
	if p.comma {
		texts = strings.Split(texts[0], ",")
	}
	var items []schema.Value
	for _, s := range texts {
		v, err := schema.ParseText(s, p.t.Elem)
		if err != nil {
			return v, err
		}
		items = append(items, v)
	}
	return schema.List(items), nil
}

// answer gives the first sample that fits.
func (s *simulator) answer(w http.ResponseWriter, r *http.Request, e *endpoint, in schema.Value) {
	c := s.simulation.Find(e.operation.Name, in)
	if c == nil {
		refuse(w, http.StatusNotImplemented, "no sample of "+e.operation.Name+" fits this input")
		return
	}
	if c.Delay > 0 {
		timer := time.NewTimer(c.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	status := c.Status
	if status == 0 {
		status = http.StatusOK
		if len(e.op.statuses) > 0 && !slices.Contains(e.op.statuses, status) {
			status = e.op.statuses[0]
		}
	}
	for _, h := range c.Headers {
		w.Header().Add(h[0], h[1])
	}
	var body []byte
	switch {
	case c.Raw != "":
		body = []byte(c.Raw)
	case !c.Answer.IsAbsent():
		body = codec.AppendJSON(nil, c.Answer)
		if w.Header().Get("Content-Type") == "" {
			w.Header().Set("Content-Type", "application/json")
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func refuse(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(codec.AppendText([]byte(`{"error":`), detail), '}'))
}
