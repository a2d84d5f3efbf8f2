package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fondaco/config/diag"
	"fondaco/openapi"
	"fondaco/openapi/openapitest"
	"fondaco/schema"
	"fondaco/transform/funcs"
	"fondaco/transform/parts"
)

// TestMockKeepsToItsDocument: every operation of the city, asked for every status that its document declares, answers what another's
// reading of the document admits; and the mock of that document alone does so too.
func TestMockKeepsToItsDocument(t *testing.T) {
	t.Parallel()
	code, text, problems := command(t, ".", "openapi", exampleCity)
	if code != exitOK {
		t.Fatal(problems)
	}
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	judge, err := openapitest.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var out diag.List
	doc := openapi.Read([]byte(text), "openapi.json", &out, diag.Pos{})
	for name, from := range map[string]string{"project": exampleCity, "document": file} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mocking(t, from)
			asked := 0
			for i := range doc.Operations {
				op := &doc.Operations[i]
				if op.Path == "/status" {
					continue
				}
				for _, r := range op.Responses {
					if r.Status < 200 {
						continue
					}
					asked++
					req := sampleRequest(t, api, op)
					req.Header.Set("Prefer", fmt.Sprintf("foo; bar=1, code=%d", r.Status))
					answer, body := answered(t, req)
					if answer.StatusCode != r.Status || answer.Header.Get("Preference-Applied") != fmt.Sprintf("code=%d", r.Status) {
						t.Errorf("%s %s: asked for %d, found %d with %q\n%s", op.Method, op.Path, r.Status, answer.StatusCode,
							answer.Header.Get("Preference-Applied"), body)
						continue
					}
					if err := judge.Response(op.Method, op.Path, answer.StatusCode, answer.Header, body); err != nil {
						t.Errorf("%s %s, %d: %v\n%s", op.Method, op.Path, r.Status, err, body)
					}
				}
			}
			if asked < 100 {
				t.Errorf("asked for %d answers; expected more", asked)
			}
		})
	}
}

// openapiOf reads the document of a project.
func openapiOf(t *testing.T, dir string) *openapi.Document {
	t.Helper()
	code, text, problems := command(t, ".", "openapi", dir)
	if code != exitOK {
		t.Fatal(problems)
	}
	var out diag.List
	return openapi.Read([]byte(text), "openapi.json", &out, diag.Pos{})
}

// mocking serves a mock, and returns where.
func mocking(t *testing.T, from string, flags ...string) string {
	t.Helper()
	env := func(string) (string, bool) { return "", false }
	out := background(t, ".", env, append([]string{"mock", from, "--listen", "127.0.0.1:0"}, flags...)...)
	return shown(t, out, `(http://\S+) +documentation`)
}

// sampleRequest makes a request that the document admits.
func sampleRequest(t *testing.T, api string, op *openapi.Operation) *http.Request {
	t.Helper()
	path, query, head := op.Path, url.Values{}, http.Header{}
	for _, p := range op.Parameters {
		if !p.Required {
			continue
		}
		v, err := schema.Sample(p.Type, nil)
		if err != nil {
			t.Fatal(err)
		}
		if v.Kind() == schema.KindList {
			v = v.Items()[0]
		}
		switch text := funcs.Print(v); p.In {
		case "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(text))
		case "query":
			query.Set(p.Name, text)
		case "header":
			head.Set(p.Name, text)
		}
	}
	var body []byte
	if op.Body != nil {
		body = sampleBody(t, op, head)
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(t.Context(), op.Method, api+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range head {
		req.Header[name] = values
	}
	return req
}

func sampleBody(t *testing.T, op *openapi.Operation, head http.Header) []byte {
	t.Helper()
	head.Set("Content-Type", op.BodyType)
	if op.BodyType == "multipart/form-data" {
		encoding := map[string]parts.Encoding{}
		for name, e := range op.BodyEncoding {
			encoding[name] = parts.Encoding{ContentType: e.ContentType, Binary: e.Binary}
		}
		form, err := parts.Of(op.Body, encoding)
		if err != nil {
			t.Fatal(err)
		}
		v, err := schema.Sample(form.Type(), schema.Every)
		if err != nil {
			t.Fatal(err)
		}
		body, media, err := form.Write(v, op.BodyType, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		head.Set("Content-Type", media)
		return body
	}
	v, err := schema.Sample(op.Body, nil)
	if err != nil {
		t.Fatal(err)
	}
	if octets, is := v.Raw(); is && op.BodyBinary {
		return octets
	}
	return openapi.JSON(v)
}

// answered sends a request, and returns the answer with its body; redirects are not followed.
func answered(t *testing.T, req *http.Request) (*http.Response, []byte) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, body
}
