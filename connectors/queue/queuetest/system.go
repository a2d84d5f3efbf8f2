package queuetest

import (
	"context"
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/queue"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// System returns a system at a broker, by a connector's text.
func System(t testing.TB, address, connector string) *connectors.System {
	t.Helper()
	var out diag.List
	c := connectors.Load(fstest.MapFS{"connector.yaml": {Data: []byte(connector)}}, ".", connectors.Registry{queue.Protocol}, transform.Constants{}, &out, diag.Pos{})
	for _, p := range out.Sorted() {
		t.Errorf("%s: %s %s %s", p.Pos, p.Code, p.Message, p.Hint)
	}
	if c == nil || t.Failed() {
		t.FailNow()
	}
	s := &connectors.System{Name: "broker", Connector: c, Params: map[string]config.Ref{}}
	s.Override("endpoint", address)
	return s
}

var deps = connectors.Deps{Log: slog.New(slog.DiscardHandler)}

// Opened opens a system until the test ends.
func Opened(t testing.TB, s *connectors.System) connectors.Caller {
	t.Helper()
	c, err := queue.Protocol.Open(context.Background(), s, deps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// Calling prepares an operation, whose input and answer are written as JSON.
func Calling(t testing.TB, s *connectors.System, c connectors.Caller, name string) func(ctx context.Context, in string) (string, error) {
	t.Helper()
	op := s.Connector.Operation(name)
	do, err := c.Call(op, op.Output)
	if err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context, in string) (string, error) {
		v, err := codec.CompileJSON(op.Input, codec.JSONOptions{}).Decode([]byte(in))
		if err != nil {
			return "", err
		}
		v, err = do(ctx, v)
		if err != nil {
			return "", err
		}
		return string(codec.AppendJSON(nil, v)), nil
	}
}

// Watching opens a watch; whoever asked for it closes it.
func Watching(t testing.TB, s *connectors.System, name string) connectors.Watching {
	t.Helper()
	w, err := s.Watch(context.Background(), s.Connector.Watch(name), deps)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Found polls until n things have come and were kept, and returns them.
func Found(t testing.TB, w connectors.Watching, n int) (all []connectors.Find) {
	t.Helper()
	for end := time.Now().Add(time.Minute); len(all) < n; {
		f, err := w.Poll(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f.Items...)
		if f.Done != nil {
			if err := f.Done(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
		if time.Now().After(end) {
			t.Fatalf("found %d, expected %d", len(all), n)
		}
		if !f.More && len(all) < n {
			w.Wait(t.Context(), time.Second)
		}
	}
	return all
}

// Said writes a value as JSON.
func Said(v schema.Value) string { return string(codec.AppendJSON(nil, v)) }
