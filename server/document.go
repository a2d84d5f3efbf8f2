package server

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"fondaco/routes/trigger"
)

// Document returns what serves a document, such as the OpenAPI of the routes, by GET and HEAD: write makes it for the first who asks, and
// it is kept, also compressed. Its ETag follows from its octets, so that it is the same in every process that serves the same project; who
// names it in If-None-Match is answered 304 (RFC 9110 §13.1.2). Safe for concurrent use.
func Document(mediaType string, write func() ([]byte, error)) http.Handler {
	d := &document{media: []string{mediaType}}
	d.made = sync.OnceValue(func() error {
		text, err := write()
		if err != nil {
			return err
		}
		sum := sha256.Sum256(text)
		d.tag = `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
		d.text = text
		z := zippers.Get().(*zipper)
		d.zipped = slices.Clone(z.zip(text))
		zippers.Put(z)
		return nil
	})
	return d
}

type document struct {
	media []string
	made  func() error // sets what follows

	text, zipped []byte
	tag          string
}

func (d *document) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if d.made() != nil {
		http.Error(w, "the document cannot be written", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h["Content-Type"], h["Cache-Control"] = d.media, noCache
	h.Add("Vary", "Accept-Encoding")
	body, tag := d.text, d.tag
	if acceptsGzip(r.Header["Accept-Encoding"]) {
		body, tag = d.zipped, trigger.TagOfGzip(d.tag)
	}
	h["Etag"] = []string{tag}
	if trigger.NoneMatch(r.Header["If-None-Match"], d.tag) {
		delete(h, "Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if tag != d.tag {
		h["Content-Encoding"] = gzipCoding
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // the caller is gone if this fails
}

var noCache = []string{"no-cache"}
