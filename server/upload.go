package server

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"sync/atomic"
	"time"

	"fondaco/routes/trigger"
)

// upload takes a body that is sent on as it comes: of the declared media type, not larger than it may be, and not slower.
func (v *visit) upload() (*trigger.Upload, *trigger.Problem) {
	r := v.r
	limit := v.route.MaxBody
	if limit <= 0 {
		limit = v.s.config.MaxBody
	}
	base, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if want, _, _ := mime.ParseMediaType(v.route.Upload); err != nil || base != want && want != "application/octet-stream" {
		v.w.Header()["Connection"] = closing
		return nil, trigger.NewProblem(http.StatusUnsupportedMediaType, "The body must be "+v.route.Upload+".")
	}
	if _, coded := r.Header["Content-Encoding"]; coded {
		v.w.Header()["Connection"] = closing
		return nil, trigger.NewProblem(http.StatusUnsupportedMediaType, "The body must have no content coding.")
	}
	if r.ContentLength > limit {
		return nil, v.tooLarge()
	}
	u := &upload{v: v, limit: limit}
	return &trigger.Upload{
		Reader: u, Length: r.ContentLength, Type: r.Header.Get("Content-Type"),
		Disposition: r.Header.Get("Content-Disposition"), Problem: u.problem,
	}, nil
}

// upload is a body while it is sent on.
type upload struct {
	v      *visit
	limit  int64
	read   int64
	failed atomic.Pointer[error]
}

var (
	errUpload = errors.New("the body did not come whole")
	errLarge  = errors.New("the body is too large")
)

// problem returns why the body did not come whole. It is called once the exchange has ended.
func (u *upload) problem() *trigger.Problem {
	switch err := u.failed.Load(); {
	case err == nil:
		return nil
	case errors.Is(*err, errLarge):
		return u.v.tooLarge()
	default:
		return u.v.unread(*err)
	}
}

// Read reads what comes. Its error ends the request by which it is sent on: the system never has a short file that looks whole.
func (u *upload) Read(p []byte) (int, error) {
	c := &u.v.s.config
	_ = u.v.setReadDeadline(time.Now().Add(c.HeadTimeout + u.v.atLeast(len(p))))
	n, err := u.v.r.Body.Read(p)
	if u.read += int64(n); u.read > u.limit {
		n, err = 0, errLarge
	}
	switch {
	case errors.Is(err, io.EOF):
		_ = u.v.setReadDeadline(time.Time{})
	case err != nil:
		cause := err
		u.failed.Store(&cause)
		err = errUpload
	}
	return n, err
}
