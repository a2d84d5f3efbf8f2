package rest

import (
	"errors"
	"io"
	"math"
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
			e.read = p.bodyMedia.reading(p.bodyType, codec.JSONOptions{})
		}
		sim.endpoints = append(sim.endpoints, e)
	}
	return sim, nil
}

// system has callers present the credentials of a system, at the paths under its endpoint.
func (s *simulator) system(w *wire, system *connectors.System) error {
	o, _, err := w.access.Resolve(system, nil)
	if err != nil {
		return err
	}
	if s.guard, err = w.access.Guard(system, maxRequest); err != nil {
		return err
	}
	at, err := base(o.Endpoint)
	if err == nil {
		s.prefix = at.EscapedPath()
	}
	return err
}

type simulator struct {
	simulation connectors.Simulation
	endpoints  []*endpoint
	prefix     string
	guard      *transport.Guard // nil where the system is not known
}

// endpoint is one operation of the simulator.
type endpoint struct {
	operation *connectors.Operation
	op        *op
	read      *reading // of the body; nil if there is none
}

// maxRequest is how large a request to a simulator may be.
const maxRequest = 10 << 20

func (s *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.guard != nil {
		if s.guard.Answer(w, r) {
			return
		}
		if !s.guard.Known(r) {
			s.guard.Ask(w.Header())
			refuse(w, http.StatusUnauthorized, "unknown caller")
			return
		}
	}
	path, under := strings.CutPrefix(r.URL.EscapedPath(), s.prefix)
	for _, e := range s.endpoints {
		values, fits := e.match(path)
		if !under || !fits || e.op.method != r.Method {
			continue
		}
		in, err := e.input(r, values)
		if errors.Is(err, errMedia) {
			refuse(w, http.StatusUnsupportedMediaType, err.Error()+", expected "+e.op.bodyMedia.name)
			return
		}
		if err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		s.answer(w, r, e, in)
		return
	}
	refuse(w, http.StatusNotFound, "no operation has this method and path")
}

// match reports whether a path is the operation's, and returns the values of its holes as they are written.
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
		values[seg.param] = path[:end]
		path = path[end:]
	}
	return values, path == ""
}

// input reads the operation's input from a request, by its schema.
func (e *endpoint) input(r *http.Request, path map[int]string) (schema.Value, error) {
	t := e.operation.Wired()
	slots := schema.Slots(t)
	query, err := pairsOf(r.URL.RawQuery, "&", url.QueryUnescape)
	if err != nil {
		return schema.Value{}, err
	}
	cookies, err := pairsOf(strings.ReplaceAll(r.Header.Get("Cookie"), "; ", ";"), ";", url.PathUnescape)
	if err != nil {
		return schema.Value{}, err
	}
	for i := range e.op.params {
		p := &e.op.params[i]
		var v schema.Value
		switch p.in {
		case "path":
			v, err = p.fromText(path[i])
		case "query":
			v, err = p.fromPairs(query)
		case "cookie":
			v, err = p.fromPairs(cookies)
		case "header":
			if all := r.Header.Values(p.name); len(all) > 0 {
				v, err = p.fromText(strings.Join(all, ","))
			}
		}
		switch {
		case err != nil:
			return v, errors.New(p.name + ": " + err.Error())
		case v.IsAbsent() && t.Fields[p.field].Required:
			return v, errors.New(p.name + " is missing")
		}
		slots[p.field+1] = v
	}
	if e.read == nil {
		return schema.Record(t, slots), nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		return schema.Value{}, errors.New("the body ended early")
	}
	if len(body) == 0 && e.op.body == fieldBody && r.Header.Get("Content-Type") == "" {
		return schema.Record(t, slots), nil
	}
	kind, charset, ok := e.op.bodyMedia.takes(r.Header.Get("Content-Type"))
	if r.Header.Get("Content-Type") != "" && !ok {
		return schema.Value{}, errMedia
	}
	if !ok {
		kind = e.op.bodyMedia.kind
	}
	v, err := e.read.decode(body, kind, charset)
	if err != nil {
		return v, err
	}
	if e.op.body == fieldBody {
		slots[t.Index(bodyField)+1] = v
		return schema.Record(t, slots), nil
	}
	for i, f := range e.op.bodyType.Fields {
		if j := t.Index(f.Name); j >= 0 {
			slots[j+1] = v.Field(i)
		}
	}
	return schema.Record(t, slots), nil
}

var errMedia = errors.New("the body is of another media type")

// fromText reads the parameter from where it stands alone: a hole of the path, a header.
func (p *param) fromText(raw string) (schema.Value, error) {
	if !p.json {
		return p.layout.fromText(p.name, raw, p.t)
	}
	return p.fromJSON(raw)
}

// answer returns the first sample that fits.
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
		written, contentType, err := e.sampled(status, c.Answer)
		if err != nil {
			refuse(w, http.StatusInternalServerError, "the sample of "+e.operation.Name+" cannot be written: "+err.Error())
			return
		}
		if body = written; w.Header().Get("Content-Type") == "" && body != nil {
			w.Header().Set("Content-Type", contentType)
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// sampled writes the answer of a sample: as JSON with a status that is a failure, otherwise as the operation's answers are.
func (e *endpoint) sampled(status int, answer schema.Value) (body []byte, contentType string, err error) {
	m := &e.op.answered
	if !e.op.ok(status) {
		m = &media{kind: asJSON, name: jsonType}
		if e.operation.Error != nil && e.op.failed.kind == asJSON {
			m = &e.op.failed
		}
	} else if e.op.wrapped {
		if answer = answer.Get(bodyField); answer.IsAbsent() {
			return nil, "", nil
		}
	}
	k := answer.Kind()
	several := k == schema.KindList || k == schema.KindRecord || k == schema.KindMap
	switch {
	case answer.IsNil() && m.kind != asJSON:
		return nil, "", nil
	case m.kind == asText && several, m.kind == asForm && !several, m.kind == asXML && k != schema.KindRecord && k != schema.KindList,
		(m.kind == asLines || m.kind == asRows) && k != schema.KindList, m.kind == asOctets && k != schema.KindBytes:
		return nil, "", errors.New("it does not fit " + m.name)
	}
	if m.kind == asParts {
		if k != schema.KindRecord {
			return nil, "", errors.New("it does not fit " + m.name)
		}
		return m.parts.Write(answer, m.base, math.MaxInt)
	}
	body, err = m.write(answer, math.MaxInt)
	return body, m.contentType(), err
}

func refuse(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(codec.AppendText([]byte(`{"error":`), detail), '}'))
}
