package pages

import (
	"bytes"
	"compress/gzip"
	"embed"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

//go:embed assets templates
var files embed.FS

// media are the types of the files in assets, by their names' ends.
var media = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
}

// assets serves the files that pages load. Those that are kept compressed are unpacked once, when the first is asked for.
func assets() http.Handler {
	read := sync.OnceValue(func() map[string][]byte {
		all := map[string][]byte{}
		entries, _ := files.ReadDir("assets")
		for _, e := range entries {
			content, _ := files.ReadFile("assets/" + e.Name())
			name, packed := strings.CutSuffix(e.Name(), ".gz")
			if packed {
				if r, err := gzip.NewReader(bytes.NewReader(content)); err == nil {
					content, _ = io.ReadAll(r)
				}
			}
			all[name] = content
		}
		return all
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, Root+"assets/")
		content, known := read()[name]
		if !known {
			http.Error(w, "there is no such file", http.StatusNotFound)
			return
		}
		h := w.Header()
		h.Set("Content-Type", media[name[strings.LastIndexByte(name, '.'):]])
		h.Set("Cache-Control", "max-age=300")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content) // whoever asked is gone if this fails
	})
}

// parsed is a page's template in the frame of all.
func parsed(name string) *template.Template {
	return template.Must(template.New("frame.html").Funcs(functions).ParseFS(files, "templates/frame.html", "templates/parts.html",
		"templates/"+name+".html"))
}
