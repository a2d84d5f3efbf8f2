package connectors_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/policy"
	"fondaco/schema"
)

// bound is an operation of the good connector behind the policies of a system.
func bound(t *testing.T, address, effect, policies string) connectors.Call {
	t.Helper()
	c, wrong := load(t, strings.Replace(good, "effect: read", "effect: "+effect, 1))
	if wrong != "" {
		t.Fatal(wrong)
	}
	var out diag.List
	var set policy.Set
	spec.Decode(config.Parse("fondaco.yaml", []byte(policies), &out), &out, set.Spec)
	if out.Failed() {
		t.Fatal(problems(&out))
	}
	set = policy.Merge(set, policy.Set{})
	s := &connectors.System{Name: "prova", Connector: c, Params: map[string]config.Ref{}}
	s.Override("endpoint", address)
	s.Override("token", "t")
	caller, err := c.Protocol.Open(context.Background(), s, connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = caller.Close() })
	op := c.Operation("leggi")
	call, err := caller.Call(op, op.Output)
	if err != nil {
		t.Fatal(err)
	}
	in := schema.RecordOf(op.Input, schema.Text("1"))
	call = call.With(set.Policies(op, op.Output, policy.NewShared("prova", set, nil, nil))...)
	return func(ctx context.Context, _ schema.Value) (schema.Value, error) { return call(ctx, in) }
}

// TestOutage: a system that is wholly down gets at most a fifth more calls than it would without retries, and no call
// that happens once is repeated (promise P16).
func TestOutage(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	const asked = 200
	for effect, most := range map[string]int32{"read": asked * 12 / 10, "idempotent": asked * 12 / 10, "once": asked} {
		calls.Store(0)
		// The breaker would hide the budget: it stays closed here.
		call := bound(t, server.URL, effect, "{ timeout: 5s, retry: { attempts: 5, backoff: 1ms..2ms }, breaker: { failures: 1000 } }")
		for range asked {
			_, err := call(context.Background(), schema.Null)
			if f := connectors.AsFault(err); f == nil {
				t.Fatal(err)
			}
		}
		if n := calls.Load(); n < asked || n > most {
			t.Errorf("%s: %d requests for %d calls, expected at most %d", effect, n, asked, most)
		}
	}
	calls.Store(0)
	call := bound(t, server.URL, "read", "{ timeout: 5s, breaker: { failures: 5, open: 1m } }")
	var last *connectors.Fault
	for range asked {
		_, err := call(context.Background(), schema.Null)
		last = connectors.AsFault(err)
	}
	if last.Kind != connectors.Unavailable || last.Sent || last.RetryAfter < 50*time.Second || last.RetryAfter > time.Minute {
		t.Errorf("past the breaker: %+v", last)
	}
	if n := calls.Load(); n != 5 {
		t.Errorf("%d requests past the breaker, expected 5", n)
	}
}

// TestSlowSystemIsAlone: one system hangs with all its slots taken; calls of another do not notice, and those of the
// slow one end by their deadline (promises P15 and P17).
func TestSlowSystemIsAlone(t *testing.T) {
	hung := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer hung.Close()
	healthy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"esito":{"codice":"0"}}`))
	}))
	defer healthy.Close()
	slow := bound(t, hung.URL, "read", "{ timeout: 2s, concurrency: 4, breaker: { failures: 1000 } }")
	fast := bound(t, healthy.URL, "read", "{ timeout: 5s, concurrency: 4 }")
	var wait sync.WaitGroup
	for range 40 {
		wait.Go(func() {
			began := time.Now()
			_, err := slow(context.Background(), schema.Null)
			if f := connectors.AsFault(err); f == nil || f.Kind != connectors.Timeout && f.Kind != connectors.Unavailable {
				t.Error(err)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("ended after %s", took)
			}
		})
	}
	for range 200 {
		if _, err := fast(context.Background(), schema.Null); err != nil {
			t.Error(err)
		}
	}
	wait.Wait()
}
