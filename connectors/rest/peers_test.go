package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/connectortest"
	"fondaco/connectors/scaffold"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// peer is a running service of another framework.
type peer struct {
	address  string
	document []byte // its description

	unspoken []string // what is not imported, and why
}

// started runs another implementation until the test ends, and fetches its description.
func started(t *testing.T, description, name string, arguments ...string) *peer {
	t.Helper()
	p := &peer{address: connectortest.StartPeer(t, name, arguments...)}
	p.document = connectortest.Fetch(t, p.address+description)
	return p
}

// imported makes a connector of the peer's own description, as "fondaco import openapi" does, with all its operations.
func (p *peer) imported(t *testing.T) (*connectors.System, connectors.Caller) {
	t.Helper()
	var out diag.List
	x := readImport(fstest.MapFS{"api.json": {Data: p.document}}, "api.json", scaffold.Options{}, &out)
	if x == nil {
		t.Fatal(problems(&out))
	}
	if !slices.Equal(x.Unreadable, p.unspoken) {
		t.Errorf("not imported: %q\nexpected %q", x.Unreadable, p.unspoken)
	}
	files := fstest.MapFS{"c/api.json": {Data: p.document}}
	for name, data := range x.Files("peer") {
		files["c/"+name] = &fstest.MapFile{Data: data}
	}
	c := connectors.Load(files, "c", registry, transform.Constants{}, &out, diag.Pos{})
	if c == nil || out.Failed() {
		t.Fatal(problems(&out))
	}
	s := &connectors.System{Name: c.Name, Connector: c, Params: map[string]config.Ref{}}
	s.Override("endpoint", p.address)
	caller, err := Protocol.Open(t.Context(), s, connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = caller.Close() })
	return s, caller
}

// exchange is a call of a peer: what is sent, and what must come back. Where want begins with a word, it is a fault.
type exchange struct{ name, operation, in, want string }

// exchanges makes calls of a peer, and checks that no operation of it is left out.
func (p *peer) exchanges(t *testing.T, list []exchange) {
	t.Helper()
	s, caller := p.imported(t)
	left := map[string]bool{}
	for _, o := range s.Connector.Operations {
		left[o.Name] = true
	}
	for _, x := range list {
		delete(left, x.operation)
		t.Run(x.name, func(t *testing.T) {
			if got := x.tried(t, s, caller); !sameJSON(got, x.want) {
				t.Errorf("got  %.4000s\nwant %.4000s", got, x.want)
			}
		})
	}
	for name := range left {
		t.Errorf("%s is never called", name)
	}
}

// tried makes the call, and returns what came back: the answer, or the fault and what the system said.
func (x exchange) tried(t *testing.T, s *connectors.System, caller connectors.Caller) string {
	t.Helper()
	o := s.Connector.Operation(x.operation)
	if o == nil {
		t.Fatalf("no operation %s", x.operation)
	}
	in, err := codec.CompileJSON(o.Input, codec.JSONOptions{}).Decode([]byte(x.in))
	if err != nil {
		return "input: " + err.Error()
	}
	do, err := caller.Call(o, o.Output)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	v, err := do(ctx, in)
	f := connectors.AsFault(err)
	switch {
	case f != nil && !f.Body.IsAbsent():
		return fmt.Sprintf("%s %d %s", f.Kind, f.Status, codec.AppendJSON(nil, f.Body))
	case f != nil:
		return fmt.Sprintf("%s %d %s %v", f.Kind, f.Status, f.Path, f.Err)
	case err != nil:
		return "error: " + err.Error()
	}
	return string(codec.AppendJSON(nil, v))
}

// sameJSON compares texts, and what follows their first word, if any, as JSON.
func sameJSON(got, want string) bool {
	read := func(s string) (string, any) {
		at := max(strings.IndexAny(s, "{["), 0)
		d := json.NewDecoder(bytes.NewReader([]byte(s[at:])))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			return s, nil
		}
		return s[:at], v
	}
	gotWord, gotValue := read(got)
	wantWord, wantValue := read(want)
	return gotWord == wantWord && reflect.DeepEqual(gotValue, wantValue)
}
