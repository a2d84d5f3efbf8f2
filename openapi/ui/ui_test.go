package ui

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func newHandler(t *testing.T) http.Handler {
	t.Helper()
	h, err := Handler(Page{Title: "DiMe <1>", Documents: []Document{
		{"OpenAPI 3.0.3", "../openapi.json"},
		{"OpenAPI 3.1", "../openapi-3.1.json"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(h http.Handler, method, target string, header ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestPage(t *testing.T) {
	res := get(newHandler(t), "GET", "/docs/")
	body, _ := io.ReadAll(res.Body)
	for _, part := range []string{
		"<title>DiMe &lt;1&gt;</title>", `data-url="../openapi.json"`, `href="../openapi-3.1.json"`,
		`<html lang="it">`,
	} {
		if !strings.Contains(string(body), part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self';") {
		t.Errorf("policy is %s", csp)
	}
	if strings.Contains(strings.ReplaceAll(string(body), "<script src=", ""), "<script") {
		t.Error("there is a script in the page")
	}
}

func TestFilesZippedAndPlain(t *testing.T) {
	h := newHandler(t)
	zipped := get(h, "GET", "/docs/swagger-ui-bundle.js", "Accept-Encoding", "br, gzip;q=0.5")
	if zipped.Header.Get("Content-Encoding") != "gzip" || zipped.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatal("not compressed: ", zipped.Header)
	}
	unzip, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := io.ReadAll(unzip)
	plain := get(h, "GET", "/docs/swagger-ui-bundle.js", "Accept-Encoding", "gzip;q=0")
	if plain.Header.Get("Content-Encoding") != "" || plain.Header.Get("Etag") == zipped.Header.Get("Etag") {
		t.Error("plain has the head of compressed: ", plain.Header)
	}
	if got, _ := io.ReadAll(plain.Body); string(got) != string(want) || len(got) < 1<<20 {
		t.Error("compressed and plain differ")
	}
	if again := get(h, "GET", "/docs/swagger-ui-bundle.js", "Accept-Encoding", "gzip", "If-None-Match",
		zipped.Header.Get("Etag")); again.StatusCode != http.StatusNotModified {
		t.Error("not 304 but ", again.Status)
	}
}

func TestElsewhere(t *testing.T) {
	h := newHandler(t)
	if res := get(h, "GET", "/docs"); res.StatusCode != http.StatusMovedPermanently || res.Header.Get("Location") != "docs/" {
		t.Error("/docs returns ", res.Status, res.Header)
	}
	if res := get(h, "GET", "/docs/secret.txt"); res.StatusCode != http.StatusNotFound {
		t.Error("an unknown file returns ", res.Status)
	}
	if res := get(h, "POST", "/docs/"); res.StatusCode != http.StatusMethodNotAllowed {
		t.Error("POST returns ", res.Status)
	}
	if res := get(h, "HEAD", "/docs/page.js"); res.ContentLength <= 0 {
		t.Error("HEAD has no length")
	}
	if _, err := Handler(Page{Title: "x"}); err == nil || err.Error() != "a documentation page needs a document" {
		t.Error("got ", err)
	}
}
