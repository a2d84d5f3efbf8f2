// Package ui serves the API's documentation as a page on which every operation can be tried: Swagger UI, from this
// program alone, under a policy that admits no other source.
//
// The files in assets are swagger-ui-dist 5.35.0, compressed; its licence stands beside them.
package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"path"
	"strings"
)

//go:embed assets page.css page.js
var files embed.FS

// Page is what the documentation shows.
type Page struct {
	Title     string
	Language  string     // of the page, as "it"; "" is it
	Documents []Document // the first is shown, all are linked
	NoTry     bool       // operations are read only
}

// Document is an OpenAPI document.
type Document struct {
	Name string // as OpenAPI 3.0.3
	URL  string // relative to the page, as ../openapi.json, or absolute on the same origin
}

// policy lets the page load from its own origin alone. Swagger UI sets styles on elements by itself and draws its
// icons from data: addresses.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

var page = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="{{.Language}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<link rel="stylesheet" href="swagger-ui.css">
<link rel="stylesheet" href="page.css">
<link rel="icon" type="image/png" href="favicon-32x32.png">
</head>
<body>
<nav class="documents">{{range .Documents}}<a href="{{.URL}}">{{.Name}}</a>{{end}}</nav>
<div id="swagger-ui" data-url="{{(index .Documents 0).URL}}" data-try="{{not .NoTry}}"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="page.js"></script>
</body>
</html>
`))

// asset is a file ready to be sent.
type asset struct {
	media         string
	plain, zipped []byte // either may be nil: what is asked for is then made from the other
	etag          string
}

// Handler serves the page and its files at whatever path it is mounted, by the last segment of the request's path: the
// page for one that ends with /, which is where a path without it is sent. It is safe for concurrent use. p needs a
// document; an error says that it has none.
func Handler(p Page) (http.Handler, error) {
	if len(p.Documents) == 0 {
		return nil, fmt.Errorf("a documentation page needs a document")
	}
	if p.Language == "" {
		p.Language = "it"
	}
	var html bytes.Buffer
	if err := page.Execute(&html, p); err != nil {
		return nil, fmt.Errorf("documentation page: %w", err)
	}
	h := handler{"": newAsset("text/html; charset=utf-8", html.Bytes(), nil)}
	for _, f := range []struct{ name, file, media string }{
		{"page.css", "page.css", "text/css; charset=utf-8"},
		{"page.js", "page.js", "text/javascript; charset=utf-8"},
		{"favicon-32x32.png", "assets/favicon-32x32.png", "image/png"},
		{"LICENSE", "assets/LICENSE", "text/plain; charset=utf-8"},
		{"NOTICE", "assets/NOTICE", "text/plain; charset=utf-8"},
		{"swagger-ui-bundle.js.LICENSE.txt", "assets/swagger-ui-bundle.js.LICENSE.txt", "text/plain; charset=utf-8"},
		{"swagger-ui.css", "assets/swagger-ui.css.gz", "text/css; charset=utf-8"},
		{"swagger-ui-bundle.js", "assets/swagger-ui-bundle.js.gz", "text/javascript; charset=utf-8"},
	} {
		content, err := files.ReadFile(f.file)
		if err != nil {
			return nil, fmt.Errorf("documentation page: %w", err)
		}
		if strings.HasSuffix(f.file, ".gz") {
			h[f.name] = newAsset(f.media, nil, content)
		} else {
			h[f.name] = newAsset(f.media, content, nil)
		}
	}
	return h, nil
}

func newAsset(media string, plain, zipped []byte) asset {
	sum := sha256.Sum256(append(bytes.Clone(plain), zipped...))
	return asset{media: media, plain: plain, zipped: zipped, etag: base64.RawURLEncoding.EncodeToString(sum[:12])}
}

type handler map[string]asset

// ServeHTTP answers GET and HEAD.
func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	a, known := h[name]
	head := w.Header()
	head.Set("X-Content-Type-Options", "nosniff")
	if !known {
		if strings.Contains(name, ".") {
			http.Error(w, "no such file", http.StatusNotFound)
			return
		}
		head.Set("Location", path.Base(r.URL.Path)+"/") // /docs: its files are below it
		w.WriteHeader(http.StatusMovedPermanently)
		return
	}
	zip := a.zipped != nil && acceptsGzip(r.Header.Get("Accept-Encoding"))
	etag := `"` + a.etag + `"`
	if zip {
		etag = `"` + a.etag + `-gz"`
		head.Set("Content-Encoding", "gzip")
	}
	if a.zipped != nil {
		head.Set("Vary", "Accept-Encoding")
	}
	head.Set("Content-Type", a.media)
	head.Set("Etag", etag)
	head.Set("Cache-Control", "no-cache") // asked about each time: the files change with the program
	head.Set("Content-Security-Policy", policy)
	head.Set("Referrer-Policy", "no-referrer")
	if r.Header.Get("If-None-Match") == etag {
		head.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if a.zipped != nil && !zip {
		if r.Method == http.MethodHead {
			return
		}
		if plain, err := gzip.NewReader(bytes.NewReader(a.zipped)); err == nil {
			_, _ = io.Copy(w, plain) // the caller is gone if this fails
		}
		return
	}
	body := a.plain
	if zip {
		body = a.zipped
	}
	head.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the caller is gone if this fails
	}
}

// acceptsGzip reports whether the caller takes gzip: named, or by *, and not with q=0.
func acceptsGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		coding, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if c := strings.ToLower(strings.TrimSpace(coding)); c != "gzip" && c != "*" {
			continue
		}
		q = strings.ReplaceAll(q, " ", "")
		return q == "" || strings.Trim(strings.TrimPrefix(q, "q="), "0.") != ""
	}
	return false
}
