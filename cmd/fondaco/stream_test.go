package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const streamProject = `project: prova
title: Prova
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
systems:
  archivio:
    connector: ./connectors/archivio
    params: { endpoint: "${env.ARCHIVIO_URL}" }
    timeout: 20s
    retry: { attempts: 3, backoff: 10ms..50ms }
`

const archiveConnector = `connector: archivio
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  scarica:
    get: /atti/{id}
    effect: read
    path: { id: { type: string } }
    answer: { type: string, format: binary }
    answer_content: application/pdf
    answer_headers: { ETag: { type: string } }
  carica:
    put: /atti/{id}
    effect: idempotent
    path: { id: { type: string } }
    body: { type: string, format: binary }
    content: application/pdf
    answer: { type: object, required: [ottetti], properties: { ottetti: { type: integer } } }
`

const streamRoutes = `routes:
  atto:
    http: GET /atti/{id}
    auth: none
    timeout: 10s
    steps:
      - call: archivio.scarica
        with: { id: "${path.id}" }
        as: atto
    respond:
      stream: atto
      headers: { ETag: "${atto.ETag}" }
  carica:
    http: PUT /atti/{id}
    auth: none
    idempotency: off
    timeout: 60s
    upload: application/pdf
    limits: { body: 201MiB }
    steps:
      - call: archivio.carica
        with: { id: "${path.id}" }
        upload: true
        timeout: 50s
        as: preso
    respond: { body: { ottetti: "${preso.ottetti}" } }
`

// resident returns how many bytes of a process are in memory.
func resident(t *testing.T, pid int) int64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		t.Skip("the memory of a process is not known here")
	}
	pages, err := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// TestStreamedAnswer: 200 MB pass through with their type and name, and less than 20 MB more are in memory; what a system breaks
// off, or stops sending, breaks the caller's transfer; a caller who goes ends the system's; a failure is a problem as ever.
func TestStreamedAnswer(t *testing.T) {
	t.Parallel()
	const size = 200 << 20
	gone := make(chan struct{})
	var calls atomic.Int32
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		w.Header().Set("Content-Type", "application/pdf")
		w.Header().Set("Etag", `"7"`)
		w.Header().Set("Content-Disposition", `attachment; filename="atto.pdf"`)
		piece := make([]byte, 64<<10)
		switch r.URL.Path {
		case "/atti/grande":
			w.Header().Set("Content-Length", strconv.Itoa(size))
			source := rand.NewChaCha8([32]byte{1})
			for range size / len(piece) {
				_, _ = source.Read(piece)
				if _, err := w.Write(piece); err != nil {
					return
				}
			}
		case "/atti/mozzo", "/atti/mozzo-a-pezzi":
			if r.URL.Path == "/atti/mozzo" {
				w.Header().Set("Content-Length", strconv.Itoa(size))
			}
			_, _ = w.Write(piece)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		case "/atti/senza-fine":
			for r.Context().Err() == nil {
				_, _ = w.Write(piece)
			}
			close(gone)
		case "/atti/pagina":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<p>no</p>")
		default:
			http.Error(w, "no", http.StatusNotFound)
		}
	}))
	defer system.Close()
	p := startProcess(t, written(t, map[string]string{
		"fondaco.yaml": streamProject, "connectors/archivio/connector.yaml": archiveConnector, "routes/r.yaml": streamRoutes,
	}), "ARCHIVIO_URL="+system.URL)
	get := func(id string) *http.Response {
		t.Helper()
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, p.api+"/atti/"+id, nil)
		r.Header.Set("Accept", "application/pdf")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = res.Body.Close() })
		return res
	}
	_, _ = io.Copy(io.Discard, get("mozzo").Body) // what is made once is made
	before, most := resident(t, p.cmd.Process.Pid), int64(0)
	res := get("grande")
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/pdf" || res.ContentLength != size ||
		res.Header.Get("Content-Disposition") != `attachment; filename="atto.pdf"` || res.Header.Get("Etag") != `"7"` {
		t.Errorf("found %d %v", res.StatusCode, res.Header)
	}
	sum, want, source := sha256.New(), sha256.New(), rand.NewChaCha8([32]byte{1})
	piece := make([]byte, 1<<20)
	for range size / len(piece) {
		if _, err := io.ReadFull(res.Body, piece); err != nil {
			t.Fatal(err)
		}
		_, _ = sum.Write(piece)
		most = max(most, resident(t, p.cmd.Process.Pid))
		_, _ = source.Read(piece)
		_, _ = want.Write(piece)
	}
	if n, err := res.Body.Read(piece); n != 0 || !errors.Is(err, io.EOF) || string(sum.Sum(nil)) != string(want.Sum(nil)) {
		t.Errorf("what came is not what was sent: %d more, %v", n, err)
	}
	allowed := int64(20 << 20)
	if raced {
		allowed = 100 << 20 // the race detector multiplies the memory of a process
	}
	if most-before > allowed {
		t.Errorf("%d bytes more in memory", most-before)
	}
	for _, id := range []string{"mozzo", "mozzo-a-pezzi"} {
		calls.Store(0)
		res := get(id)
		if n, err := io.Copy(io.Discard, res.Body); err == nil || res.StatusCode != 200 || n > 64<<10 || calls.Load() != 1 {
			t.Errorf("%s: found %d, %d bytes, %v after %d calls", id, res.StatusCode, n, err, calls.Load())
		}
	}
	if res := get("pagina"); res.StatusCode != http.StatusBadGateway {
		t.Errorf("found %d of a page in place of the octets", res.StatusCode)
	}
	if res := get("niente"); res.StatusCode != http.StatusNotFound {
		t.Errorf("found %d of what is not there", res.StatusCode)
	}
	endless := get("senza-fine")
	_, _ = io.ReadFull(endless.Body, piece)
	_ = endless.Body.Close()
	select {
	case <-gone:
	case <-time.After(2 * time.Minute):
		t.Error("the system goes on sending to nobody")
	}
}

// TestStreamedUpload: 200 MB are sent on with their type and name, and less than 20 MB more are in memory; what a caller breaks off, or
// is too large, never reaches the system as a file that looks whole; what has begun is not sent again.
func TestStreamedUpload(t *testing.T) {
	t.Parallel()
	const size = 200 << 20
	type taken struct {
		n    int64
		err  error
		head http.Header
		sum  string
	}
	got := make(chan taken, 10)
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.New()
		if r.URL.Path == "/atti/cade" {
			_, _ = io.CopyN(sum, r.Body, 1<<20)
			got <- taken{}
			panic(http.ErrAbortHandler)
		}
		n, err := io.Copy(sum, r.Body)
		got <- taken{n, err, r.Header, string(sum.Sum(nil))}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"ottetti":%d}`, n)
	}))
	defer system.Close()
	p := startProcess(t, written(t, map[string]string{
		"fondaco.yaml": streamProject, "connectors/archivio/connector.yaml": archiveConnector, "routes/r.yaml": streamRoutes,
	}), "ARCHIVIO_URL="+system.URL)
	put := func(id, contentType string, body io.Reader, length int64) (int, string, error) {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, p.api+"/atti/"+id, body)
		r.ContentLength = length
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Content-Disposition", `attachment; filename="atto.pdf"`)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, "", err
		}
		defer func() { _ = res.Body.Close() }()
		b, err := io.ReadAll(res.Body)
		return res.StatusCode, string(b), err
	}
	if code, body, err := put("uno", "application/pdf", strings.NewReader("%PDF"), 4); code != 200 || body != `{"ottetti":4}` {
		t.Fatal(code, body, err)
	}
	<-got
	before := resident(t, p.cmd.Process.Pid)
	watched := &watchedBody{
		from: io.LimitReader(rand.NewChaCha8([32]byte{1}), size), sum: sha256.New(),
		look: func() int64 { return resident(t, p.cmd.Process.Pid) },
	}
	code, body, err := put("grande", "application/pdf", watched, -1) // in chunks
	if x := <-got; code != 200 || body != fmt.Sprintf(`{"ottetti":%d}`, size) || x.err != nil || x.sum != string(watched.sum.Sum(nil)) ||
		x.head.Get("Content-Type") != "application/pdf" || x.head.Get("Content-Disposition") != `attachment; filename="atto.pdf"` {
		t.Errorf("found %d %s %v, and the system has %d %v", code, body, err, x.n, x.err)
	}
	allowed := int64(20 << 20)
	if raced {
		allowed = 100 << 20 // the race detector multiplies the memory of a process
	}
	if watched.most-before > allowed {
		t.Errorf("%d bytes more in memory", watched.most-before)
	}
	if code, _, _ := put("testo", "text/plain", strings.NewReader("a"), 1); code != http.StatusUnsupportedMediaType {
		t.Errorf("found %d of text", code)
	}
	if code, _, err := put("troppo", "application/pdf", io.LimitReader(rand.NewChaCha8([32]byte{}), 202<<20),
		-1); code != http.StatusRequestEntityTooLarge && err == nil {
		t.Errorf("found %d of what is too large", code)
	}
	if x := <-got; x.err == nil {
		t.Errorf("the system has a whole file of %d of what was too large", x.n)
	}
	if _, _, err := put("mozzo", "application/pdf", io.MultiReader(io.LimitReader(rand.NewChaCha8([32]byte{}), 1<<20), brokenOff{}),
		2<<20); err == nil {
		t.Error("the transfer was not broken off")
	}
	if x := <-got; x.err == nil {
		t.Errorf("the system has a whole file of %d of what was broken off", x.n)
	}
	if code, _, _ := put("cade", "application/pdf", io.LimitReader(rand.NewChaCha8([32]byte{}), 8<<20),
		8<<20); code != http.StatusServiceUnavailable {
		t.Errorf("found %d of a system that breaks off", code)
	}
	<-got
	if len(got) != 0 {
		t.Errorf("what had begun was sent %d times more", len(got))
	}
}

// brokenOff is a body that breaks off.
type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, errors.New("broken off") }

// watchedBody is a body by whose reading memory is looked at.
type watchedBody struct {
	from io.Reader
	sum  hash.Hash
	look func() int64
	n    int
	most int64
}

func (w *watchedBody) Read(p []byte) (int, error) {
	n, err := w.from.Read(p)
	_, _ = w.sum.Write(p[:n])
	if w.n += n; w.n > 4<<20 {
		w.n, w.most = 0, max(w.most, w.look())
	}
	return n, err
}
