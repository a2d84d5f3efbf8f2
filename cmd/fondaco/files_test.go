package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const formOperation = `  modulo:
    post: /moduli/{id}
    effect: once
    path: { id: { type: string } }
    content: multipart/form-data
    body: { type: object, required: [foto], properties: { nota: { type: string }, foto: { type: string, format: binary } } }
    answer: { type: object, required: [ottetti], properties: { ottetti: { type: integer } } }
`

const filesRoutes = `routes:
  inoltra:
    http: POST /inoltra
    auth: none
    idempotency: off
    limits: { body: 64MiB }
    upload: multipart/form-data
    timeout: 60s
    steps:
      - { call: archivio.modulo, with: { id: a }, upload: true, timeout: 50s, as: preso }
    respond: { body: { ottetti: "${preso.ottetti}" } }
  invia:
    http: POST /foto
    auth: none
    limits: { body: 4MiB }
    content: multipart/form-data
    files: { foto: { types: [image/png], size: 2MiB } }
    body:
      type: object
      required: [titolo, foto]
      properties:
        titolo: { type: string, maxLength: 20 }
        foto: { type: array, maxItems: 3, items: { type: string, format: binary } }
    steps:
      - call: archivio.carica
        with: { id: "${body.titolo}", body: "${body.foto[0]?.content ?? bytes(\"\")}" }
        as: preso
    respond: { body: { ottetti: "${preso.ottetti}", foto: "${len(body.foto)}" } }
  dopo:
    http: POST /dopo
    auth: none
    accept: async
    content: multipart/form-data
    body:
      type: object
      required: [titolo, foto]
      properties: { titolo: { type: string }, foto: { type: string, format: binary } }
    steps:
      - call: archivio.carica
        with: { id: "${body.titolo}", body: "${body.foto.content}" }
        as: preso
    respond: { body: { ottetti: "${preso.ottetti}", nome: "${body.foto.name}" } }
`

// TestFiles: bodies with files are read, kept and repeated; hostile ones are 400 or 413 with a reason, and the process goes on.
func TestFiles(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	sentOn := make(chan string, 10)
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if r.URL.Path == "/moduli/a" {
			sum := sha256.New()
			_, _ = io.Copy(sum, r.Body)
			sentOn <- r.Header.Get("Content-Type") + fmt.Sprintf(" %x", sum.Sum(nil))
			r.Body = http.NoBody
		}
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ottetti":`+cmp.Or(string(b[:min(3, len(b))]), "0")+`}`)
	}))
	defer system.Close()
	p := startProcess(t, written(t, map[string]string{
		"fondaco.yaml": streamProject, "connectors/archivio/connector.yaml": archiveConnector + formOperation, "routes/r.yaml": filesRoutes,
	}), "ARCHIVIO_URL="+system.URL)
	send := func(path, contentType, body string, head ...string) (int, string, http.Header) {
		t.Helper()
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, p.api+path, strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		for i := 0; i < len(head); i += 2 {
			r.Header.Set(head[i], head[i+1])
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b), res.Header
	}
	part := func(head, content string) string {
		return "--B\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + content + "\r\n"
	}
	const form, end = "multipart/form-data; boundary=B", "--B--\r\n"
	title := part("name=titolo", "uno")
	photo := func(content string) string {
		return part("name=foto; filename=a.png\r\nContent-Type: image/png", content)
	}
	good := title + photo("123") + photo("4") + end
	if code, body, _ := send("/foto", form, good); code != 200 || body != `{"ottetti":123,"foto":2}` {
		t.Fatal(code, body)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(z, good)
	_ = z.Close()
	if code, body, _ := send("/foto", form, zipped.String(), "Content-Encoding", "gzip"); code != 200 || body != `{"ottetti":123,"foto":2}` {
		t.Error(code, body)
	}

	// Sent on as it comes, the body is the very same, whatever it is, and not in memory: limits of memory hold no request of 40 MB.
	whole := title + photo(strings.Repeat("x", 40<<20)) + end
	if code, body, _ := send("/inoltra", form, whole); code != 200 || body != `{"ottetti":0}` {
		t.Error(code, body)
	}
	if got, want := <-sentOn, fmt.Sprintf("%s %x", form, sha256.Sum256([]byte(whole))); got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
	if code, body, _ := send("/inoltra", "multipart/mixed; boundary=B", good); code != http.StatusUnsupportedMediaType {
		t.Error(code, body)
	}

	before := calls.Load()
	key := []string{"Idempotency-Key", "una-chiave-che-nessuno-indovina"}
	for _, boundary := range []string{"B", "C"} { // each attempt of a browser has a boundary of its own
		code, body, _ := send("/foto", "multipart/form-data; boundary="+boundary, strings.ReplaceAll(good, "--B", "--"+boundary), key...)
		if code != 200 || body != `{"ottetti":123,"foto":2}` {
			t.Error(code, body)
		}
	}
	if n := calls.Load() - before; n != 1 {
		t.Errorf("under one key %d calls were made", n)
	}

	for name, c := range map[string]struct {
		contentType, body string
		code              int
		says              string
	}{
		"json":           {"application/json", `{"titolo":"x"}`, 415, "The body must be multipart/form-data."},
		"form":           {"application/x-www-form-urlencoded", `titolo=x`, 415, "The body must be"},
		"mixed":          {"multipart/mixed; boundary=B", good, 415, "The body must be"},
		"no boundary":    {"multipart/form-data", good, 400, "no boundary"},
		"empty boundary": {`multipart/form-data; boundary=""`, good, 400, "no boundary"},
		"long boundary":  {"multipart/form-data; boundary=" + strings.Repeat("B", 71), good, 400, "no boundary"},
		"other boundary": {"multipart/form-data; boundary=C", good, 400, "does not begin with the boundary"},
		"no end":         {form, title + photo("123"), 400, "the last boundary is missing"},
		"half a head":    {form, title + "--B\r\nContent-Disp", 400, "the head of a part does not end"},
		"many parts":     {form, title + strings.Repeat("--B\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n\r\n", 60_000) + end, 400, "has no name"},
		"many unknown":   {form, title + strings.Repeat("--B\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n", 60_000) + end, 413, "more than 1000 parts"},
		"huge head":      {form, title + part("name=foto\r\nX-A: "+strings.Repeat("a", 100_000), "x") + end, 400, "longer than 8 KiB"},
		"nested":         {form, title + part("name=foto\r\nContent-Type: multipart/mixed; boundary=C", "--C\r\n\r\nx\r\n--C--") + end, 400, "parts of its own"},
		"duplicate":      {form, title + title + photo("1") + end, 400, "two parts of the name titolo"},
		"path":           {form, title + part("name=foto; filename=\"../a.png\"\r\nContent-Type: image/png", "1") + end, 400, "holds a path"},
		"line in a name": {form, title + part("name=foto; filename=\"a%0D%0Ab\"\r\nContent-Type: image/png", "1") + end, 400, "control characters"},
		"large file":     {form, title + photo(strings.Repeat("1", 2<<20+1)) + end, 413, "The file foto is larger than 2097152 bytes."},
		"large body":     {form, title + photo(strings.Repeat("1", 5<<20)) + end, 413, "The body is too large."},
		"many files":     {form, title + photo("1") + photo("2") + photo("3") + photo("4") + end, 422, "at most 3 items"},
		"nothing":        {form, end, 422, "#/titolo"},
		"no body":        {form, "", 400, "does not begin with the boundary"},
	} {
		code, body, head := send("/foto", c.contentType, c.body)
		if code != c.code || !strings.Contains(body, c.says) || head.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: found %d %.300s", name, code, body)
		}
	}

	code, body, head := send("/dopo", form, title+part("name=foto; filename=\"è.png\"", "77")+end)
	if code != http.StatusAccepted {
		t.Fatal(code, body)
	}
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, p.api+head.Get("Location")+"/result", nil)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode == 200 {
			if string(b) != `{"ottetti":77,"nome":"è.png"}` {
				t.Errorf("found %s", b)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("found %d %s", res.StatusCode, b)
		}
	}
}
