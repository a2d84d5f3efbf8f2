package server

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"fondaco/openapi"
	"fondaco/routes/trigger"
	"fondaco/server/door"

	"github.com/klauspost/compress/gzip"
)

// formMedia is the media type of bodies with fields and files.
const formMedia = "multipart/form-data"

// firstBody is what is set aside for a body before any of it has come.
const firstBody = 16 << 10

// body reads a request's body whole: only where one is declared, of the declared kind, not larger than it may be, and
// not slower. The bytes are the exchange's own.
func (v *visit) body() ([]byte, *trigger.Problem) {
	r := v.r
	if r.ContentLength == 0 {
		return nil, nil
	}
	limit := v.route.MaxBody
	if limit <= 0 {
		limit = v.s.config.MaxBody
	}
	if !v.route.HasBody {
		v.w.Header()["Connection"] = closing
		return nil, trigger.NewProblem(http.StatusBadRequest, "This operation takes no body.")
	}
	if v.route.Form {
		if base, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || base != formMedia {
			v.w.Header()["Connection"] = closing
			return nil, trigger.NewProblem(http.StatusUnsupportedMediaType, "The body must be "+formMedia+".")
		}
	} else if media := openapi.JSONMedia(r.Method); !v.route.Raw && !isJSON(media, r.Header["Content-Type"]) {
		if r.Method == http.MethodPatch { // RFC 5789 §2.2
			v.w.Header()["Accept-Patch"] = []string{media}
		}
		return nil, trigger.NewProblem(http.StatusUnsupportedMediaType, "The body must be "+media+" in UTF-8.")
	}
	zipped := false
	if coding, ok := r.Header["Content-Encoding"]; ok {
		switch {
		case strings.EqualFold(coding[0], "gzip"):
			zipped = true
		case !strings.EqualFold(coding[0], "identity"):
			return nil, trigger.NewProblem(http.StatusUnsupportedMediaType, "The content coding must be gzip, or none.")
		}
	}
	if r.ContentLength > limit {
		return nil, v.tooLarge()
	}
	raw, p := v.read(limit)
	if p == nil && zipped {
		raw, p = v.unzip(raw, limit)
	}
	if p == nil {
		p = v.hold(valuesOf(raw))
	}
	if p != nil {
		return nil, p
	}
	return raw, nil
}

func (v *visit) tooLarge() *trigger.Problem {
	v.w.Header()["Connection"] = closing
	return trigger.NewProblem(http.StatusRequestEntityTooLarge, "The body is too large.")
}

// read reads the body as it comes.
func (v *visit) read(limit int64) ([]byte, *trigger.Problem) {
	r, known := v.r, v.r.ContentLength > 0
	size := int64(4 << 10)
	if known {
		size = min(r.ContentLength, firstBody)
	}
	if p := v.hold(size); p != nil {
		return nil, p
	}
	buf := make([]byte, 0, size)
	for {
		if len(buf) == cap(buf) {
			if known && int64(len(buf)) == r.ContentLength {
				return buf, nil
			}
			grown := min(2*int64(cap(buf)), limit+1)
			if known {
				grown = min(grown, r.ContentLength)
			}
			if p := v.hold(grown - int64(cap(buf))); p != nil {
				return nil, p
			}
			buf = append(make([]byte, 0, grown), buf...)
		}
		n, err := r.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return nil, v.tooLarge()
		}
		switch {
		case err == io.EOF:
			return buf, nil
		case err != nil:
			return nil, v.unread(err)
		case known && int64(len(buf)) == r.ContentLength:
			return buf, nil
		}
		// The server's own timeout covers the first bytes; from here on the body must keep its pace.
		_ = v.setReadDeadline(v.began.Add(v.s.config.HeadTimeout + v.atLeast(len(buf))))
	}
}

// atLeast returns how long n bytes may take at the slowest rate.
func (v *visit) atLeast(n int) time.Duration {
	return time.Duration(n) * time.Second / time.Duration(v.s.config.MinRate)
}

// unread says why a body could not be read.
func (v *visit) unread(err error) *trigger.Problem {
	v.w.Header()["Connection"] = closing
	var refusal *door.Refusal
	switch {
	case errors.As(err, &refusal):
		v.s.metrics.refused.Inc()
		return trigger.NewProblem(refusal.Status, refusal.Detail)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return trigger.NewProblem(http.StatusRequestTimeout, "The body did not arrive in time.")
	}
	return trigger.NewProblem(http.StatusBadRequest, "The body is incomplete.")
}

// isJSON reports whether the media type is this one of JSON, in the only encoding that JSON has.
func isJSON(media string, types []string) bool {
	if len(types) != 1 {
		return false
	}
	if types[0] == media {
		return true
	}
	t, params, err := mime.ParseMediaType(types[0])
	if err != nil || t != media {
		return false
	}
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return false
		}
	}
	return true
}

// unzippers are gzip readers between two bodies.
var unzippers = sync.Pool{New: func() any { return new(gzip.Reader) }}

// mostZipped is how many times larger what comes out is taken to be than what goes in, before it has come.
const mostZipped = 20

// unzip undoes gzip. What comes out keeps to the same limit: that is what makes a bomb harmless.
func (v *visit) unzip(raw []byte, limit int64) ([]byte, *trigger.Problem) {
	malformed := trigger.NewProblem(http.StatusBadRequest, "The body is not the gzip that Content-Encoding says.")
	in := bytes.NewReader(raw)
	z := unzippers.Get().(*gzip.Reader)
	defer unzippers.Put(z)
	if z.Reset(in) != nil {
		return nil, malformed
	}
	z.Multistream(false)
	if p := v.hold(min(limit, mostZipped*int64(len(raw)))); p != nil {
		return nil, p
	}
	out := bytes.NewBuffer(make([]byte, 0, min(limit, 4*int64(len(raw)))))
	switch n, err := io.CopyN(out, z, limit+1); {
	case n > limit:
		return nil, v.tooLarge()
	case !errors.Is(err, io.EOF) || in.Len() > 0:
		return nil, malformed
	}
	return out.Bytes(), nil
}
