package server

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"fondaco/routes/trigger"

	"github.com/klauspost/compress/gzip"
)

// respond writes a route's answer.
func (v *visit) respond(res *trigger.Response) {
	h := v.w.Header()
	v.head(res)
	if res.Tagged && res.Status == http.StatusNotModified {
		v.vary("Accept-Encoding")
	}
	if len(res.Body) == 0 {
		v.write(res.Status, nil)
		return
	}
	switch res.ContentType {
	case jsonType[0]:
		h["Content-Type"] = jsonType
	case "":
		h["Content-Type"] = octetsType
	default:
		h["Content-Type"] = []string{res.ContentType}
	}
	if len(res.Body) < leastZipped || !compressible(res.ContentType) {
		v.write(res.Status, res.Body)
		return
	}
	v.vary("Accept-Encoding")
	if !acceptsGzip(v.r.Header["Accept-Encoding"]) {
		v.write(res.Status, res.Body)
		return
	}
	z := zippers.Get().(*zipper)
	h["Content-Encoding"] = gzipCoding
	if res.Tagged { // a strong tag is of one coding (RFC 9110 §8.8.3.3)
		h["Etag"] = []string{trigger.TagOfGzip(h["Etag"][0])}
	}
	v.write(res.Status, z.zip(res.Body))
	zippers.Put(z)
}

// head sets the fields of an answer's head that the route sets.
func (v *visit) head(res *trigger.Response) {
	h := v.w.Header()
	for _, f := range res.Header {
		name := http.CanonicalHeaderKey(f.Name)
		if name == "Set-Cookie" {
			h[name] = append(h[name], f.Value)
			continue
		}
		h[name] = []string{f.Value}
	}
	h["Content-Security-Policy"] = nothingMore
}

var (
	jsonType   = []string{"application/json"}
	octetsType = []string{"application/octet-stream"}
	gzipCoding = []string{"gzip"}
)

// write sends head and body. Whoever takes the answer more slowly than the least rate is cut off.
func (v *visit) write(status int, body []byte) {
	v.status = status
	empty := status < 200 || status == 204 || status == 304
	if !empty {
		v.w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	_ = v.deadline(len(body))
	v.w.WriteHeader(status)
	if empty || len(body) == 0 {
		return
	}
	v.bytes, _ = v.w.Write(body)
}

// deadline sets by when n bytes of the answer must be taken.
func (v *visit) deadline(n int) error {
	if d, ok := v.w.(interface{ SetWriteDeadline(time.Time) error }); ok {
		return d.SetWriteDeadline(time.Now().Add(v.s.config.WriteTimeout + v.atLeast(n)))
	}
	return nil
}

func (v *visit) setReadDeadline(t time.Time) error {
	if d, ok := v.w.(interface{ SetReadDeadline(time.Time) error }); ok {
		return d.SetReadDeadline(t)
	}
	return nil
}

func (v *visit) vary(name string) {
	h := v.w.Header()
	if old := h["Vary"]; len(old) > 0 {
		name = old[0] + ", " + name
	}
	h["Vary"] = []string{name}
}

// leastZipped is the size from which compressing pays.
const leastZipped = 1 << 10

func compressible(contentType string) bool {
	return contentType == "application/json" || strings.HasPrefix(contentType, "text/") ||
		strings.Contains(contentType, "+json") || strings.Contains(contentType, "xml")
}

// acceptsGzip reports whether a caller says gzip, and not with the weight 0.
func acceptsGzip(accept []string) bool {
	for _, a := range accept {
		for one := range strings.SplitSeq(a, ",") {
			coding, weight, _ := strings.Cut(strings.TrimSpace(one), ";")
			if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
				continue
			}
			_, q, weighed := strings.Cut(weight, "=")
			return !weighed || strings.Trim(q, "0. ") != ""
		}
	}
	return false
}

// zipper is a gzip writer with the buffer that it writes to.
type zipper struct {
	w   *gzip.Writer
	out bytes.Buffer
}

var zippers = sync.Pool{New: func() any {
	z := &zipper{}
	z.w, _ = gzip.NewWriterLevel(&z.out, gzip.BestSpeed+1)
	return z
}}

// zip compresses body; the result is good until the zipper's next use.
func (z *zipper) zip(body []byte) []byte {
	z.out.Reset()
	z.w.Reset(&z.out)
	_, _ = z.w.Write(body) // a bytes.Buffer takes all
	_ = z.w.Close()
	return z.out.Bytes()
}
