package routestest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// soap calls an operation of a service over a socket, as the systems that call it do.
func (t *Test) soap(ctx context.Context, p *routes.Program, m *routes.Model) string {
	name, operation, _ := strings.Cut(t.Request.SOAP, ".")
	s := m.Service(name)
	if s == nil || s.System.Connector == nil {
		return "the project has no service " + name
	}
	op := s.System.Connector.Operation(operation)
	if op == nil {
		return "the service " + name + " has no operation " + operation
	}
	server := httptest.NewServer(serving(p, t))
	defer server.Close()
	s.System.At(connectors.Place{Network: "tcp", Address: server.Listener.Addr().String(), Path: s.Path.Value})
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	caller, err := s.System.Open(ctx, connectors.Deps{Signer: signer(t.Request.Signer)})
	if err != nil {
		return err.Error()
	}
	defer func() { _ = caller.Close() }()
	call, err := caller.Call(op, op.Output)
	if err != nil {
		return err.Error()
	}
	in, err := codec.CompileJSON(op.Input, codec.JSONOptions{Unknown: codec.Refuse}).
		Decode(codec.AppendJSON(nil, simulate.Plain(t.Request.Body)))
	if err != nil {
		return "the body is not what the operation takes: " + err.Error()
	}
	out, err := call(ctx, in)
	if f := connectors.AsFault(err); f != nil {
		return t.Answer.compare(f.Status, nil, codec.AppendJSON(nil, faultBody(f)), err)
	}
	if err != nil {
		return err.Error()
	}
	return t.Answer.compare(http.StatusOK, nil, codec.AppendJSON(nil, out), nil)
}

// faultBody returns a SOAP fault as tests write it; of another answer, only the kind of fault.
func faultBody(f *connectors.Fault) schema.Value {
	var said connectors.SystemFault
	if !errors.As(f, &said) {
		return schema.MapOf(&schema.Map{Keys: []string{"fault"}, Values: []schema.Value{schema.Text(f.Kind.String())}})
	}
	code, text, detail := said.Said()
	m := &schema.Map{Keys: []string{"fault", "text"}, Values: []schema.Value{schema.Text(code), schema.Text(text)}}
	if !detail.IsAbsent() {
		m.Keys, m.Values = append(m.Keys, "detail"), append(m.Values, detail)
	}
	return schema.MapOf(m)
}

// serving answers on a socket what the program's raw routes answer.
func serving(p *routes.Program, t *Test) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, route := range p.Routes {
			if !route.Raw || route.Method != r.Method || route.Path != r.URL.Path {
				continue
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			req := &trigger.Request{Host: r.Host, Query: r.URL.RawQuery, Header: r.Header, Body: body}
			if !route.Auth.None {
				req.User = user(t.Request.User, route.Auth)
			}
			res, err := route.Serve(traced(r.Context()), req)
			if err != nil {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
				return
			}
			defer res.Release()
			for _, h := range res.Header {
				w.Header().Add(h.Name, h.Value)
			}
			if res.ContentType != "" {
				w.Header().Set("Content-Type", res.ContentType)
			}
			w.WriteHeader(res.Status)
			_, _ = w.Write(res.Body)
			return
		}
		http.NotFound(w, r)
	})
}
