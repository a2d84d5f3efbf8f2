package server

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestDocument: a document has the same tag in every process, is written once, and is not sent to who has it already.
func TestDocument(t *testing.T) {
	text, written := []byte(strings.Repeat(`{"openapi":"3.1.0"} `, 100)), 0
	make := func() http.Handler {
		return Document("application/json", func() ([]byte, error) { written++; return text, nil })
	}
	d := make()
	ask := func(d http.Handler, head ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/openapi.json", nil)
		for i := 0; i < len(head); i += 2 {
			r.Header.Add(head[i], head[i+1])
		}
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		return w
	}
	plain := ask(d)
	tag := plain.Header().Get("Etag")
	if plain.Code != 200 || !bytes.Equal(plain.Body.Bytes(), text) || len(tag) < 10 || plain.Header().Get("Vary") != "Accept-Encoding" ||
		plain.Header().Get("Content-Encoding") != "" || plain.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%d %v", plain.Code, plain.Header())
	}
	zipped := ask(d, "Accept-Encoding", "br, gzip")
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(whole, text) || zipped.Header().Get("Content-Encoding") != "gzip" ||
		zipped.Header().Get("Etag") != strings.TrimSuffix(tag, `"`)+`-gzip"` {
		t.Errorf("%v %v", err, zipped.Header())
	}
	if again := ask(make()).Header().Get("Etag"); again != tag {
		t.Errorf("another process has the tag %s, this one %s", again, tag)
	}
	for _, has := range []string{tag, "W/" + tag, `"x", ` + zipped.Header().Get("Etag"), "*"} {
		if w := ask(d, "If-None-Match", has); w.Code != http.StatusNotModified || w.Body.Len() > 0 || w.Header().Get("Etag") != tag {
			t.Errorf("%s: %d %v", has, w.Code, w.Header())
		}
	}
	if w := ask(d, "If-None-Match", `"other"`); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
	if written != 2 {
		t.Errorf("written %d times by two", written)
	}
	if w := ask(Document("application/json", func() ([]byte, error) { return nil, errors.New("x") })); w.Code != 500 || w.Header().Get("Etag") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
