package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/openapi"
	"fondaco/openapi/openapitest"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// published is one of the documents, with every operation of it that is supported.
type published struct {
	name    string
	doc     *openapi.Document
	judge   *openapitest.Judge
	spoken  []*connectors.Operation
	at      map[*connectors.Operation]*openapi.Operation
	refused map[string]string // by method and path, why
}

// documents reads the published documents, if they are here.
func documents(t *testing.T) []*published {
	t.Helper()
	if testing.Short() {
		t.Skip("the published documents are large, and read for some seconds")
	}
	list, err := readDocuments()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Skip("the published documents are not here: ", publishedAt)
	}
	return list
}

const publishedAt = "../../../shared/suites/openapi"

// readDocuments reads each document once for all tests.
var readDocuments = sync.OnceValues(func() (list []*published, err error) {
	files, err := filepath.Glob(filepath.Join(publishedAt, "*.json"))
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var out diag.List
		d := &published{name: filepath.Base(file), at: map[*connectors.Operation]*openapi.Operation{}, refused: map[string]string{}}
		if d.doc = openapi.ReadClient(src, d.name, nil, &out, diag.Pos{}); d.doc == nil {
			return nil, fmt.Errorf("%s is not read: %s", file, problems(&out))
		}
		if d.judge, err = openapitest.Read(src); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for i := range d.doc.Operations {
			if err := d.describe(&d.doc.Operations[i]); err != nil {
				return nil, err
			}
		}
		list = append(list, d)
	}
	return list, err
})

// sampled reports whether an operation is among those that are tried: every one if FONDACO_CONFORMANCE is whole, of the others
// few enough for a run of all tests.
func sampled(i int) bool { return wholly() || i%16 == 0 }

func wholly() bool { return os.Getenv("FONDACO_CONFORMANCE") == "whole" }

func (d *published) describe(o *openapi.Operation) error {
	var out diag.List
	p := &op{operation: config.Text{Value: o.Method + " " + o.Path}}
	operation := &connectors.Operation{Name: o.Method + " " + o.Path, Wire: p}
	p.described(operation, d.doc, nil, &out)
	switch {
	case out.Failed():
		for _, problem := range out.Sorted() {
			_, reason, _ := strings.Cut(problem.Message, ": ")
			d.refused[operation.Name] = reason
		}
	case operation.Input == nil || operation.Output == nil:
		return fmt.Errorf("%s: %s is neither supported nor refused", d.name, operation.Name)
	default:
		d.at[operation] = o
		d.spoken = append(d.spoken, operation)
	}
	return nil
}

// wired is what came to the server.
type wired struct {
	r    *http.Request
	body []byte
}

// keeper is a server that keeps what came last, and answers with what it is told.
type keeper struct {
	mu     sync.Mutex
	got    wired
	answer func(w http.ResponseWriter)
}

func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.got = wired{r.Clone(context.Background()), body} // the server goes on using r after it has answered
	k.answer(w)
}

func (k *keeper) answers(answer func(w http.ResponseWriter)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.answer = answer
}

// take returns what came last, and forgets it.
func (k *keeper) take() wired {
	k.mu.Lock()
	defer k.mu.Unlock()
	got := k.got
	k.got = wired{}
	return got
}

// dial opens a system at a server for the operations of a document.
func (d *published) dial(t *testing.T, h http.Handler) connectors.Caller {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	var out diag.List
	text := "connector: prova\nversion: 1.0.0\nparams: { endpoint: { type: string } }\nrest: { endpoint: \"${param.endpoint}\" " +
		"}\noperations: { prova: { get: / } }\n"
	c := connectors.Load(mapFS("c/connector.yaml", text), "c", registry, transform.Constants{}, &out, diag.Pos{})
	if c == nil || out.Failed() {
		t.Fatal(problems(&out))
	}
	s := &connectors.System{Name: "prova", Connector: c, Params: map[string]config.Ref{}}
	s.Override("endpoint", server.URL)
	caller, err := Protocol.Open(context.Background(), s, connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = caller.Close() })
	return caller
}

// TestConformanceRequests makes inputs of every operation that is supported, sends them, and holds what arrives to the
// document as another reads it: it must be valid, and hold the values that were sent.
func TestConformanceRequests(t *testing.T) {
	list := documents(t)
	listed, found := exceptions(t, "testdata/conformance.txt"), map[string]bool{}
	operations, spoken, sent, wrong := 0, 0, 0, 0
	reasons := map[string]int{}
	for _, d := range list {
		k := &keeper{answer: func(w http.ResponseWriter) { w.WriteHeader(http.StatusTeapot) }}
		caller := d.dial(t, k)
		for i, operation := range d.spoken {
			if !sampled(i) {
				continue
			}
			for _, kind := range []string{"whole", "least", "odd"} {
				in, err := made(operation, kind)
				if err != nil {
					reasons["no input: "+kind+" "+err.Error()]++
					continue
				}
				why := d.send(caller, k, operation, in)
				sent++
				var unsent *unsentError
				if errors.As(why, &unsent) {
					reasons["unsent: "+unsent.err.Error()]++
					continue
				}
				if name := d.name + " " + operation.Name; why != nil && listed[name] != "" {
					found[name] = true
				} else if why != nil {
					wrong++
					t.Errorf("%s %s, %s: %.900v\n%.600s", d.name, operation.Name, kind, why, codec.AppendJSON(nil, in))
				}
			}
		}
		for name, reason := range d.refused {
			t.Logf("%s: %s is refused: %s", d.name, name, reason)
		}
		operations += len(d.doc.Operations)
		spoken += len(d.spoken)
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		t.Logf("%4d %s", reasons[reason], reason)
	}
	for name := range listed {
		if !found[name] && wholly() {
			t.Errorf("testdata/conformance.txt has %s, and nothing is wrong with it", name)
		}
	}
	t.Logf("conformance: openapi documents %d operations %d spoken %d refused %d requests %d excepted %d wrong %d",
		len(list), operations, spoken, operations-spoken, sent, len(listed), wrong)
	if spoken*100 < operations*97 {
		t.Errorf("%d of %d operations are supported, expected 97 of a hundred", spoken, operations)
	}
}

// exceptions reads what a file lists, with its causes.
func exceptions(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, cause, ok := strings.Cut(strings.TrimSpace(line), " | "); ok && line[0] != '#' {
			listed[name] = cause
		}
	}
	return listed
}

// TestConformanceAnswers has the other reader make answers of every operation that is supported, and compares what is read of
// them path by path.
func TestConformanceAnswers(t *testing.T) {
	list := documents(t)
	answers, given, wrong := 0, 0, 0
	for _, d := range list {
		k := &keeper{}
		caller := d.dial(t, k)
		for i, operation := range d.spoken {
			p := operation.Wire.(*op)
			if !sampled(i) || p.answered.kind != asJSON || p.method == http.MethodHead {
				continue
			}
			in, err := made(operation, "least")
			if err != nil {
				continue
			}
			for _, whole := range []bool{true, false} {
				made, skipped := d.judge.Answers(d.at[operation].Method, d.at[operation].Path, whole)
				given += skipped
				for _, a := range made {
					k.answers(func(w http.ResponseWriter) {
						if a.MediaType != "" {
							w.Header().Set("Content-Type", a.MediaType)
						}
						w.WriteHeader(a.Status)
						_, _ = w.Write(a.Body)
					})
					answers++
					if where := d.receive(caller, operation, in, a.Body); where != "" {
						wrong++
						t.Errorf("%s %s, answer %d: %s\n%.600s", d.name, operation.Name, a.Status, where, a.Body)
					}
				}
			}
		}
	}
	t.Logf("conformance: openapi documents %d answers %d not made %d wrong %d", len(list), answers, given, wrong)
}

// receive calls an operation and returns the first place where its value is not the body that was sent.
func (d *published) receive(caller connectors.Caller, operation *connectors.Operation, in schema.Value, body []byte) string {
	call, err := caller.Call(operation, operation.Output)
	if err != nil {
		return err.Error()
	}
	v, err := call(context.Background(), in)
	if err != nil {
		var f *connectors.Fault
		if errors.As(err, &f) {
			return fmt.Sprint(err, " ", f.Err)
		}
		return err.Error()
	}
	if len(body) == 0 {
		body = []byte("null")
	}
	return differs(generic(body), generic(codec.AppendJSON(nil, v)), "")
}

type unsentError struct{ err error }

func (e *unsentError) Error() string { return e.err.Error() }

// send sends an input and returns what is wrong with what arrived.
func (d *published) send(caller connectors.Caller, k *keeper, operation *connectors.Operation, in schema.Value) error {
	call, err := caller.Call(operation, schema.TypeNull)
	if err != nil {
		return err
	}
	_, err = call(context.Background(), in)
	got := k.take()
	if got.r == nil {
		return &unsentError{err}
	}
	o := d.at[operation]
	read, err := d.judge.Request(o.Method, o.Path, got.r, got.body)
	if err != nil {
		return fmt.Errorf("%w\n%s %s\n%s", err, got.r.Method, got.r.RequestURI, got.body)
	}
	want := expected(operation, in)
	if where := differs(want, read, ""); where != "" {
		return fmt.Errorf("%s\n%s %s\n%s", where, got.r.Method, got.r.RequestURI, got.body)
	}
	return nil
}
