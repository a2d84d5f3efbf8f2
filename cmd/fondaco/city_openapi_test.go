package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/simulate"
	"fondaco/openapi/openapitest"
	"fondaco/transform/codec"
)

// TestCityByItsDocument: another's reading of the city's OpenAPI document admits each request of its tests that is answered
// with a success, and each answer of theirs, whatever its status. The tests themselves are run by TestProjectTests; here what
// they say is held to what the document promises to who has nothing else.
func TestCityByItsDocument(t *testing.T) {
	t.Parallel()
	code, document, problems := command(t, ".", "openapi", exampleCity)
	if code != exitOK {
		t.Fatal(problems)
	}
	judge, err := openapitest.Read([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(exampleCity, "tests", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	requests, answers := 0, 0
	// What is accepted is answered with 202; its test is of the result, which stands at /operations.
	accepted := http.Header{"Content-Type": {"application/json"}, "Location": {"/x"}, "Retry-After": {"1"}, "X-Correlation-Id": {"x"}}
	for _, file := range files {
		out := &diag.List{}
		root := config.ReadFile(os.DirFS(exampleCity), "tests/"+filepath.Base(file), out, diag.Pos{})
		if root == nil || out.Failed() {
			t.Fatalf("%s: %v", file, out.Sorted())
		}
		for _, test := range root.Get("tests").Items {
			request, answer := test.Get("request"), test.Get("answer")
			if request.Get("path") == nil {
				continue
			}
			c := cityCase{name: filepath.Base(file) + ": " + test.Get("test").Text.Value, judge: judge}
			c.read(request, answer)
			if c.path = c.documented(); c.path == "" {
				t.Errorf("%s: the document has no path for %s", c.name, c.target)
				continue
			}
			if c.status < 300 {
				requests++
				if err := c.request(); err != nil {
					t.Errorf("%s: the request is not as the document has it: %v", c.name, err)
				}
			}
			if c.exact && !(c.status < 300 && judge.Response(c.method, c.path, http.StatusAccepted, accepted, []byte(`{"id":"x","state":"done"}`)) == nil) {
				answers++
				if err := judge.Response(c.method, c.path, c.status, c.header(), c.body); err != nil {
					t.Errorf("%s: the answer is not as the document has it: %v\n%s", c.name, err, c.body)
				}
			}
		}
	}
	if requests < 100 || answers < 100 {
		t.Errorf("judged %d requests and %d answers; expected more", requests, answers)
	}
	t.Logf("%d requests and %d answers", requests, answers)
}

// cityCase is a test of the city as it would go over the wire.
type cityCase struct {
	name, method, target, path string
	sent                       []byte
	form                       string // the media type of a body with files
	headers                    [][2]string
	status                     int
	body                       []byte
	exact                      bool // the answer is written whole
	judge                      *openapitest.Judge
}

func (c *cityCase) read(request, answer *config.Node) {
	c.method, c.target, c.status = http.MethodGet, request.Get("path").Text.Value, http.StatusOK
	if m := request.Get("method"); m != nil {
		c.method = m.Text.Value
	}
	if b := request.Get("body"); b != nil {
		if c.sent = codec.AppendJSON(nil, simulate.Plain(b)); strings.Contains(string(c.sent), `"content":"`) {
			c.sent, c.form = formOf(b)
		}
	}
	if h := request.Get("headers"); h != nil {
		for _, e := range h.Entries {
			c.headers = append(c.headers, [2]string{e.Key.Value, e.Value.Text.Value})
		}
	}
	if s := answer.Get("status"); s != nil {
		status, _ := s.Int()
		c.status = int(status)
	}
	if b := answer.Get("body"); b != nil {
		c.body = codec.AppendJSON(nil, simulate.Plain(b))
		c.exact = !strings.Contains(string(c.body), `"..."`)
	}
}

// documented returns the document's path for the target: of those that fit it the one with the fewest holes.
func (c *cityCase) documented() string {
	target, _, _ := strings.Cut(c.target, "?")
	got := strings.Split(target, "/")
	for _, path := range c.judge.Paths() {
		want := strings.Split(path, "/")
		fits := len(want) == len(got)
		fits = fits && c.judge.Has(c.method, path)
		for i := 0; fits && i < len(want); i++ {
			fits = want[i] == got[i] || strings.HasPrefix(want[i], "{") && got[i] != ""
		}
		if fits {
			return path
		}
	}
	return ""
}

func (c *cityCase) request() error {
	r, err := http.NewRequest(c.method, "http://localhost"+c.target, http.NoBody)
	if err != nil {
		return err
	}
	if c.sent != nil {
		r.Header.Set("Content-Type", cmp.Or(c.form, "application/json"))
	}
	for _, h := range c.headers {
		r.Header.Add(h[0], h[1])
	}
	_, err = c.judge.Request(c.method, c.path, r, c.sent)
	return err
}

// formOf writes a body with files as browsers do, and returns it with its media type.
func formOf(body *config.Node) ([]byte, string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, e := range body.Entries {
		items := []*config.Node{e.Value}
		if e.Value.Kind == config.NodeList {
			items = e.Value.Items
		}
		for _, item := range items {
			head, text := textproto.MIMEHeader{}, item.Text.Value
			head.Set("Content-Disposition", fmt.Sprintf("form-data; name=%q", e.Key.Value))
			if item.Kind == config.NodeMap {
				octets, _ := base64.StdEncoding.DecodeString(item.Get("content").Text.Value)
				text = string(octets)
				head.Set("Content-Disposition", fmt.Sprintf("form-data; name=%q; filename=%q", e.Key.Value, item.Get("name").Text.Value))
				head.Set("Content-Type", item.Get("type").Text.Value)
			}
			part, _ := w.CreatePart(head)
			_, _ = part.Write([]byte(text))
		}
	}
	_ = w.Close()
	return b.Bytes(), w.FormDataContentType()
}

func (c *cityCase) header() http.Header {
	if c.status >= http.StatusBadRequest {
		return http.Header{"Content-Type": {"application/problem+json"}}
	}
	return http.Header{"Content-Type": {"application/json"}, "Location": {"/x"}, "Etag": {`"x"`}} // of which tests say nothing
}

// TestCitySamplesByTheirDocuments: another's reading of pagoPA's published documents admits what the simulated systems answer
// with success.
func TestCitySamplesByTheirDocuments(t *testing.T) {
	t.Parallel()
	judged := 0
	for name, file := range map[string]string{"pagopa-gpd": "openapi/gpd_v3.json", "pagopa-checkout": "openapi/checkout_v1.json"} {
		dir := filepath.Join(exampleCity, "connectors", name)
		src, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		judge, err := openapitest.Read(src)
		if err != nil {
			t.Fatal(err)
		}
		out := &diag.List{}
		fsys := os.DirFS(dir)
		operations := config.ReadFile(fsys, "connector.yaml", out, diag.Pos{}).Get("operations")
		for _, e := range operations.Entries {
			method, path := judge.Operation(e.Value.Get("operation").Text.Value)
			cases := config.ReadFile(fsys, "samples/"+e.Key.Value+".yaml", out, diag.Pos{})
			if out.Failed() || method == "" {
				t.Fatalf("%s: %s: %v", name, e.Key.Value, out.Sorted())
			}
			for _, c := range cases.Items {
				status := int64(http.StatusOK)
				if s := c.Get("status"); s != nil {
					status, _ = s.Int()
				}
				answer := c.Get("answer")
				if answer == nil || status >= 300 {
					continue
				}
				judged++
				body := codec.AppendJSON(nil, simulate.Plain(answer))
				if err := judge.Response(method, path, int(status), http.Header{"Content-Type": {"application/json"}}, body); err != nil {
					t.Errorf("%s: %s: %v\n%s", name, e.Key.Value, err, body)
				}
			}
		}
	}
	if judged == 0 {
		t.Error("no sample was judged")
	}
}
